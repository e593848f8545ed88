"""Nouns travel with their field names; fields are only ever added."""

import re
from decimal import Decimal
from itertools import accumulate

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telltale.nouns import errors
from telltale.nouns.message import Message, Reasoning, Text, ToolCall, ToolResult
from telltale.nouns.span import RawSpan, Span
from telltale.nouns.trace import steps
from telltale.nouns.usage import Cost, Usage, usd

counts = st.integers(0, 10**9)
usages = st.builds(Usage, counts, counts, counts, counts, counts)


@given(usages, usages, usages)
def test_usage_adds_up_in_any_order(a, b, c):
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)
    assert a + Usage() == a


def test_each_count_is_added_to_its_own():
    assert Usage(1, 2, 3, 4, 5) + Usage(10, 20, 30, 40, 50) == Usage(11, 22, 33, 44, 55)


@given(st.integers(0, 10**18), st.integers(0, 10**18))
def test_costs_are_exact(one, other):
    assert Decimal(Cost(one, "x").usd) + Decimal(Cost(other, "x").usd) == Decimal(usd(one + other))
    assert Decimal(usd(one)) * 10**12 == one


@given(st.integers(0, 10**18))
def test_a_cost_is_spelled_without_an_exponent(pico):
    assert re.fullmatch(r"\d+(\.\d*[1-9])?", usd(pico))


def test_a_price_of_a_millionth_is_not_rounded():
    assert usd(400_000) == "0.0000004"


@given(st.lists(st.integers(-(2**63), 2**63)))
def test_a_column_comes_back_from_its_steps(values):
    assert list(accumulate(steps(values))) == values


def test_what_is_left_at_its_default_is_not_written():
    raw = RawSpan(trace_id=b"t" * 16, span_id=b"s" * 8, name="n", start_ns=1)

    assert msgspec.msgpack.decode(msgspec.msgpack.encode(raw)).keys() == {
        "trace_id",
        "span_id",
        "name",
        "start_ns",
    }


@pytest.mark.parametrize("noun", [RawSpan, Span, Message, Usage, Cost])
def test_a_noun_cannot_be_changed(noun):
    assert noun.__struct_config__.frozen


def test_a_field_of_tomorrow_is_ignored_today():
    data = {"role": "user", "parts": [{"type": "text", "content": "Hi", "lang": "en"}], "mood": 1}

    assert msgspec.convert(data, Message) == Message("user", (Text("Hi"),))


@pytest.mark.parametrize(
    "part",
    [
        Text("Hi"),
        Reasoning("Hm"),
        ToolCall("search", {"q": "x"}, "c1"),
        ToolResult({"rows": [1]}, "c1"),
    ],
)
def test_a_message_reads_back_in_the_words_of_opentelemetry(part):
    message = Message("assistant", (part,), finish_reason="stop")
    written = msgspec.json.encode(message)

    assert msgspec.json.decode(written, type=Message) == message
    assert msgspec.json.decode(written)["parts"][0]["type"] in {
        "text",
        "reasoning",
        "tool_call",
        "tool_call_response",
    }


def test_every_error_of_ours_can_be_caught_as_one_and_stands_in_the_tree():
    classes = [
        value
        for value in vars(errors).values()
        if isinstance(value, type) and value.__module__ == errors.__name__
    ]

    assert all(issubclass(one, errors.TelltaleError) for one in classes)
    assert {one.__name__ for one in classes} == {
        word.strip("│├└─ ").split()[0]
        for word in errors.__doc__.splitlines()
        if word.startswith("    ")
    }


def test_bad_input_says_what_was_given_what_was_expected_and_what_to_do():
    error = errors.BadInput(
        "no", given=5, expected="a name", remedy="give one", suggestions=("CrewAI",)
    )

    assert (error.given, error.expected, error.remedy, error.suggestions, str(error)) == (
        5,
        "a name",
        "give one",
        ("CrewAI",),
        "no",
    )
