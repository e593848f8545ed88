"""Whatever a program wrote, there is a span, and what it did not say is absent."""

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from one_chat import CHAT, ONE_CHAT
from span_samples import (
    as_json,
    call,
    check_storable,
    conversations,
    messages,
    messy,
    raw,
    said,
    text,
    words,
)

from telltale.conventions import attributes as names
from telltale.conventions.normalise import normalise
from telltale.nouns.message import Message, Text, ToolCall
from telltale.nouns.span import Kind, RawEvent, Span, State, Status
from telltale.nouns.usage import Usage

KNOWN_KEYS = sorted(
    {value for key, value in vars(names).items() if key.isupper() and isinstance(value, str)}
    | {key for _, span in ONE_CHAT.values() for key in span.attributes}
    | {"telltale.trace.tag.a", "exception.type", "exception.message", "content", "message", "role"}
)
keys = st.sampled_from(KNOWN_KEYS) | words
events = st.lists(
    st.builds(
        RawEvent,
        st.sampled_from(["exception", "gen_ai.choice", "gen_ai.user.message"]) | words,
        st.integers(),
        st.dictionaries(keys, messy, max_size=6),
    ),
    max_size=3,
).map(tuple)


@settings(max_examples=200, deadline=None)
@given(
    attributes=st.dictionaries(keys, messy, max_size=14),
    spoken=st.dictionaries(
        st.sampled_from([names.INPUT_MESSAGES, names.OUTPUT_MESSAGES, "gen_ai.prompt"]),
        conversations | conversations.map(as_json),
    ),
    name=words,
    message=words,
    happened=events,
    scope=st.sampled_from(["", "telltale", "x"]),
    status=st.sampled_from(list(Status)),
)
def test_any_attributes_read_as_a_span_that_can_be_stored(
    attributes, spoken, name, message, happened, scope, status
) -> None:
    span = normalise(
        raw(attributes | spoken, name=name, status_message=message, events=happened, scope=scope)
    )

    check_storable(span)


def test_nesting_without_end_is_read_too() -> None:
    deep = '[{"role":"assistant","parts":[{"type":"tool_call","name":"f","arguments":%s}]}]'
    for depth in (100, 900, 100_000):
        span = normalise(raw({names.OUTPUT_MESSAGES: deep % ("[" * depth + "]" * depth)}))

        assert msgspec.json.encode(span)


def test_numbers_that_no_store_takes_become_text() -> None:
    written = messages(said("assistant", call("f", {"n": 2**70, "m": float("nan")})))

    (message,) = normalise(raw({names.OUTPUT_MESSAGES: written})).output_messages

    assert message.parts == (ToolCall("f", {"n": str(2**70), "m": "nan"}, "call_1"),)


def test_a_span_that_says_nothing_means_nothing() -> None:
    span = normalise(raw({}, name="GET /hotels"))

    assert span == Span(dialect="otel", kind=Kind.UNKNOWN, name="GET /hotels")


def test_a_session_alone_makes_no_genai_span() -> None:
    span = normalise(raw({names.CONVERSATION: "trip-7"}, name="GET /hotels"))

    assert (span.dialect, span.kind, span.session) == ("otel", Kind.UNKNOWN, "trip-7")


@pytest.mark.parametrize(
    ("reported", "read"),
    [
        ({}, None),
        ({"gen_ai.usage.total_tokens": 9}, None),
        ({names.INPUT_TOKENS: True}, None),
        ({names.INPUT_TOKENS: -1}, None),
        ({names.INPUT_TOKENS: 0}, Usage()),
        ({names.OUTPUT_TOKENS: "7"}, Usage(output_tokens=7)),
        ({names.INPUT_TOKENS: 9, names.CACHE_READ_TOKENS: 4}, Usage(9, 0, 4)),
    ],
)
def test_tokens_that_were_not_reported_are_unknown_not_zero(reported, read) -> None:
    assert normalise(raw({names.OPERATION: "chat"} | reported)).usage == read


@pytest.mark.parametrize(
    ("reported", "read"),
    [
        # Anthropic's own way of counting, passed on: 10 new tokens, 2,000 read, 500 written.
        (
            {
                names.INPUT_TOKENS: 10,
                names.CACHE_READ_TOKENS: 2000,
                names.CACHE_WRITE_TOKENS: 500,
            },
            Usage(2510, 0, 2000, 500),
        ),
        # Gemini's: thoughts beside the answer.
        (
            {names.OUTPUT_TOKENS: 20, names.REASONING_TOKENS: 300},
            Usage(0, 320, 0, 0, 300),
        ),
    ],
)
def test_parts_that_exceed_their_whole_were_counted_apart(reported, read) -> None:
    assert normalise(raw({names.OPERATION: "chat"} | reported)).usage == read


def test_an_open_span_is_running() -> None:
    assert normalise(raw({}, end_ns=None)).state is State.RUNNING


def test_the_error_is_told_by_attribute_then_by_the_last_exception() -> None:
    failed = raw(
        {},
        status=Status.ERROR,
        events=(
            RawEvent("exception", 1, {"exception.type": "Early", "exception.message": "first"}),
            RawEvent("exception", 2, {"exception.type": "Late", "exception.message": "last"}),
        ),
    )

    span = normalise(failed)
    assert (span.error_type, span.error_message) == ("Late", "last")
    span = normalise(
        msgspec.structs.replace(
            failed, attributes={names.ERROR_TYPE: "429"}, status_message="slow down"
        )
    )
    assert (span.status, span.error_type, span.error_message) == (
        Status.ERROR,
        "429",
        "slow down",
    )


def test_an_exception_that_was_caught_is_no_error() -> None:
    span = normalise(raw({}, events=(RawEvent("exception", 1, {"exception.type": "Caught"}),)))

    assert (span.status, span.error_type, span.error_message) == (Status.UNSET, None, "")


def test_a_failed_llm_call_is_named_after_its_failure() -> None:
    span = normalise(
        raw(CHAT | {names.OUTPUT_MESSAGES: ""}, status=Status.ERROR, status_message="429: slow")
    )

    assert (span.name, span.label) == ("→ error", "429: slow")


def test_a_foreign_llm_call_without_content_keeps_its_name() -> None:
    bare = {k: v for k, v in CHAT.items() if not k.endswith("messages")}

    assert normalise(raw(bare, name="chat gpt-5")).name == "chat gpt-5"


def test_our_own_spans_keep_the_name_that_the_sdk_gave_them() -> None:
    span = normalise(raw(CHAT | {names.KIND: "llm"}, name="my own name"))

    assert span.name == "my own name"


def test_what_a_span_says_about_its_trace_is_read_as_text() -> None:
    span = normalise(
        raw({"telltale.trace.tag.stage": "prod", "telltale.trace.tag.n": 7, "user.id": 12})
    )

    assert (span.tags, span.user, span.dialect) == ({"stage": "prod", "n": "7"}, "12", "telltale")


def test_instructions_that_stand_apart_come_first() -> None:
    span = normalise(
        raw(CHAT | {names.SYSTEM_INSTRUCTIONS: json.dumps([text("Be brief.")])}),
    )

    assert span.input_messages[0] == Message("system", (Text("Be brief."),))
    assert span.input_messages[1].role == "user"


def test_finish_reasons_stand_with_the_choice_they_belong_to() -> None:
    span = normalise(
        raw(
            {
                names.OPERATION: "chat",
                names.OUTPUT_MESSAGES: messages(said("assistant", text("It is"))),
                names.FINISH_REASONS: ["length"],
            }
        )
    )

    assert span.output_messages[0].finish_reason == "length"
    assert span.name == "→ cut short"


def test_what_a_tool_was_given_and_gave_are_inputs_and_outputs() -> None:
    written = {
        names.OPERATION: "execute_tool",
        names.TOOL_CALL_ARGUMENTS: {"q": "hotel", "n": 3},
        names.TOOL_CALL_RESULT: "three hotels",
    }

    span = normalise(raw(written, name="execute_tool search"))

    assert (span.kind, span.tool, span.label) == (Kind.TOOL, "search", "hotel, 3")
    assert (span.inputs, span.outputs) == ('{"q":"hotel","n":3}', "three hotels")


def test_a_users_own_tool_is_named_by_its_span() -> None:
    span = normalise(raw({names.KIND: "tool", names.INPUTS: '{"city": "東京"}'}, name="find_hotel"))

    assert (span.tool, span.label, span.inputs) == ("find_hotel", "東京", '{"city": "東京"}')


@pytest.mark.parametrize(
    ("facts", "label"),
    [
        ({names.KIND: "task", names.TASK_DESCRIPTION: "Plan\n three days"}, "Plan three days"),
        ({names.KIND: "memory", names.MEMORY_QUERY: "likes trains"}, "likes trains"),
        ({names.KIND: "knowledge", names.KNOWLEDGE_QUERY: "opening hours"}, "opening hours"),
        ({names.KIND: "embedding", names.INPUTS: '["first text", "second"]'}, "first text, second"),
        ({names.KIND: "crew", names.INPUTS: '{"city": "Tokyo", "days": 3}'}, "Tokyo, 3"),
        ({names.KIND: "crew", names.INPUTS: "{}"}, ""),
        ({names.KIND: "llm", names.OUTPUTS: "A function's own words"}, "A function's own words"),
        ({names.KIND: "tool", names.TASK_DESCRIPTION: "Plan", names.INPUTS: "[1]"}, "1"),
        ({names.KIND: "crew", names.INPUTS: '{"a": 1}', names.LABEL: "mine"}, "mine"),
    ],
)
def test_the_label_of_our_own_spans(facts, label) -> None:
    assert normalise(raw(facts)).label == label


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({names.KIND: "guardrail"}, Kind.GUARDRAIL),
        ({names.KIND: "no such kind"}, Kind.UNKNOWN),
        ({names.SPAN_TYPE: "CHAT_MODEL"}, Kind.LLM),
        ({names.SPAN_TYPE: "MyOwnType"}, Kind.UNKNOWN),
        ({names.OPERATION: "invoke_agent"}, Kind.AGENT),
        ({names.OPERATION: "never_heard_of"}, Kind.UNKNOWN),
        ({names.OPERATION: ["chat"]}, Kind.UNKNOWN),
        ({names.TOOL_NAME: "search"}, Kind.TOOL),
        ({names.RESPONSE_MODEL: "gpt-5"}, Kind.LLM),
    ],
)
def test_the_kind_is_what_was_said(facts, kind) -> None:
    assert normalise(raw(facts)).kind is kind
