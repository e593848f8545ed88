"""Responses: items in and out; a stream repeats the whole answer at its end."""

from collections.abc import Collection
from functools import partial
from typing import Any

from telltale.conventions import attributes as names
from telltale.integrations.model_calls import CHAT
from telltale.integrations.openai.request import asked
from telltale.integrations.reading import answered, counts, field, given
from telltale.integrations.stainless import parsed, watch_stream
from telltale.tracing.calls import Call
from telltale.tracing.serialise import messages_to_json, to_json

_ENDS = ("response.completed", "response.incomplete", "response.failed")


def _before(call: Call) -> dict[str, Any]:
    kwargs = call.kwargs
    told: dict[str, Any] = asked(call)
    items = kwargs.get("input")
    if isinstance(items, Collection):  # An iterator is left to the client.
        told[names.INPUT_MESSAGES] = messages_to_json(given(items), "user")
    if isinstance(instructions := kwargs.get("instructions"), str):
        told[names.SYSTEM_INSTRUCTIONS] = to_json([{"type": "text", "content": instructions}])
    if isinstance(tools := kwargs.get("tools"), Collection) and tools:
        told[names.TOOL_DEFINITIONS] = to_json(given(tools))
    return told


def _after(call: Call, result: Any) -> dict[str, Any]:
    response = parsed(result)
    told = answered(response)
    # There is no reason but where it ended early; otherwise its status says that it did not.
    reason = field(field(response, "incomplete_details"), "reason") or field(response, "status")
    if isinstance(reason, str):
        told[names.FINISH_REASONS] = [reason]
    if isinstance(output := field(response, "output"), list):
        parts = [part for item in given(output) for part in _parts(item)]
        message = {"role": "assistant", "parts": parts, "finish_reason": reason}
        told[names.OUTPUT_MESSAGES] = messages_to_json([message], "assistant")
    usage = field(response, "usage")
    read = field(usage, "input_tokens_details")
    return told | counts(
        {
            names.INPUT_TOKENS: field(usage, "input_tokens"),
            names.OUTPUT_TOKENS: field(usage, "output_tokens"),
            names.CACHE_READ_TOKENS: field(read, "cached_tokens"),
            names.CACHE_WRITE_TOKENS: field(read, "cache_write_tokens"),
            names.REASONING_TOKENS: field(
                field(usage, "output_tokens_details"), "reasoning_tokens"
            ),
        }
    )


def _parts(item: Any) -> list[Any]:
    """The parts of the model's one message that an item of its answer stands for."""
    content = field(item, "content")
    return content if field(item, "type") == "message" and isinstance(content, list) else [item]


def _joined(events: list[Any]) -> Any:
    """The response that the events amount to; as it began, where the stream was left half-way."""
    begun, items = {}, []
    for event in events:
        kind = field(event, "type")
        if kind in _ENDS:
            return field(event, "response")
        if kind == "response.created":
            begun = field(event, "response")
        elif kind == "response.output_item.done":
            items.append(field(event, "item"))
    return {"id": field(begun, "id"), "model": field(begun, "model"), "output": items}


responses = partial(CHAT, before=_before, after=_after, watch=watch_stream, joined_chunks=_joined)
"""The target of one `create` or `parse`."""
