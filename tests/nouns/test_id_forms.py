"""Ids are bytes inside and hex outside, and what is no id says so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telltale.nouns.errors import BadId, BadInput
from telltale.nouns.ids import parse_span_id, parse_trace_id


@given(st.binary(min_size=16, max_size=16).filter(any))
def test_a_trace_id_is_read_bare_and_as_mlflow_writes_it(trace_id):
    assert parse_trace_id(trace_id.hex()) == trace_id
    assert parse_trace_id(f" tr-{trace_id.hex().upper()} ") == trace_id


@given(st.binary(min_size=8, max_size=8).filter(any))
def test_a_span_id_is_sixteen_digits(span_id):
    assert parse_span_id(span_id.hex()) == span_id


@pytest.mark.parametrize(
    "text",
    ["", "tr-", "0" * 32, "1" * 31, "1" * 33, "1" * 16, "x" * 32, "1 " * 16, "tr-tr-" + "1" * 32,
     "１" * 32, "-" + "1" * 31, "0x" + "1" * 30, "1" * 15 + "_" + "1" * 16],
)  # fmt: skip
def test_what_is_no_trace_id_says_what_one_is(text):
    with pytest.raises(BadId, match="32 hexadecimal digits") as refused:
        parse_trace_id(text)

    assert (refused.value.given, refused.value.expected) == (
        text,
        "32 hexadecimal digits, not all zero",
    )
    assert refused.value.remedy
    assert repr(text) in str(refused.value)


@pytest.mark.parametrize("text", ["", "0" * 16, "1" * 15, "1" * 17, "1" * 32, "tr-" + "1" * 13])
def test_what_is_no_span_id_says_what_one_is(text):
    with pytest.raises(BadInput, match="16 hexadecimal digits"):
        parse_span_id(text)


@given(st.text(max_size=40))
def test_any_text_is_an_id_or_a_bad_one(text):
    try:
        assert len(parse_trace_id(text)) == 16
    except BadId as refused:
        assert refused.given == text
