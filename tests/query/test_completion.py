"""What is being written is known from what stands before the cursor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telltale.query.complete import Spot, choices_like, fields_like, spot
from telltale.query.fields import FIELDS


@pytest.mark.parametrize(
    ("text", "here"),
    [
        ("", Spot(start=0, written="")),
        ("sta", Spot(start=0, written="sta")),
        ("status:error cr", Spot(start=13, written="cr")),
        ("-(cr", Spot(start=2, written="cr")),
        ("span(to", Spot(start=5, written="to")),
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


def test_fields_begin_like_what_is_written_and_say_what_they_are():
    assert [one.text for one in fields_like("to")] == ["tool:", "tokens:", "tool_calls:"]
    assert [one.text for one in fields_like("ta")] == ["task:", "tag."]
    assert "session:" not in [one.text for one in fields_like("", of_span=True)]
    assert all(one.meaning for one in fields_like(""))


def test_a_field_of_few_words_proposes_them_and_a_number_how_it_is_written():
    assert [one.text for one in choices_like(FIELDS["status"], "e")] == ["ended", "error"]
    (how,) = choices_like(FIELDS["duration"], "")
    assert "5s" in how.meaning
