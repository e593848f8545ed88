"""Values from the wire are read, not cast."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telltale.conventions.reading import as_count, as_id, as_text, from_json, sound


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (12, 12),
        ("12", 12),
        (12.0, 12),
        (0, 0),
        (2**63 - 1, 2**63 - 1),
        (True, None),
        (-1, None),
        (1.5, None),
        (float("inf"), None),
        (float("nan"), None),
        (2**63, None),
        ("9" * 5000, None),
        ("many", None),
        ("", None),
        (None, None),
        ([12], None),
    ],
)
def test_a_count_is_whole_and_not_negative(value, count) -> None:
    assert as_count(value) == count


def test_a_name_may_be_a_number_and_words_may_not() -> None:
    assert (as_id(7), as_text(7), as_id(True), as_id(""), as_text("a")) == (
        "7",
        None,
        None,
        None,
        "a",
    )


@given(st.text())
def test_sound_text_stays_as_it_is(text: str) -> None:
    assert sound(text) == text


@pytest.mark.parametrize(
    ("broken", "mended"),
    [
        ("a\ud800b", "a\ufffdb"),
        ("\udc00", "\ufffd"),
        ("x\ud83d", "x\ufffd"),
        ("東\ud800", "東\ufffd"),
    ],
)
def test_half_a_surrogate_pair_is_replaced_alone(broken: str, mended: str) -> None:
    assert sound(broken) == mended


def test_json_that_only_python_writes_is_read_too() -> None:
    assert from_json('{"a": NaN, "b": "\\ud800"}') == {"a": "nan", "b": "\ufffd"}
    assert from_json("no JSON") == "no JSON"
