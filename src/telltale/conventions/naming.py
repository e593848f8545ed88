"""What an LLM call is called: by what came of it, not by the function that was called.

    purpose          what came of it                     name
    agent, none      one call of a tool                  → search(…)
                     the same tool twice                 → search(…) ×2
                     several tools                       → search(…), read(…)
                     more than three                     → search(…), read(…), write(…), +2
                     plain words                         → final answer
                     words, cut off by the token limit   → cut short
                     held back by the provider           → blocked
    recall           anything                            → recall
    rewrite          anything                            → rewrite query
    extract          anything                            → extract memories
    encode           anything                            → encode memory
    plan             anything                            → plan
    guardrail        anything                            → check guardrail
    tool             anything                            → help a tool
    any              a failure                           → error

Names are short and of low cardinality, so that they group; what tells two siblings apart is the
label. A call of which nothing is known (it still runs, or its content was not recorded) has no
such name: the caller keeps the one it has.
"""

from collections import Counter
from collections.abc import Sequence

from telltale.conventions.attributes import ERROR_TYPE
from telltale.conventions.reading import as_text
from telltale.nouns.message import Message, Text, ToolCall
from telltale.nouns.span import Kind, RawSpan, Status
from telltale.nouns.text import sound

ERROR = "→ error"
FINAL_ANSWER = "→ final answer"
_CUT_OFF = {
    "length": "→ cut short",
    "max_tokens": "→ cut short",
    "content_filter": "→ blocked",
    "safety": "→ blocked",
}
_PURPOSES = {
    "recall": "→ recall",
    "rewrite": "→ rewrite query",
    "extract": "→ extract memories",
    "encode": "→ encode memory",
    "plan": "→ plan",
    "guardrail": "→ check guardrail",
    "tool": "→ help a tool",
}
_TOOLS_SHOWN = 3
_TOOL_NAME_LENGTH = 32


def llm_outcome_name(
    output_messages: Sequence[Message],
    error_type: str | None = None,
    purpose: str | None = None,
) -> str | None:
    """The name of an LLM call, from what came of it; None where nothing is known yet.

    Args:
        purpose: `telltale.crew.purpose`. Only an agent's plain words are an answer: a memory
            that was extracted, or a query that was rewritten, is none.
    """
    if error_type:
        return ERROR
    if purpose in _PURPOSES:
        return _PURPOSES[purpose] if output_messages else None
    parts = [part for message in output_messages for part in message.parts]
    tools = [part.name for part in parts if isinstance(part, ToolCall)]
    if tools:
        return "→ " + _tool_list(Counter(tools))
    if not any(isinstance(part, Text) and part.content for part in parts):
        return _cut_off(output_messages)
    return _cut_off(output_messages) or FINAL_ANSWER


def called(
    raw: RawSpan, kind: Kind, output_messages: Sequence[Message], own: str | None = None
) -> str:
    """The name of a foreign program's span: its own, but of an LLM call what came of it.

    Args:
        own: The name that the program gave it beside the span's, where there is one.
    """
    outcome = None
    if kind is Kind.LLM:
        failed = as_text(raw.attributes.get(ERROR_TYPE)) or (
            "error" if raw.status is Status.ERROR else None
        )
        outcome = llm_outcome_name(output_messages, failed)
    return outcome or own or sound(raw.name)


def _tool_list(tools: Counter[str]) -> str:
    shown = [
        f"{_short(name)}(…)" + (f" ×{count}" if count > 1 else "")
        for name, count in list(tools.items())[:_TOOLS_SHOWN]
    ]
    rest = sum(list(tools.values())[_TOOLS_SHOWN:])
    return ", ".join([*shown, f"+{rest}"] if rest else shown)


def _short(tool: str) -> str:
    name = "_".join(tool.split()) or "tool"
    return name if len(name) <= _TOOL_NAME_LENGTH else name[: _TOOL_NAME_LENGTH - 1] + "…"


def _cut_off(messages: Sequence[Message]) -> str | None:
    reasons = (message.finish_reason for message in messages if message.finish_reason)
    return next(
        (_CUT_OFF[reason.lower()] for reason in reasons if reason.lower() in _CUT_OFF), None
    )
