"""A label is one line of at most 48 characters, made of values."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telltale.conventions.labels import cut, llm_label, values_label, words_label
from telltale.nouns.message import Message, Text, ToolCall


@given(st.text(max_size=200))
def test_a_cut_is_short_and_takes_no_accent_from_its_letter(line: str) -> None:
    short = cut(line)

    assert len(short) <= 48
    if len(line) > 48 and not all(unicodedata.category(c)[0] == "M" for c in line[:48]):
        kept = len(short.removesuffix("…"))
        assert unicodedata.category(line[kept]) not in ("Mn", "Me") or line[:kept].isspace()


@pytest.mark.parametrize(
    ("line", "short"),
    [
        ("a" * 48, "a" * 48),
        ("a" * 49, "a" * 47 + "…"),
        ("a" * 46 + "e\u0301" + "b" * 9, "a" * 46 + "…"),
        ("a" * 46 + "\U0001f44d\U0001f3fd" + "b" * 9, "a" * 46 + "…"),
        ("a" * 46 + "\U0001f469\u200d\U0001f680" + "b" * 9, "a" * 46 + "…"),
        ("a" * 46 + "\U0001f1ef\U0001f1f5" + "b" * 9, "a" * 46 + "…"),
        ("a" * 45 + "\U0001f1ef\U0001f1f5" + "b" * 9, "a" * 45 + "\U0001f1ef\U0001f1f5" + "…"),
        ("a" * 40 + "       " + "b" * 40, "a" * 40 + "…"),
        ("東" * 60, "東" * 47 + "…"),
    ],
)
def test_a_cut_falls_between_what_the_reader_sees_as_characters(line, short) -> None:
    assert cut(line) == short


@pytest.mark.parametrize(
    ("given_to_it", "label"),
    [
        ('{"q": "hotel Tokyo", "n": 3, "deep": true}', "hotel Tokyo, 3, true"),
        ({"q": "東京 ホテル"}, "東京 ホテル"),
        ({"a": {"b": [1, {"c": "two"}]}, "d": None}, "1, two"),
        ({"url": "https://example.org/" + "x" * 80}, "https://example.org/" + "x" * 27 + "…"),
        ("plain\n words\t here", "plain words here"),
        ('{"not": json', '{"not": json'),
        ("[[say:hi]] hello", "[[say:hi]] hello"),
        ("{{name}}: write a poem", "{{name}}: write a poem"),
        ("[1] is the source", "[1] is the source"),
        ({}, ""),
        ("", ""),
    ],
)
def test_arguments_are_told_by_their_values(given_to_it, label) -> None:
    assert values_label(given_to_it) == label


def test_a_call_of_tools_is_told_by_what_it_asks_them() -> None:
    said = (Message("assistant", (Text("Let me look."), ToolCall("search", {"q": "hotel"}))),)

    assert llm_label(said) == "hotel"


def test_an_answer_in_json_is_told_by_its_values() -> None:
    said = (Message("assistant", (Text('{"keywords": ["東京", "hotel"], "n": 2}'),)),)

    assert llm_label(said) == "東京, hotel, 2"


def test_words_come_before_the_error_that_followed_them() -> None:
    said = (Message("assistant", (Text("It is"),)),)

    assert llm_label(said, "connection lost") == "It is"
    assert llm_label((), "connection lost") == "connection lost"


def test_control_characters_do_not_reach_a_label() -> None:
    assert words_label("a\x00b\u202ec\x1b[31m") == "a b c [31m"
