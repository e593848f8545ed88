"""What was said to a model and by it, in the shape of OpenTelemetry's GenAI messages."""

from collections.abc import Iterable
from typing import Any

import msgspec


class Text(msgspec.Struct, frozen=True, tag_field="type", tag="text"):
    """Words."""

    content: str


class Reasoning(msgspec.Struct, frozen=True, tag_field="type", tag="reasoning"):
    """Words that the model thought before it answered."""

    content: str


class ToolCall(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="tool_call"):
    """The model asks for a tool."""

    name: str
    arguments: Any = None
    """Decoded where it is JSON, else the text as it came."""
    id: str | None = None


class ToolResult(
    msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="tool_call_response"
):
    """What the tool answered, told to the model."""

    response: Any = None
    id: str | None = None


class Other(msgspec.Struct, frozen=True, tag_field="type", tag="other"):
    """A part that we do not draw yet: an image, a file, a provider's own. Kept as it came."""

    content: Any


Part = Text | Reasoning | ToolCall | ToolResult | Other


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """One turn of a conversation."""

    role: str
    """system, user, assistant, tool, or what the provider calls it."""
    parts: tuple[Part, ...] = ()
    name: str | None = None
    finish_reason: str | None = None


def words(messages: Iterable[Message]) -> str:
    """What was said in plain words, line by line."""
    parts = (part for message in messages for part in message.parts)
    return "\n".join(part.content for part in parts if isinstance(part, Text))
