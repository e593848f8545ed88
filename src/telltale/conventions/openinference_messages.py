"""Messages as OpenInference flattens them → `nouns.Message`.

`llm.input_messages.0.message.contents.1.message_content.text`: each object repeats what it is in
the names of its own fields. Here they become messages in OpenAI's spelling, which is read anyway.
"""

from typing import Any

import msgspec

from telltale.conventions.flattened import listed, sequence
from telltale.conventions.messages import read_messages
from telltale.conventions.reading import as_text
from telltale.nouns.message import Message

_CALL = {"name": "function_call_name", "arguments": "function_call_arguments_json"}


def asked(attributes: dict[str, Any]) -> tuple[Message, ...]:
    """What the model was told; of an old completion, its prompts."""
    told = _messages(listed(attributes, "llm.input_messages"), "user")
    return told or _plain(attributes, "llm.prompts", "prompt", "user")


def answered(attributes: dict[str, Any]) -> tuple[Message, ...]:
    """What the model said, one message a choice; the first with why it ended."""
    said = _messages(listed(attributes, "llm.output_messages"), "assistant")
    said = said or _plain(attributes, "llm.choices", "completion", "assistant")
    reason = as_text(attributes.get("llm.finish_reason"))
    # It is told of the first choice alone.
    if not said or reason is None or said[0].finish_reason:
        return said
    return (msgspec.structs.replace(said[0], finish_reason=reason), *said[1:])


def _messages(items: list[Any], said_by: str) -> tuple[Message, ...]:
    told = [
        {"role": said_by} | _message(inner(item, "message")) for item in items if item is not None
    ]
    return read_messages(told, said_by)


def _message(said: Any) -> dict[str, Any]:
    if not isinstance(said, dict):
        return {"content": said}
    calls = [inner(call, "tool_call") for call in sequence(said.get("tool_calls"))]
    if _CALL["name"] in said:
        calls.append({name: said.get(key) for name, key in _CALL.items()})
    return {
        key: value
        for key, value in said.items()
        if key in ("role", "name", "tool_call_id", "finish_reason")
    } | {"content": _content(said), "tool_calls": calls}


def _content(said: dict[str, Any]) -> Any:
    """The words, or the parts; words that stand apart from the parts come first."""
    words = said.get("content")
    parts = [_part(inner(part, "message_content")) for part in sequence(said.get("contents"))]
    if not parts:
        return words
    told = any(isinstance(part, dict) and part.get("text") == words for part in parts)
    return parts if told or not words else [words, *parts]


def _part(part: Any) -> Any:
    """A part without the second naming of what it holds: `image.image.url`."""
    if not isinstance(part, dict):
        return part
    return {key: inner(value, key) for key, value in part.items()}


def inner(item: Any, name: str) -> Any:
    """The fields of an object, which stand below its name."""
    return item.get(name, item) if isinstance(item, dict) else item


def _plain(attributes: dict[str, Any], name: str, field: str, said_by: str) -> tuple[Message, ...]:
    """Words without a role."""
    items = [inner(item, field) for item in listed(attributes, name)]
    words = [item.get("text") if isinstance(item, dict) else item for item in items]
    return read_messages(
        [{"role": said_by, "content": text} for text in words if isinstance(text, str)], said_by
    )
