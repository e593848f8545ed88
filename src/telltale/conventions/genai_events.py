"""Messages on a span's events, where OpenTelemetry's GenAI conventions had them before 1.37.

One event a message (`gen_ai.user.message`, …, `gen_ai.choice`), or one with the whole
conversation (`gen_ai.content.prompt`, `gen_ai.client.inference.operation.details`).
"""

from typing import Any

from telltale.conventions import model_call
from telltale.conventions.messages import read_messages
from telltale.conventions.reading import structured
from telltale.nouns.message import Message
from telltale.nouns.span import RawEvent

_ROLES = {
    "gen_ai.system.message": "system",
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
}
_CHOICE = "gen_ai.choice"
_NESTED = ("content", "tool_calls", "message")
"""Attributes of an event that hold JSON."""
_WHOLE = "gen_ai.event.content"
"""The message in one JSON text, as Azure's clients write it."""


def asked_in_events(events: tuple[RawEvent, ...]) -> tuple[Message, ...]:
    """What the model was told, in the order of the events."""
    return tuple(message for event in events for message in _asked(event))


def answered_in_events(events: tuple[RawEvent, ...]) -> tuple[Message, ...]:
    """What the model said, one message a choice."""
    return tuple(message for event in events for message in _answered(event))


def _asked(event: RawEvent) -> tuple[Message, ...]:
    role = _ROLES.get(event.name)
    if role is None:
        return model_call.asked(event.attributes) if event.name != _CHOICE else ()
    return read_messages({"role": role} | _fields(event.attributes), role)


def _answered(event: RawEvent) -> tuple[Message, ...]:
    if event.name in _ROLES:
        return ()
    if event.name != _CHOICE:
        return model_call.answered(event.attributes)
    fields = _fields(event.attributes)
    said = fields.get("message")
    if isinstance(said, str):
        said = {"content": said}
    return read_messages(
        {"role": "assistant"} | fields | (said if isinstance(said, dict) else {}), "assistant"
    )


def _fields(attributes: dict[str, Any]) -> dict[str, Any]:
    """The event's attributes as a message in OpenAI's form."""
    whole = structured(attributes.get(_WHOLE))
    return {
        key: structured(value) if key in _NESTED and _looks_nested(value) else value
        for key, value in attributes.items()
    } | (whole if isinstance(whole, dict) else {})


def _looks_nested(value: object) -> bool:
    """Whether text is JSON of something; the words `12` and `null` are words."""
    return not isinstance(value, str) or value[:1] in "{["
