"""An open span is its process's: lost with it, found with it, and ended in spite of both."""

import pytest
from store_records import MS, T0_NS, record, trace_id

from telltale.nouns.span import State
from telltale.store.questions import (
    ChangesSince,
    OpenJournals,
    ReadSkeleton,
    ReadSpans,
    ReadTrace,
)

A, B = b"A" * 16, b"B" * 16
SEEN_NS = T0_NS + 7 * MS


def open_span(**fields):
    return record(**({"end_ms": None, "journal": A} | fields))


def states(store, trace: int = 1) -> list[State]:
    return [span.reading.state for span in store.read(ReadSpans(trace_id=trace_id(trace)))]


def test_the_open_spans_of_a_silent_process_are_lost_and_those_of_others_run(store):
    store.write([open_span(), record(span=2, parent=1, journal=A), open_span(trace=2, journal=B)])

    assert store.mark_lost(A, SEEN_NS) == 1

    assert states(store) == [State.LOST, State.ENDED]
    assert states(store, 2) == [State.RUNNING]
    assert store.read(OpenJournals()) == {A: True, B: False}


def test_a_lost_span_is_shown_until_its_process_was_last_heard_of(store):
    store.write([open_span(), open_span(span=2, parent=1, start_ms=9)])
    store.mark_lost(A, SEEN_NS)

    trace = store.read(ReadTrace(trace_id(1)))
    skeleton = store.read(ReadSkeleton(trace_id=trace_id(1)))
    assert (trace.state, trace.duration_us) == (State.LOST, 7000)
    assert skeleton.state == (2, 2)
    assert skeleton.duration == (7000, 0)  # The second began after that; it has no other end.
    assert [span.seen_ns for span in store.read(ReadSpans(trace_id=trace_id(1)))] == [
        SEEN_NS,
        T0_NS + 9 * MS,
    ]


def test_a_process_that_is_heard_again_has_its_spans_back(store):
    store.write([open_span()])
    store.mark_lost(A, SEEN_NS)

    assert store.mark_running(A) == 1

    trace = store.read(ReadTrace(trace_id(1)))
    assert (trace.state, trace.duration_us) == (State.RUNNING, None)
    assert store.read(OpenJournals()) == {A: False}


@pytest.mark.parametrize("before", [State.RUNNING, State.LOST])
def test_an_end_takes_the_place_of_either_state(store, before):
    store.write([open_span()])
    if before is State.LOST:
        store.mark_lost(A, SEEN_NS)

    store.write([record(end_ms=20, journal=A)])

    trace = store.read(ReadTrace(trace_id(1)))
    assert (trace.state, trace.duration_us) == (State.ENDED, 20_000)
    assert store.read(OpenJournals()) == {}
    assert store.mark_lost(A, SEEN_NS) == 0


def test_a_start_that_comes_after_the_end_opens_nothing(store):
    store.write([record(journal=A)])
    store.write([open_span()])

    assert store.read(OpenJournals()) == {}


def test_what_changes_is_told_to_those_who_follow(store):
    before = store.write([open_span(), record(trace=2)])

    store.mark_lost(A, SEEN_NS)
    lost = store.read(ChangesSince(seq=before))
    store.mark_running(A)
    found = store.read(ChangesSince(seq=lost.seq))

    assert [(trace.trace_id, trace.state) for trace in lost.traces] == [
        (trace_id(1).hex(), State.LOST)
    ]
    assert [trace.state for trace in found.traces] == [State.RUNNING]


def test_marking_twice_changes_nothing_the_second_time(store):
    store.write([open_span()])
    store.mark_lost(A, SEEN_NS)
    seq = store.read(ChangesSince(seq=0)).seq

    assert (store.mark_lost(A, SEEN_NS), store.mark_lost(B, SEEN_NS)) == (0, 0)
    assert store.read(ChangesSince(seq=0)).seq == seq


def test_a_deleted_trace_is_not_brought_back(store):
    store.write([open_span()])
    store.delete([trace_id(1)])

    assert store.mark_lost(A, SEEN_NS) == 0
    assert store.read(ReadTrace(trace_id(1))) is None
    assert store.read(OpenJournals()) == {}


def test_spans_that_came_by_no_journal_have_nobody_to_wait_for(store):
    store.write([open_span(journal=None)])

    assert store.read(OpenJournals()) == {}
    assert states(store) == [State.RUNNING]


def test_a_store_that_is_opened_again_remembers_whose_they_are(open_store):
    first = open_store()
    first.write([open_span(), open_span(trace=2, journal=B)])
    first.mark_lost(A, SEEN_NS)
    first.close()

    assert open_store().read(OpenJournals()) == {A: True, B: False}
