"""What is stored depends on which records came, not on when or how often."""

import pytest
from store_records import record, span_id, trace_id

from telltale.nouns.errors import BadId
from telltale.nouns.span import State
from telltale.store.questions import FindTraces, ReadSkeleton, ReadSpans, ReadTrace

ONE = trace_id(1)


def test_the_same_span_twice_is_one_row(store):
    store.write([record(), record()])
    store.write([record()])

    assert store.read(ReadTrace(ONE)).spans == 1


def test_a_repeated_write_changes_nothing_not_even_seq(store):
    changes = [record(), record(span=2, parent=1, tags={"k": "v"}, resource={"pid": 1})]
    first = store.write(changes)

    assert store.write(changes) == first
    assert store.read(ReadTrace(ONE)).seq == first


def test_an_end_wins_over_its_start(store):
    store.write([record(end_ms=None)])
    store.write([record(end_ms=7)])

    trace = store.read(ReadTrace(ONE))
    assert (trace.state, trace.duration_us) == (State.ENDED, 7000)


@pytest.mark.parametrize("together", [True, False], ids=["in one write", "in two writes"])
def test_a_late_start_never_overwrites_an_end(store, together):
    end, start = record(end_ms=7, label="end"), record(end_ms=None, label="start")
    if together:
        store.write([end, start])
    else:
        store.write([end])
        store.write([start])

    (span,) = store.read(ReadSpans(trace_id=ONE))
    assert (span.reading.label, span.reading.state) == ("end", State.ENDED)
    assert span.raw == end.raw


def test_an_end_wins_over_lost(store):
    store.write([record(end_ms=None)])
    store.write([record(end_ms=None, state=State.LOST)])
    assert store.read(ReadTrace(ONE)).state is State.LOST

    store.write([record(end_ms=5)])
    assert store.read(ReadTrace(ONE)).state is State.ENDED


def test_a_better_reading_of_the_same_span_replaces_the_old_one(store):
    store.write([record(model="gpt-5")])
    store.write([record(model="gpt-5-2026-05-01")])

    (span,) = store.read(ReadSpans(trace_id=ONE))
    assert span.reading.model == "gpt-5-2026-05-01"


def test_ordinal_is_the_order_of_arrival_and_stays(store):
    store.write([record(span=30, parent=10, end_ms=None)])
    store.write([record(span=20, parent=10), record(span=10)])
    store.write([record(span=30, parent=10)])

    spans = store.read(ReadSpans(trace_id=ONE))
    assert [(span.ordinal, span.raw.span_id) for span in spans] == [
        (0, span_id(30)),
        (1, span_id(20)),
        (2, span_id(10)),
    ]


def test_the_first_stored_span_fixes_the_experiment(store):
    store.write([record(span=2, parent=1, experiment_id=7)])
    store.write([record(span=1, experiment_id=8)])

    assert store.read(ReadTrace(ONE)).experiment_id == 7
    assert store.read(FindTraces(experiment_id=8)).traces == ()


def test_a_child_before_its_parent_finds_it_later(store):
    store.write([record(span=2, parent=1)])
    before = store.read(ReadSkeleton(trace_id=ONE))
    store.write([record(span=1)])
    patch = store.read(ReadSkeleton(trace_id=ONE, since=before.seq))

    assert before.parent == (-2,)
    assert (patch.ordinals(), patch.parent) == ((0, 1), (1, -1)), "the child changed too"


def test_a_span_that_is_its_own_parent_hangs_nowhere(store):
    store.write([record(span=1, parent=1)])
    store.write([record(span=1, parent=1, label="again")])

    assert store.read(ReadSkeleton(trace_id=ONE)).parent == (-2,)


def test_two_traces_may_have_spans_of_the_same_id(store):
    store.write([record(trace=1, label="a"), record(trace=2, label="b")])

    labels = [store.read(ReadSpans(trace_id=trace_id(n)))[0].reading.label for n in (1, 2)]
    assert labels == ["a", "b"]


def test_seq_rises_with_each_write_that_changes_something(store):
    seqs = [store.write([record(span=n)]) for n in range(1, 5)]

    assert seqs == sorted(set(seqs))


def test_an_empty_write_is_answered_with_the_seq_of_now(store):
    seq = store.write([record()])

    assert store.write([]) == seq


def test_an_id_of_the_wrong_length_is_refused(store):
    change = record()
    short = type(change.raw)(trace_id=b"1", span_id=b"2", name="x", start_ns=1)

    with pytest.raises(BadId, match="16 bytes"):
        store.write([type(change)(0, short, change.reading)])


def test_what_was_written_is_there_after_reopening(open_store):
    first = open_store()
    seq = first.write([record(attributes={"a": [1, {"b": None}]}, resource={"host": "h"})])
    before = first.read(ReadSpans(trace_id=ONE))
    first.close()

    again = open_store()
    assert again.read(ReadSpans(trace_id=ONE)) == before
    assert again.write([record(span=2)]) > seq
