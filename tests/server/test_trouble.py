"""What the log says of a store that takes nothing: when it begins, and when it is over."""

import pytest

from telltale.nouns.errors import StoreBroken, StoreBusy
from telltale.server.trouble import MOST_SAID, QUIET_S, Trouble

FULL = StoreBroken("/x/traces.db: the disk is full; free some space on it")


@pytest.fixture
def trouble():
    """Each look at its clock is ten seconds after the one before."""
    times = iter(range(0, 1000, 10))
    return Trouble(lambda: next(times))


def test_it_is_said_once_with_the_remedy_and_once_that_it_is_over(trouble, caplog):
    trouble.stored(100)
    for _ in range(3):
        trouble.refused(FULL, 100)
    for _ in range(2):
        trouble.stored(100)

    assert caplog.messages == [
        f"spans cannot be stored now: {FULL}; programs keep theirs and send them again",
        "spans are stored again, after 10 s in which 3 pieces of journals were refused",
    ]


def test_what_is_smaller_than_what_was_refused_proves_nothing(trouble, caplog):
    for size in (5000, 300):
        trouble.refused(FULL, size)
        trouble.stored(299)

    assert len(caplog.messages) == 1


def test_the_next_trouble_is_said_again(trouble, caplog):
    for _ in range(2):
        trouble.refused(FULL, 10)
        trouble.stored(10)

    assert len(caplog.messages) == 4


def test_a_store_that_is_busy_in_waves_is_said_once_until_it_has_been_quiet(caplog):
    now_s = 0.0
    trouble = Trouble(lambda: now_s)
    for _ in range(3):
        trouble.busy(StoreBusy("/x/traces.db is locked by another program"))
        trouble.stored(100)
        now_s += QUIET_S
    assert len(caplog.messages) == 1
    assert "/x/traces.db is locked" in caplog.messages[0]

    now_s += QUIET_S
    trouble.busy(StoreBusy("/x/traces.db is locked by another program"))

    assert len(caplog.messages) == 2


def test_what_a_program_sends_that_cannot_be_used_is_said_once(trouble, caplog):
    for words in ("torn", "torn", "not UTF-8"):
        trouble.bad(words)
    for number in range(2 * MOST_SAID):
        trouble.bad(f"fault {number}")

    assert caplog.messages[:2] == [
        "what a program sent was not stored: torn",
        "what a program sent was not stored: not UTF-8",
    ]
    assert len(caplog.messages) == MOST_SAID
