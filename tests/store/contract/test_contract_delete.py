"""A deleted trace is gone with everything that belonged to it."""

from store_records import record, span_id, trace_id

from telltale.store.questions import (
    ChangesSince,
    CountTraces,
    FindTraces,
    ReadRaw,
    ReadSpans,
    ReadTrace,
)


def test_deleting_answers_how_many_were_there(store):
    store.write([record(trace=1), record(trace=2), record(trace=3)])

    assert store.delete([trace_id(1), trace_id(3), trace_id(3), trace_id(9)]) == 2
    assert store.delete([trace_id(1)]) == 0
    assert store.delete([]) == 0


def test_a_deleted_trace_is_in_no_answer(store):
    store.write([record(trace=1, tags={"a": "b"}), record(trace=2, name="stays")])
    store.delete([trace_id(1)])

    assert store.read(ReadTrace(trace_id(1))) is None
    assert store.read(ReadSpans(trace_id=trace_id(1))) == ()
    assert store.read(CountTraces()) == {0: 1}
    assert len(store.read(ReadRaw()).traces) == 1
    for listed in (FindTraces(), ChangesSince(seq=0)):
        assert [trace.name for trace in store.read(listed).traces] == ["stays"]


def test_a_trace_of_more_spans_than_one_chunk_goes_whole_and_alone(store):
    store.write([record(trace=1), record(trace=2, name="stays")])
    store.write([record(trace=1, span=n, parent=1) for n in range(2, 2600)])

    assert store.delete([trace_id(1)]) == 1
    assert store.read(CountTraces()) == {0: 1}
    assert [span.raw.name for span in store.read(ReadSpans(trace_id=trace_id(2)))] == ["stays"]


def test_a_deleted_trace_that_is_sent_again_starts_anew(store):
    store.write([record(span=1, tags={"old": "1"}), record(span=2, parent=1, experiment_id=5)])
    store.delete([trace_id(1)])
    store.write([record(span=2, parent=1, experiment_id=6)])

    trace = store.read(ReadTrace(trace_id(1)))
    assert (trace.spans, trace.experiment_id, trace.tags) == (1, 6, {})
    (span,) = store.read(ReadSpans(trace_id=trace_id(1)))
    assert (span.ordinal, span.raw.span_id) == (0, span_id(2))


def test_seq_never_falls_when_traces_go(store):
    before = store.write([record(trace=1)])
    store.delete([trace_id(1)])

    assert store.write([record(trace=2)]) > before
