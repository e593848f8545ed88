"""Spans that are read again: what follows from them follows anew, and nothing else changes."""

from msgspec.structs import replace
from store_records import record, trace_id

from telltale.nouns.span import Kind, Span, State
from telltale.nouns.usage import Cost, Usage
from telltale.query.parse import parse
from telltale.store.questions import FindTraces, ReadSpans, ReadTrace


def better(raw):
    """A reading that sees calls of a model where none were seen."""
    return Span(
        dialect="better",
        kind=Kind.LLM,
        name=raw.name,
        model="m-2",
        usage=Usage(7, 3),
        cost=Cost(5, "new prices"),
        state=State.ENDED,
        status=raw.status,
    )


def all_again(store, read, *, is_all=True):
    """How many spans were read again, chunk by chunk."""
    after, spans = 0, 0
    while after is not None:
        done = store.reread(after, read, is_all=is_all)
        after, spans = done.next, spans + done.spans
    return spans


def test_columns_totals_and_facets_follow_the_new_reading(store):
    before = store.write([record(span=n, parent=None if n == 1 else 1) for n in range(1, 4)])

    assert all_again(store, better) == 3

    trace = store.read(ReadTrace(trace_id(1)))
    assert (trace.kind, trace.llm_calls, trace.usage.input_tokens) == ("llm", 3, 21)
    assert trace.cost_usd == "0.000000000015"
    assert trace.seq > before
    assert [t.trace_id for t in store.read(FindTraces(filter=parse("model:m-2"))).traces]
    assert store.read(FindTraces(filter=parse("kind:chain"))).traces == ()


def test_of_many_traces_all_have_their_turn(store):
    store.write([record(trace=t, span=s) for t in range(1, 4) for s in range(1, 400)])

    assert all_again(store, better) == 3 * 399
    assert {store.read(ReadTrace(trace_id(t))).llm_calls for t in range(1, 4)} == {399}


def test_what_is_read_already_is_passed_over_unless_all_is_asked_for(store):
    store.write([record()])

    assert all_again(store, better, is_all=False) == 0
    assert store.read(ReadTrace(trace_id(1))).kind == Kind.CHAIN


def test_what_people_said_the_experiment_and_open_spans_stay(store):
    store.write(
        [
            record(experiment_id=4, tags={"a": "b"}),
            record(span=2, parent=1, end_ms=None, journal=b"J" * 16),
        ]
    )
    store.set_tags(trace_id(1), {"env": "prod"})

    assert all_again(store, better) == 1

    trace = store.read(ReadTrace(trace_id(1)))
    assert (trace.experiment_id, trace.tags) == (4, {"env": "prod"})
    assert store.mark_lost(b"J" * 16, 1) == 1
    raws = [span.raw for span in store.read(ReadSpans(trace_id=trace_id(1)))]
    assert [raw.end_ns is None for raw in raws] == [False, True]


def test_a_deleted_trace_does_not_come_back(store):
    store.write([record(span=n) for n in range(1, 3_000)])
    store.delete([trace_id(1)])

    all_again(store, lambda raw: replace(better(raw), name="again"))

    assert store.read(ReadTrace(trace_id(1))) is None
