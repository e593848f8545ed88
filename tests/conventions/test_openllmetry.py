"""What OpenLLMetry writes around the GenAI conventions, and what it wrote before them."""

import json
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from span_samples import check_storable, messages, messy, raw, said, text, words

from telltale.conventions.normalise import normalise
from telltale.nouns.message import Message, Other, Text, ToolCall, ToolResult
from telltale.nouns.span import Kind, RawEvent, RawSpan
from telltale.nouns.usage import Usage

# As traceloop-sdk 0.62.4 writes a decorated function.
FUNCTION = {
    "traceloop.workflow.name": "trip",
    "traceloop.span.kind": "tool",
    "traceloop.entity.name": "search",
    "traceloop.entity.input": '{"args": ["Tokyo"], "kwargs": {"n": 3}}',
    "traceloop.entity.output": '{"hotels": ["Tokyo"]}',
}


def test_a_function_is_named_by_itself_and_labelled_by_what_it_was_given() -> None:
    span = normalise(raw(FUNCTION, name="search.tool"))

    assert (span.dialect, span.kind, span.name) == ("openllmetry", Kind.TOOL, "search")
    assert (span.tool, span.label) == ("search", "Tokyo, 3")
    assert (span.inputs, span.outputs) == (
        FUNCTION["traceloop.entity.input"],
        FUNCTION["traceloop.entity.output"],
    )


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({"traceloop.span.kind": "workflow"}, Kind.CHAIN),
        ({"traceloop.span.kind": "task"}, Kind.TASK),
        ({"traceloop.span.kind": "agent"}, Kind.AGENT),
        ({"traceloop.span.kind": "tool"}, Kind.TOOL),
        ({"traceloop.span.kind": "handoff"}, Kind.UNKNOWN),
        ({"traceloop.span.kind": ["tool"]}, Kind.UNKNOWN),
        ({"llm.request.type": "chat"}, Kind.LLM),
        ({"llm.request.type": "completion"}, Kind.LLM),
        ({"llm.request.type": "embedding"}, Kind.EMBEDDING),
        ({"llm.request.type": "rerank"}, Kind.RERANKER),
        ({"llm.request.type": "unknown", "gen_ai.request.model": "gpt-5"}, Kind.LLM),
        # LlamaIndex marks whatever it calls as a task.
        ({"traceloop.span.kind": "task", "llm.request.type": "embedding"}, Kind.EMBEDDING),
        ({"traceloop.span.kind": "task", "gen_ai.operation.name": "chat"}, Kind.LLM),
        # What its SDK writes on every span of the process makes no kind.
        ({"traceloop.workflow.name": "trip", "http.method": "GET"}, Kind.UNKNOWN),
    ],
)
def test_the_kind_is_what_was_called_then_what_it_was_marked_as(facts, kind) -> None:
    assert (normalise(raw(facts)).kind, normalise(raw(facts)).dialect) == (kind, "openllmetry")


def test_what_the_user_says_of_the_trace_is_session_user_and_tags() -> None:
    prefix = "traceloop.association.properties."
    span = normalise(
        raw({f"{prefix}session_id": "s-1", f"{prefix}user_id": 7, f"{prefix}env": "prod"})
    )
    chat = normalise(raw({f"{prefix}chat_id": "c-1"}))

    assert (span.session, span.user, span.tags) == ("s-1", "7", {"env": "prod"})
    assert (chat.session, chat.tags) == ("c-1", {"chat_id": "c-1"})


def test_a_flattened_conversation_is_read_whole() -> None:
    picture = {"type": "image_url", "image_url": {"url": "https://x/cat.png"}}
    span = normalise(
        raw(
            {
                "gen_ai.prompt.0.role": "system",
                "gen_ai.prompt.0.content": "Be brief.",
                "gen_ai.prompt.1.role": "user",
                "gen_ai.prompt.1.content": json.dumps([{"type": "text", "text": "?"}, picture]),
                "gen_ai.prompt.2.role": "assistant",
                "gen_ai.prompt.2.tool_calls.0.id": "call_1",
                "gen_ai.prompt.2.tool_calls.0.name": "look",
                "gen_ai.prompt.2.tool_calls.0.arguments": "{}",
                "gen_ai.prompt.3.role": "tool",
                "gen_ai.prompt.3.tool_call_id": "call_1",
                "gen_ai.prompt.3.content": "[12]",
                "gen_ai.completion.0.role": "assistant",
                "gen_ai.completion.0.content": "A cat, and",
                "gen_ai.completion.0.finish_reason": "length",
                "gen_ai.completion.1.refusal": "No.",
                "gen_ai.completion.2.function_call.name": "look",
                "gen_ai.completion.2.function_call.arguments": '{"at": 1}',
            }
        )
    )

    assert span.input_messages == (
        Message("system", (Text("Be brief."),)),
        Message("user", (Text("?"), Other(picture))),
        Message("assistant", (ToolCall("look", {}, "call_1"),)),
        Message("tool", (ToolResult("[12]", "call_1"),)),
    )
    assert span.output_messages == (
        Message("assistant", (Text("A cat, and"),), finish_reason="length"),
        Message("assistant", (Text("No."),)),
        Message("assistant", (ToolCall("look", {"at": 1}),)),
    )


def test_the_name_of_a_prompt_is_no_conversation() -> None:
    span = normalise(raw({"gen_ai.prompt.name": "greeting", "gen_ai.operation.name": "chat"}))

    assert (span.dialect, span.input_messages) == ("genai", ())


def test_reasons_that_stand_apart_are_those_of_the_choices() -> None:
    span = normalise(
        raw(
            {
                "llm.request.type": "chat",
                "gen_ai.completion.0.content": "It is",
                "gen_ai.response.finish_reasons": ("length",),
            }
        )
    )

    assert (span.output_messages[0].finish_reason, span.name) == ("length", "→ cut short")


def test_a_call_that_carries_messages_has_no_twin_of_them() -> None:
    entity = {"traceloop.entity.input": "{}", "traceloop.entity.output": "{}"}
    asked = {"gen_ai.input.messages": messages(said("user", text("Hi")))}
    call = {"gen_ai.operation.name": "chat"} | entity

    assert normalise(raw(call | asked)).inputs is None
    assert normalise(raw(call)).inputs == "{}"


@pytest.mark.parametrize(
    ("reported", "usage"),
    [
        ({"llm.usage.total_tokens": 9}, None),
        ({"llm.usage.total_tokens": 9, "gen_ai.usage.prompt_tokens": 4}, Usage(4, 5)),
        ({"gen_ai.usage.total_tokens": 4, "gen_ai.usage.input_tokens": 4}, Usage(4)),
        ({"gen_ai.usage.output_tokens": 9, "llm.usage.reasoning_tokens": 4},
         Usage(0, 9, 0, 0, 4)),
        ({"gen_ai.usage.prompt_tokens": 9, "gen_ai.usage.cache_creation_input_tokens": 4},
         Usage(9, 0, 0, 4)),
    ],
)  # fmt: skip
def test_a_total_tells_what_one_of_its_parts_leaves(reported, usage) -> None:
    assert normalise(raw({"llm.request.type": "chat"} | reported)).usage == usage


def test_what_a_vector_store_found_is_told_by_its_events() -> None:
    found = tuple(
        RawEvent(
            "db.query.result",
            n,
            {"db.query.result.id": f"d{n}", "db.query.result.document": "A hotel"},
        )
        for n in (1, 2)
    )
    span = normalise(raw({"db.system": "chroma"}, name="chroma.query", events=found))

    assert (span.dialect, span.kind) == ("openllmetry", Kind.RETRIEVER)
    assert json.loads(span.outputs or "") == [
        {"id": "d1", "content": "A hotel"},
        {"id": "d2", "content": "A hotel"},
    ]


NAMES = [
    "gen_ai.prompt", "gen_ai.completion", "role", "content", "tool_calls", "name", "arguments",
    "id",
    "function_call", "tool_call_id", "finish_reason", "refusal", "user", "0", "1", "12", "²", "",
    "traceloop.association.properties", "session_id", "user_id", "env", "99999999999999999999",
]  # fmt: skip
WHOLE = [
    "traceloop.span.kind", "traceloop.entity.name", "traceloop.entity.input", "llm.request.type",
    "traceloop.entity.output", "llm.usage.total_tokens", "gen_ai.usage.prompt_tokens",
    "gen_ai.usage.completion_tokens", "gen_ai.usage.reasoning_tokens", "gen_ai.operation.name",
    "gen_ai.usage.cache_read_input_tokens", "gen_ai.usage.cache_creation_input_tokens",
    "gen_ai.request.model", "gen_ai.system", "gen_ai.response.finish_reasons",
]  # fmt: skip
paths = st.lists(st.sampled_from(NAMES), min_size=1, max_size=6).map(".".join)
attributes_of_any_kind = st.dictionaries(paths | st.sampled_from(WHOLE) | words, messy, max_size=16)
found = st.builds(
    RawEvent,
    st.sampled_from(["db.query.result", "db.search.result", "gen_ai.choice"]),
    st.integers(),
    attributes_of_any_kind,
)


@settings(max_examples=300, deadline=None)
@given(
    kind=st.sampled_from(["workflow", "task", "agent", "tool"]) | messy,
    attributes=attributes_of_any_kind,
    happened=st.lists(found, max_size=2).map(tuple),
)
def test_any_attributes_read_as_a_span_and_stay_as_they_were(kind, attributes, happened) -> None:
    written: RawSpan = raw(attributes | {"traceloop.span.kind": kind}, events=happened)
    before = pickle.dumps(written.attributes)

    check_storable(normalise(written))
    assert pickle.dumps(written.attributes) == before
