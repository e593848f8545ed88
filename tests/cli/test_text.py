"""Cells and figures."""

import pytest

from figures import MONEY
from telltale.cli.cells import cells, fit
from telltale.cli.figures import duration, lasted, money, tokens
from telltale.nouns.span import State


@pytest.mark.parametrize(
    ("text", "size"), [("hotel", 5), ("东京", 4), ("ｈ", 2), ("é", 1), ("e\u0301", 1), ("한", 2)]
)
def test_a_text_takes_so_many_cells(text, size):
    assert cells(text) == size


@pytest.mark.parametrize(
    ("text", "width", "fitted"),
    [
        ("ab", 4, "ab  "),
        ("abcd", 4, "abcd"),
        ("abcde", 4, "abc…"),
        ("东京", 6, "东京  "),
        ("东京旅行", 6, "东京… "),
        ("东京旅行", 5, "东京…"),
    ],
)
def test_a_text_is_padded_or_cut_to_its_cells(text, width, fitted):
    assert fit(text, width) == fitted
    assert cells(fitted) == width


@pytest.mark.parametrize(
    ("us", "shown"),
    [
        (None, "–"),
        (-1, "–"),
        (0, "0 µs"),
        (812, "812 µs"),
        (5_000, "5.00 ms"),
        (62_140, "62.1 ms"),
        (812_400, "812 ms"),
        (27_600_000, "27.6 s"),
        (245_000_000, "4 min 05 s"),
        (3_840_000_000, "1 h 04 min"),
    ],
)
def test_a_duration_has_three_digits(us, shown):
    assert duration(us) == shown


@pytest.mark.parametrize(
    ("us", "state", "shown"),
    [
        (27_600_000, State.ENDED, "27.6 s"),
        (27_600_000, State.LOST, "≥ 27.6 s"),
        (None, State.LOST, "–"),
        (-1, State.LOST, "–"),
        (None, State.RUNNING, "–"),
    ],
)
def test_what_was_lost_lasted_so_long_at_least(us, state, shown):
    assert lasted(us, state) == shown


@pytest.mark.parametrize(
    ("count", "shown"), [(-1, "–"), (0, "0"), (999, "999"), (26_800, "26.8k"), (1_250_000, "1.25M")]
)
def test_tokens_have_three_digits(count, shown):
    assert tokens(count) == shown


@pytest.mark.parametrize(("usd", "unpriced", "shown"), MONEY)
def test_money_has_three_digits_and_unknown_is_not_zero(usd, unpriced, shown):
    assert money(usd, unpriced) == shown
