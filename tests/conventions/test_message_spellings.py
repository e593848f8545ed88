"""Messages of every spelling read as the same message; what has no word here is kept as it came."""

import msgspec
import pytest
from span_samples import messages, raw, said

from telltale.conventions import attributes as names
from telltale.conventions.normalise import normalise
from telltale.nouns.message import Message, Other, Text, ToolCall, ToolResult

PARTS = [
    ({"type": "text", "content": "hi"}, Text("hi")),
    ({"type": "text", "text": "hi"}, Text("hi")),
    ({"type": "text", "content": 7}, Other({"type": "text", "content": 7})),
    ("hi", Text("hi")),
    ({"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}}, ToolCall("f", {"a": 1}, "t")),
    (
        {"type": "tool_call", "id": "t", "name": "f", "arguments": '{"a": 1}'},
        ToolCall("f", {"a": 1}, "t"),
    ),
    ({"type": "tool_call", "name": "f", "arguments": "plain"}, ToolCall("f", "plain")),
    ({"type": "tool_call_response", "id": "t", "result": "ok"}, ToolResult("ok", "t")),
    ({"type": "tool_result", "tool_use_id": "t", "content": "ok"}, ToolResult("ok", "t")),
    (
        {"type": "uri", "uri": "https://x/cat.png"},
        Other({"type": "uri", "uri": "https://x/cat.png"}),
    ),
]


@pytest.mark.parametrize(("written", "part"), PARTS)
def test_a_part_is_read_or_kept_as_it_came(written, part) -> None:
    span = normalise(raw({names.OUTPUT_MESSAGES: messages(said("assistant", written))}))

    assert span.output_messages == (Message("assistant", (part,)),)


def test_our_own_messages_are_read_back_as_they_were_written() -> None:
    conversation = (
        Message("assistant", (Text("hi"), ToolCall("f", {"n": 3, "deep": {"a": [1]}}, "t"))),
        Message("tool", (ToolResult([1, {"b": None}], "t"), Other({"type": "image"}))),
    )
    written = msgspec.json.encode(conversation).decode()

    assert normalise(raw({names.OUTPUT_MESSAGES: written})).output_messages == conversation


def test_words_that_happen_to_be_json_stay_words() -> None:
    assert normalise(raw({"gen_ai.prompt": "12"})).input_messages == (
        Message("user", (Text("12"),)),
    )
