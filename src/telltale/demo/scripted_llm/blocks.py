"""Conversations in blocks, as Anthropic and Bedrock have them, in the form that the script reads.

There a tool's result is a block of the user's message, and a call a block of the model's; here
each result is a message, and the calls stand beside the model's words.
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from telltale.demo.scripted_llm.request import (
    FunctionCall,
    JsonSchema,
    Message,
    ResponseFormat,
    ToolCall,
)

Block = dict[str, Any]


def messages_of(
    system: str | list[Block],
    conversation: Iterable[tuple[str, str | list[Block]]],
    result_of: Callable[[Block], Any],
    call_of: Callable[[Block], tuple[str, str, Any] | None],
) -> list[Message]:
    """The whole conversation, beginning with what the model is told apart from it.

    Args:
        result_of: The text of a block that is a tool's result; None where it is none.
        call_of: Id, name and arguments of a block that is a call; None where it is none.
    """
    messages = [msgspec.convert({"role": "system", "content": system}, Message)] if system else []
    for role, content in conversation:
        blocks = [{"text": content}] if isinstance(content, str) else content
        results = [text for block in blocks if (text := result_of(block)) is not None]
        calls = [_call(*call) for block in blocks if (call := call_of(block)) is not None]
        words = [block for block in blocks if block.get("text")]
        messages += [Message("tool", text) for text in results]
        if words or calls or not results:
            spoken = {"role": role, "content": words, "tool_calls": None}
            message = msgspec.convert(spoken, Message)
            messages.append(msgspec.structs.replace(message, tool_calls=calls or None))
    return messages


def schema_of(schema: dict[str, Any] | None) -> ResponseFormat | None:
    """What the answer must satisfy: such a schema's only name is its title."""
    if schema is None:
        return None
    return ResponseFormat("json_schema", JsonSchema(str(schema.get("title", "")), schema))


def _call(call_id: str, name: str, arguments: Any) -> ToolCall:
    return ToolCall(FunctionCall(name, msgspec.json.encode(arguments).decode()), call_id)
