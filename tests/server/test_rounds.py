"""Rounds are taken until they are stopped, whatever fails in them."""

import pytest
from exposition import read_figures

from telltale.nouns.errors import StoreBroken
from telltale.server.counts import Count, Counts
from telltale.server.rounds import Rounds
from testbed.waiting import wait_until


class Look:
    """Fails by what it is given, one look after the other, and then no more."""

    def __init__(self, *errors: Exception | None) -> None:
        self.errors = list(errors)
        self.taken = 0

    def __call__(self) -> None:
        self.taken += 1
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error


@pytest.fixture
def go():
    """Takes rounds until each look has ended five times; answers the failures it counted."""

    def until_five(**looks: Look) -> int:
        counts = Counts()
        rounds = Rounds("test", 0.001, looks, counts, Count.LIVENESS_RETRIES)
        rounds.start()
        try:
            # Who takes the sixth has logged and counted what became of the fifth.
            wait_until(lambda: all(look.taken > 5 for look in looks.values()))
        finally:
            rounds.stop()
        return read_figures(counts.exposition())[Count.LIVENESS_RETRIES]

    return until_five


@pytest.mark.parametrize("error", [StoreBroken("full"), OSError("full"), ValueError("ours")])
def test_a_look_that_fails_is_counted_and_taken_again_and_stops_no_other(go, error):
    failing, other = Look(error, error), Look()

    assert go(failing=failing, other=other) == 2
    assert failing.taken > 5 and other.taken > 5


def test_what_lasts_is_said_once_and_again_when_it_comes_back(go, caplog):
    full, away = StoreBroken("full"), OSError("away")

    go(looking=Look(full, full, away, None, away))

    assert caplog.messages == ["looking: full", "looking: away", "looking: away"]


def test_a_fault_of_ours_is_logged_with_its_place(go, caplog):
    go(looking=Look(ValueError("ours")))

    assert "ValueError: ours" in caplog.text
