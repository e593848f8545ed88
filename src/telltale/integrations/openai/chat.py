"""Chat completions: `create` and `parse`."""

from typing import Any

from telltale.integrations.chat_completions import completion_told, joined, words_asked
from telltale.integrations.facts import FACTS
from telltale.integrations.openai.request import asked, name_of_chat
from telltale.integrations.stainless import parsed, watch_stream
from telltale.nouns.span import Kind
from telltale.tracing.calls import Call, Target


def chat(path: str, unless: str = "") -> Target:
    """The target of one `create` or `parse`."""
    return Target(
        path=path,
        unless=unless,
        kind=Kind.LLM,
        name=name_of_chat,
        before=_before,
        after=_after,
        facts=FACTS,
        watch=watch_stream,
        joined_chunks=joined,
    )


def _before(call: Call) -> dict[str, Any]:
    return asked(call) | words_asked(call.kwargs)


def _after(call: Call, result: Any) -> dict[str, Any]:
    return completion_told(parsed(result))
