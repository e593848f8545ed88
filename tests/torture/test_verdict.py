"""The judge of the torture sees each fault that it is there to see."""

from zlib import crc32

import pytest

from torture.truth import Known, Started, Truth, read_truth
from torture.verdict import gathered, judge, rows

TRACE, LOAD = "ab" * 16, crc32(b"load")


class Span:
    """What a program notes of a span."""

    trace_id = TRACE
    span_id = "one"


def known(started: str, ended: str) -> Known:
    """An account of spans named by one letter each."""
    return Known({name: Started(TRACE, LOAD) for name in started}, frozenset(ended))


def found(ended: str, still_open: str = "", counted: int | None = None):
    """What a server shows of them."""
    shown = [(name, TRACE, LOAD) for name in ended] + [(name, TRACE, None) for name in still_open]
    return gathered(shown, len(shown) if counted is None else counted)


def failures(verdict) -> list[str]:
    """The rows whose bar is missed."""
    return [row.what for row in rows(verdict) if row.kept is False]


def test_all_that_ended_has_arrived_and_what_was_open_is_open():
    assert failures(judge(known("abc", "ab"), found("ab", "c"))) == []


def test_an_end_may_arrive_that_its_program_did_not_live_to_note():
    assert failures(judge(known("ab", "a"), found("ab"))) == []


@pytest.mark.parametrize(
    ("account", "there", "fault"),
    [
        (known("ab", "ab"), found("a", "b"), "… lost"),
        (known("ab", "ab"), found("a"), "… lost"),
        (known("ab", "a"), found("a"), "spans that started, and are not shown at all"),
        (known("a", "a"), found("ab"), "… that no program made"),
        (known("a", "a"), found("aa"), "… there twice, or counted twice"),
        (known("a", "a"), found("a", counted=2), "… there twice, or counted twice"),
        (known("a", "a"), found("a", "b"), "open spans whose program died before its own note"),
    ],
)
def test_a_fault_is_seen(account, there, fault):
    assert fault in failures(judge(account, there))


@pytest.mark.parametrize("essence", [("cd" * 16, LOAD), (TRACE, crc32(b"loa"))])
def test_a_span_that_arrives_changed_is_seen(essence):
    there = gathered([("a", *essence)], counted=1)

    assert failures(judge(known("a", "a"), there)) == ["… arrived with another trace or load"]


def test_verdicts_over_two_servers_add_up():
    whole = judge(known("ab", "ab"), found("a")) + judge(known("cd", "c"), found("ccd"))

    assert (whole.started, whole.ended, whole.lost) == (4, 3, frozenset("b"))
    assert (whole.unseen, whole.doubled) == (frozenset("b"), 2)


def test_an_account_is_read_as_it_was_written_and_its_torn_line_is_not(tmp_path):
    path = tmp_path / "truth"
    truth = Truth(path)
    truth.started(Span(), "load")
    truth.ended(Span())
    path.write_bytes(path.read_bytes() + b"E tw")

    assert read_truth([path]) == Known({"one": Started(TRACE, LOAD)}, frozenset({"one"}))
