"""Chat completions: `create` and `parse`."""

from functools import partial
from typing import Any

from telltale.integrations.chat_completions import completion_told, joined, words_asked
from telltale.integrations.model_calls import CHAT
from telltale.integrations.openai.request import asked
from telltale.integrations.stainless import parsed, watch_stream
from telltale.tracing.calls import Call


def _before(call: Call) -> dict[str, Any]:
    return asked(call) | words_asked(call.kwargs)


def _after(call: Call, result: Any) -> dict[str, Any]:
    return completion_told(parsed(result))


chat = partial(CHAT, before=_before, after=_after, watch=watch_stream, joined_chunks=joined)
"""The target of one `create` or `parse`."""
