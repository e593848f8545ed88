"""What is being written is known from what stands before the cursor."""

import pytest
from filters import FILTERS
from hypothesis import assume, given
from hypothesis import strategies as st

from telltale.query.complete import Spot, choices_like, field_at, fields_like, spot
from telltale.query.fields import FIELDS
from telltale.query.parse import BadFilter, parse
from telltale.query.write import write


@pytest.mark.parametrize(
    ("text", "here"),
    [
        ("", Spot(start=0, written="")),
        ("sta", Spot(start=0, written="sta")),
        ("span(to", Spot(start=5, written="to", of_span=True)),
        ("status:error cr", Spot(start=13, written="cr")),
        ("-(cr", Spot(start=2, written="cr")),
        ("crew:", Spot(start=5, written="", field="crew")),
        ("a Crew:Re", Spot(start=7, written="Re", field="crew")),
        ('crew:"Trip pl', Spot(start=5, written="Trip pl", field="crew")),
        ('crew:"a \\"b', Spot(start=5, written='a "b', field="crew")),
        ("tag.en", Spot(start=0, written="tag.en")),
        ("tag.env:pr", Spot(start=8, written="pr", field="tag", key="env")),
        ('tag."my env":p', Spot(start=13, written="p", field="tag", key="my env")),
        ("crew:(", Spot(start=6, written="", field="crew")),
        ("crew:(Tr", Spot(start=6, written="Tr", field="crew")),
        ("-crew:(Trip OR ", Spot(start=15, written="", field="crew")),
        ('crew:("Trip plan" OR "Re s', Spot(start=21, written="Re s", field="crew")),
        ("crew:(Trip OR x) sta", Spot(start=17, written="sta")),
        ("crew:x (sta", Spot(start=8, written="sta")),
        ('"late sta', None),
        ('"late" sta', Spot(start=7, written="sta")),
    ],
)
def test_what_is_being_written(text, here):
    assert spot(text) == here


@given(st.text(st.sampled_from('ab:."\\ (-'), max_size=40))
def test_any_beginning_is_looked_at_without_a_fault(text):
    here = spot(text)
    assert here is None or 0 <= here.start <= len(text)


@pytest.mark.parametrize(
    ("text", "of_span"),
    [
        ("span(", True),
        ("-span(to", True),
        ("late span(kind:tool er", True),
        ("span(crew:", True),
        ('span(crew:("Trip plan" OR "Re s', True),
        ("span(crew:(Trip OR x) (", True),
        ('span("a )" ', True),
        ("(span(", True),
        ("NOT span(", True),
        ("span(kind:tool) ", False),
        ("span(-(kind:tool)) us", False),
        ("tag.span:x (", False),
        ("crew:span us", False),
        ("Span (", False),
        ("timespan(", False),
        ('"span(" us', False),
        ('tag."span(":', False),
    ],
)
def test_it_is_known_whether_it_is_of_one_span(text, of_span):
    assert spot(text).of_span is of_span


@given(FILTERS, st.data())
def test_what_is_of_one_span_is_what_the_parser_takes_for_it(wanted, data):
    text = write(wanted)
    before = text[: data.draw(st.integers(0, len(text)))]
    here = spot(before)
    assume(here is not None and here.field == "")
    try:
        parse(f"{text[: here.start]}user:x")
        refused = ""
    except BadFilter as fault:
        refused = str(fault)
    assert here.of_span is ("of a trace, not of a span" in refused)


def test_within_a_span_a_trace_s_field_has_no_values():
    assert field_at(spot("user:")) is FIELDS["user"]
    assert field_at(spot("span(model:")) is FIELDS["model"]
    assert field_at(spot("span(user:")) is None
    assert field_at(spot("usr:")) is None


def test_fields_begin_like_what_is_written_and_say_what_they_are():
    assert [one.text for one in fields_like("to")] == ["tool:", "tokens:", "tool_calls:"]
    assert [one.text for one in fields_like("ta")] == ["task:", "tag."]
    assert "session:" not in [one.text for one in fields_like("", of_span=True)]
    assert all(one.meaning for one in fields_like(""))


def test_a_field_of_few_words_proposes_them_and_a_number_how_it_is_written():
    assert [one.text for one in choices_like(FIELDS["status"], "e")] == ["error"]
    (how,) = choices_like(FIELDS["duration"], "")
    assert "5s" in how.meaning
