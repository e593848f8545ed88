"""What every request of the openai client tells, and what every answer does."""

from typing import Any

from telltale.conventions import attributes as names
from telltale.integrations.chat_completions import PARAMETERS
from telltale.integrations.reading import parameters
from telltale.integrations.stainless import learn_keys
from telltale.tracing.calls import Call

_REQUEST = PARAMETERS | {
    "model": names.REQUEST_MODEL,
    "max_output_tokens": names.REQUEST_MAX_TOKENS,
    "n": names.REQUEST_CHOICE_COUNT,
}


def asked(call: Call) -> dict[str, Any]:
    """Who is asked, for which model, and how."""
    client = getattr(call.owner, "_client", None)
    learn_keys(client, call.kwargs)
    told = {names.PROVIDER: _provider(client)} | parameters(call.kwargs, _REQUEST)
    if call.kwargs.get("stream") is True:
        told[names.REQUEST_STREAM] = True
    return told


def _provider(client: Any) -> str:
    """Who serves it, as far as the client knows: Azure has a client class of its own."""
    return "azure.ai.openai" if "Azure" in type(client).__name__ else "openai"
