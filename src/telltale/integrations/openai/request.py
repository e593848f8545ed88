"""What every request of the openai client tells, and what every answer does."""

from typing import Any

from telltale.conventions import attributes as names
from telltale.integrations.reading import parameters, texts
from telltale.integrations.stainless import learn_keys
from telltale.tracing.calls import Call

_REQUEST = {
    "model": names.REQUEST_MODEL,
    "temperature": names.REQUEST_TEMPERATURE,
    "top_p": names.REQUEST_TOP_P,
    "max_tokens": names.REQUEST_MAX_TOKENS,
    "max_completion_tokens": names.REQUEST_MAX_TOKENS,
    "max_output_tokens": names.REQUEST_MAX_TOKENS,
    "seed": names.REQUEST_SEED,
    "frequency_penalty": names.REQUEST_FREQUENCY_PENALTY,
    "presence_penalty": names.REQUEST_PRESENCE_PENALTY,
    "n": names.REQUEST_CHOICE_COUNT,
}
FACTS = frozenset(
    {
        # The request as it was sent: crewAI's event has it cut to a depth, with reprs below it.
        names.INPUT_MESSAGES,
        names.SYSTEM_INSTRUCTIONS,
        names.TOOL_DEFINITIONS,
        names.RESPONSE_MODEL,
        names.RESPONSE_ID,
        names.FINISH_REASONS,
        names.INPUT_TOKENS,
        names.OUTPUT_TOKENS,
        names.CACHE_READ_TOKENS,
        names.CACHE_WRITE_TOKENS,
        names.REASONING_TOKENS,
    }
)
"""What a client knows better than the framework above it."""


def asked(call: Call) -> dict[str, Any]:
    """Who is asked, for which model, and how."""
    client = getattr(call.owner, "_client", None)
    learn_keys(client, call.kwargs)
    told = {names.PROVIDER: _provider(client)} | parameters(call.kwargs, _REQUEST)
    if call.kwargs.get("stream") is True:
        told[names.REQUEST_STREAM] = True
    return told


def answered(response: Any) -> dict[str, Any]:
    """Which model has answered."""
    return dict(texts(response, {"model": names.RESPONSE_MODEL, "id": names.RESPONSE_ID}))


def name_of_chat(call: Call) -> str:
    """A chat's name while it is not known what came of it."""
    return f"chat {call.kwargs.get('model', '')}".strip()


def _provider(client: Any) -> str:
    """Who serves it, as far as the client knows: Azure has a client class of its own."""
    return "azure.ai.openai" if "Azure" in type(client).__name__ else "openai"
