"""Messages of every spelling read as the same message; what has no word here is kept as it came."""

import msgspec
import pytest
from span_samples import messages, raw, said

from telltale.conventions import attributes as names
from telltale.conventions.normalise import normalise
from telltale.nouns.message import Message, Other, Reasoning, Text, ToolCall, ToolResult

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
        {"type": "function_call", "id": "fc", "call_id": "t", "name": "f", "arguments": "{}"},
        ToolCall("f", {}, "t"),
    ),
    ({"type": "function_call_output", "call_id": "t", "output": "ok"}, ToolResult("ok", "t")),
    (
        {"type": "reasoning", "id": "r", "summary": [{"text": "Is it?"}, {"text": "It is."}]},
        Reasoning("Is it?\nIt is."),
    ),
    (
        {"type": "reasoning", "id": "r", "summary": []},
        Other({"type": "reasoning", "id": "r", "summary": []}),
    ),
    ({"text": "hi"}, Text("hi")),
    (
        {"toolUse": {"toolUseId": "t", "name": "f", "input": {"a": 1}}},
        ToolCall("f", {"a": 1}, "t"),
    ),
    ({"toolResult": {"toolUseId": "t", "content": [{"text": "ok"}]}}, ToolResult("ok", "t")),
    (
        {"toolResult": {"toolUseId": "t", "content": [{"json": 1}]}},
        ToolResult([{"json": 1}], "t"),
    ),
    ({"reasoningContent": {"reasoningText": {"text": "Hm."}}}, Reasoning("Hm.")),
    ({"cachePoint": {"type": "default"}}, Other({"cachePoint": {"type": "default"}})),
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


def test_an_item_without_a_role_is_of_whom_its_kind_says() -> None:
    items = [
        {"role": "user", "content": "Two and three?"},
        {"type": "reasoning", "id": "r", "summary": [{"text": "Add."}]},
        {"type": "function_call", "id": "fc", "call_id": "t", "name": "add", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "t", "output": "5"},
    ]

    assert normalise(raw({names.INPUT_MESSAGES: messages(*items)})).input_messages == (
        Message("user", (Text("Two and three?"),)),
        Message("assistant", (Reasoning("Add."),)),
        Message("assistant", (ToolCall("add", {}, "t"),)),
        Message("tool", (ToolResult("5", "t"),)),
    )
