"""Messages as programs write them down → `nouns.Message`.

Several spellings are in use: OpenTelemetry's (`role`, `parts`), OpenAI's (`role`, `content`,
`tool_calls`) and that of its Responses (items, each with a `type`), Anthropic's (`role`, `content`
blocks) and Bedrock's (blocks that are named by their one key). What a message holds that we have
no word for is kept as it came, as an `Other` part: nothing that was said is dropped.
"""

from typing import Any

import msgspec

from telltale.conventions.reading import as_id, as_text, from_json, kept, structured
from telltale.nouns.message import (
    Message,
    Other,
    Part,
    Reasoning,
    Text,
    ToolCall,
    ToolResult,
)
from telltale.nouns.text import sound

_decode_own = msgspec.json.Decoder(tuple[Message, ...]).decode

_TEXT = frozenset({"text", "input_text", "output_text", "refusal"})
_REASONING = frozenset({"reasoning", "thinking"})
_CALL = frozenset({"tool_call", "tool_use", "function_call"})
_RESULT = frozenset({"tool_call_response", "tool_result", "function_call_output"})
_SAID_BY = {"function_call": "assistant", "reasoning": "assistant", "function_call_output": "tool"}
"""Whose an item of OpenAI's Responses is, which has no role."""


def read_messages(value: object, said_by: str) -> tuple[Message, ...]:
    """Messages from JSON text or from structured values; none where there are none.

    Args:
        said_by: The role of words that stand there without one.
    """
    if not value:
        return ()
    if isinstance(value, str):
        own = _read_own(value)
        if own is not None:
            return own
    said = structured(value)
    if isinstance(value, str) and not isinstance(said, str | list | dict):
        said = value  # Somebody said `12`, and it happens to be JSON.
    return messages_in(said, said_by)


def messages_in(said: Any, said_by: str) -> tuple[Message, ...]:
    """The same of what is structured, and such as can be stored."""
    items = said if isinstance(said, list) else [said]
    return tuple(_message(item, said_by) for item in items if item not in (None, "", {}))


def read_instructions(value: object) -> tuple[Message, ...]:
    """What a model was told apart from the conversation: one system message, or none."""
    value = structured(value)
    if not value:
        return ()
    if isinstance(value, list) and all(isinstance(i, dict) and "role" in i for i in value):
        return tuple(_message(item, "system") for item in value)
    return (Message("system", _parts(value)),)


def _read_own(text: str) -> tuple[Message, ...] | None:
    """Read OpenTelemetry's spelling at once, which msgspec does in C; None where it is another.

    A decoder passes over fields that it does not know, so what looks empty is another spelling.
    """
    try:
        messages = _decode_own(text)
    except (ValueError, RecursionError):
        return None
    if all(message.parts and all(map(_is_own, message.parts)) for message in messages):
        return messages
    return None


def _is_own(part: Part) -> bool:
    """Whether a part was read whole, and holds nothing that wants a second look."""
    match part:
        case Text() | Reasoning():
            return True
        case ToolCall(arguments=held):
            return held is not None and not isinstance(held, str) and kept(held) == held
        case ToolResult(response=held):
            return held is not None and kept(held) == held
    return False


def _message(item: Any, said_by: str) -> Message:
    if not isinstance(item, dict):
        return Message(said_by, _parts(item))
    role = as_text(item.get("role")) or said_by
    name = as_text(item.get("name"))
    finish = as_text(item.get("finish_reason"))
    if "parts" in item:
        return Message(role, _parts(item["parts"]), name, finish)
    if not {"role", "content", "tool_calls"} & item.keys():
        if isinstance(kind := item.get("type"), str) and kind in _SAID_BY:
            return Message(_SAID_BY[kind], (_part(item),))  # Its name is that of a tool.
        return Message(role, (_part(item),), name, finish)
    if role == "tool" and (as_id(item.get("tool_call_id")) or as_id(item.get("id"))):
        call = as_id(item.get("tool_call_id")) or as_id(item.get("id"))
        return Message(role, (ToolResult(kept(item.get("content")), call),), name, finish)
    thought = as_text(item.get("reasoning_content"))
    return Message(
        role,
        (
            *((Reasoning(thought),) if thought else ()),
            *_parts(item.get("content")),
            *_calls(item.get("tool_calls")),
        ),
        name,
        finish,
    )


def _parts(value: Any) -> tuple[Part, ...]:
    if value is None or value == "":
        return ()
    return tuple(_part(item) for item in value) if isinstance(value, list) else (_part(value),)


def _part(value: Any) -> Part:
    if isinstance(value, str):
        return Text(sound(value))
    if not isinstance(value, dict):
        return _other(value)
    kind = value.get("type", "text")
    if not isinstance(kind, str):
        return _other(value)
    if "type" not in value and len(value) == 1:
        return _keyed(value)
    if kind in _TEXT:
        return _said(Text, value, "content", "text", "refusal")
    if kind in _REASONING:
        return _said(Reasoning, value, "content", "thinking", "text")
    if kind in _CALL:
        return _call(value)
    if kind in _RESULT:
        return _result(value)
    if kind == "function" and "function" in value:
        return _calls([value])[0]
    if kind == "other" and value.keys() == {"type", "content"}:
        return _other(value["content"])  # Our own way of writing it.
    return _other(value)


def _keyed(value: dict[str, Any]) -> Part:
    """A block of Bedrock's: its one key says what it is."""
    ((key, held),) = value.items()
    if not isinstance(held, dict):
        return _said(Text, value, "content", "text", "refusal")
    if key == "toolUse":
        return _call({"id": held.get("toolUseId")} | held)
    if key == "toolResult":
        blocks = held.get("content")
        single = blocks[0] if isinstance(blocks, list) and len(blocks) == 1 else None
        words = single.get("text") if isinstance(single, dict) else None
        return ToolResult(kept(blocks if words is None else words), as_id(held.get("toolUseId")))
    if key == "reasoningContent" and isinstance(thought := held.get("reasoningText"), dict):
        return _said(Reasoning, thought, "text")
    return _other(value)


def _other(value: Any) -> Other:
    return Other(kept(value))


def _said(noun: type[Text] | type[Reasoning], value: dict[str, Any], *keys: str) -> Part:
    for key in keys:
        if isinstance(value.get(key), str):
            return noun(value[key])
    if noun is Reasoning and isinstance(summary := value.get("summary"), list):
        told = [part["text"] for part in summary if isinstance(part, dict) and "text" in part]
        if told:
            return noun("\n".join(map(str, told)))
    return _other(value)


def _calls(value: Any) -> tuple[Part, ...]:
    """OpenAI's `tool_calls`: the name and the arguments lie one level deeper."""
    if not isinstance(value, list):
        return () if value is None else (_other(value),)
    parts: list[Part] = []
    for item in value:
        function = item.get("function") if isinstance(item, dict) else None
        if isinstance(function, dict):
            parts.append(_call({"id": item.get("id")} | function))
        else:
            parts.append(_call(item) if isinstance(item, dict) else _other(item))
    return tuple(parts)


def _call(value: dict[str, Any]) -> Part:
    name = as_text(value.get("name"))
    if name is None:
        return _other(value)
    arguments = value.get("arguments", value.get("input"))
    if isinstance(arguments, str):
        arguments = from_json(arguments)
    # OpenAI's Responses have both: results name the second, the first is the item's own.
    call = next((value[key] for key in ("call_id", "id", "toolUseId") if value.get(key)), None)
    return ToolCall(name, kept(arguments), as_id(call))


def _result(value: dict[str, Any]) -> Part:
    # Examples in the conventions said `result` until they settled on `response`.
    keys = ("response", "result", "content", "output")
    response = next((value[key] for key in keys if value.get(key) is not None), None)
    call = next((value[key] for key in ("id", "tool_use_id", "call_id") if value.get(key)), None)
    return ToolResult(kept(response), as_id(call))
