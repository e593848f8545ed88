"""Every question has an answer, and the pages of a list fit together."""

import pytest
from store_records import MS, T0_NS, record, span_id, trace_id

from telltale.nouns.errors import BadInput, StoreBroken
from telltale.nouns.span import Kind, State, Status
from telltale.nouns.usage import Cost, Usage
from telltale.store import questions
from telltale.store.questions import (
    ChangesSince,
    CountFacets,
    CountTraces,
    FindTagKeys,
    FindTraces,
    FindValues,
    OpenJournals,
    ReadRaw,
    ReadSaid,
    ReadSkeleton,
    ReadSpans,
    ReadTrace,
    SumUp,
    Weigh,
)

ONE = trace_id(1)
EXAMPLES = (
    FindTraces(),
    FindValues(field="kind"),
    FindTagKeys(),
    ReadTrace(ONE),
    ReadSkeleton(trace_id=ONE),
    ReadSpans(trace_id=ONE),
    ReadSaid(ONE),
    ReadRaw(),
    ChangesSince(seq=0),
    CountTraces(),
    CountFacets(),
    SumUp(),
    Weigh(0),
    OpenJournals(),
)


def names(traces):
    return [trace.name for trace in traces]


def numbered(*numbers, **said):
    """Traces named by their number, each starting that many milliseconds later."""
    return [record(trace=n, name=str(n), start_ms=n, end_ms=n + 1, **said) for n in numbers]


def test_the_examples_name_every_question():
    assert {type(example) for example in EXAMPLES} == set(questions.Question.__subclasses__())


@pytest.mark.parametrize("question", EXAMPLES, ids=lambda question: type(question).__name__)
def test_every_question_is_answered_by_an_empty_store_and_by_a_full_one(store, question):
    empty = store.read(question)
    store.write([record(tags={"a": "b"}), record(trace=2, end_ms=None, journal=b"J" * 16)])

    assert store.read(question) != empty


def test_the_list_is_newest_first_whatever_the_order_of_arrival(store):
    store.write(numbered(2, 4, 1, 3))

    assert names(store.read(FindTraces()).traces) == ["4", "3", "2", "1"]


def test_pages_of_the_list_join_without_gap_or_repeat_while_data_arrives(store):
    store.write(numbered(*range(1, 8), experiment_id=3))
    seen, cursor = [], None
    for arriving in (20, 21, 22):
        page = store.read(FindTraces(experiment_id=3, limit=3, cursor=cursor))
        seen += names(page.traces)
        cursor = page.next
        store.write(numbered(arriving, experiment_id=3))

    assert seen == ["7", "6", "5", "4", "3", "2", "1"]
    assert cursor is None


def test_traces_that_start_at_the_same_moment_are_told_apart_by_pages(store):
    store.write([record(trace=n, name=str(n)) for n in range(1, 6)])
    seen, cursor = [], None
    while len(seen) < 5:
        page = store.read(FindTraces(limit=2, cursor=cursor))
        seen += names(page.traces)
        cursor = page.next

    assert seen == ["5", "4", "3", "2", "1"]


def test_the_list_of_an_experiment_has_only_its_traces(store):
    store.write([*numbered(1, 2, experiment_id=1), *numbered(3, experiment_id=2)])

    assert names(store.read(FindTraces(experiment_id=1)).traces) == ["2", "1"]
    assert store.read(CountTraces()) == {1: 2, 2: 1}


@pytest.mark.parametrize("question", [FindTraces, ReadRaw])
def test_a_foreign_cursor_is_refused(store, question):
    store.write(numbered(1, 2, 3))
    cursors = {
        FindTraces: store.read(FindTraces(limit=1)).next,
        ReadRaw: store.read(ReadRaw(limit=1)).next,
    }
    of_another_list = cursors[ReadRaw if question is FindTraces else FindTraces]

    for cursor in ("", "x", "not a cursor", "ä", "AAAA", of_another_list):
        with pytest.raises(BadInput, match="`next`"):
            store.read(question(cursor=cursor))
    with pytest.raises(BadInput):
        store.read(question(experiment_id=1, cursor=cursors[question]))


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_that_is_not_positive_is_refused(store, limit):
    for question in (
        FindTraces(limit=limit),
        ReadRaw(limit=limit),
        ChangesSince(seq=0, limit=limit),
    ):
        with pytest.raises(BadInput, match="limit"):
            store.read(question)


def test_numbers_beyond_64_bits_are_only_not_found(store):
    store.write(numbered(1))

    assert store.read(FindTraces(experiment_id=2**70)).traces == ()
    assert store.read(ChangesSince(seq=2**70)).traces == ()
    assert store.read(ReadSkeleton(trace_id=ONE, since=2**70)).ordinals() == ()
    assert store.read(ReadSpans(trace_id=ONE, ordinals=(2**70, -1))) == ()


def test_a_trace_that_is_not_stored_is_none(store):
    assert store.read(ReadTrace(ONE)) is None
    assert store.read(ReadSkeleton(trace_id=ONE)) is None
    assert store.read(ReadSpans(trace_id=ONE)) == ()
    assert store.read(ReadRaw(trace_id=ONE)).traces == ()


def test_changes_come_oldest_first_and_in_pieces_without_gap(store):
    store.write(numbered(*range(1, 8)))
    store.write([record(trace=2, name="2 again", start_ms=2)])
    seen, seq = [], 0
    for _ in range(4):
        changes = store.read(ChangesSince(seq=seq, limit=2))
        seen += names(changes.traces)
        seq = changes.seq

    assert seen == ["1", "3", "4", "5", "6", "7", "2 again"]
    assert store.read(ChangesSince(seq=seq)) == questions.Changes(seq, ())


def test_changes_of_one_experiment_pass_over_the_others(store):
    store.write([*numbered(1, experiment_id=1), *numbered(2, 3, experiment_id=2)])
    last = store.write(numbered(4, experiment_id=1))

    changes = store.read(ChangesSince(seq=0, experiment_id=2))
    assert (names(changes.traces), changes.seq) == (["2", "3"], last)


def test_changes_go_on_without_a_gap_where_the_list_stopped(store):
    store.write(numbered(1))
    page = store.read(FindTraces())
    store.write(numbered(2))

    assert names(store.read(ChangesSince(seq=page.seq)).traces) == ["2"]


def test_the_skeleton_is_columns_over_dictionaries(store):
    store.write(
        [
            record(span=1, name="crew", kind=Kind.CREW, end_ms=None),
            record(
                span=2,
                parent=1,
                name="chat",
                kind=Kind.LLM,
                label="hello",
                model="gpt-5",
                start_ms=-3,
                end_ms=4,
                status=Status.OK,
                usage=Usage(10, 5, 4),
                cost=Cost(1_234_567, "p"),
            ),
            record(span=3, parent=9, name="chat", end_ms=None, state=State.LOST),
        ]
    )
    skeleton = store.read(ReadSkeleton(trace_id=ONE))

    assert (skeleton.names, skeleton.models) == (("crew", "chat"), ("gpt-5",))
    assert skeleton.kinds == ("crew", "llm", "chain")
    assert skeleton.base_us == T0_NS // 1000
    assert skeleton.ordinals() == (0, 1, 2)
    assert skeleton.parent == (-1, 0, -2)
    assert skeleton.name == (0, 1, 1)
    assert skeleton.kind == (0, 1, 2)
    assert skeleton.model == (-1, 0, -1)
    assert skeleton.label == ("", "hello", "")
    assert skeleton.state == (1, 0, 2)
    assert skeleton.status == (0, 1, 0)
    assert skeleton.starts() == (0, -3000, 0)
    assert skeleton.duration == (-1, 7000, -1)
    assert skeleton.input_tokens == (-1, 10, -1)
    assert skeleton.cached_tokens == (-1, 4, -1)
    assert skeleton.output_tokens == (-1, 5, -1)
    assert skeleton.cost_nano_usd == (-1, 1234, -1)


def test_a_patch_has_only_what_changed_and_the_same_base(store):
    store.write([record(span=1, end_ms=None), record(span=2, parent=1)])
    whole = store.read(ReadSkeleton(trace_id=ONE))
    store.write([record(span=3, parent=1, start_ms=-50), record(span=2, parent=1)])
    patch = store.read(ReadSkeleton(trace_id=ONE, since=whole.seq))

    assert patch.ordinals() == (2,)
    assert patch.base_us == whole.base_us
    assert store.read(ReadSkeleton(trace_id=ONE, since=patch.seq)).ordinals() == ()


def test_spans_are_read_by_ordinal_and_by_id_each_once(store):
    store.write([record(span=n, parent=1 if n > 1 else None) for n in range(1, 7)])
    question = ReadSpans(trace_id=ONE, ordinals=(4, 0, 99), span_ids=(span_id(5), span_id(2)))

    assert [span.ordinal for span in store.read(question)] == [0, 1, 4]


def test_a_span_comes_back_as_it_was_reported_and_as_it_was_read(store):
    change = record(
        kind=Kind.LLM,
        label="label",
        model="gpt-5",
        provider="openai",
        tool="search",
        agent="Guide",
        error_type="Timeout",
        usage=Usage(1, 2, 3, 4, 5),
        cost=Cost(7, "table 2026 row"),
        attributes={"text": "東京", "list": [1.5, True, None], "bytes": b"\x00\xff", "big": 2**63},
        resource={"service.name": "trip", "process.pid": 7},
    )
    store.write([change])

    (span,) = store.read(ReadSpans(trace_id=ONE))
    assert span == questions.StoredSpan(ordinal=0, raw=change.raw, reading=change.reading)


def test_whole_traces_are_exported_once_each_in_order_of_arrival(store):
    for n in (3, 1, 2):
        store.write([record(trace=n, span=1), record(trace=n, span=2, parent=1)])
    first = store.read(ReadRaw(limit=2))
    store.write([record(trace=9, experiment_id=4)])
    second = store.read(ReadRaw(limit=2, cursor=first.next))

    batches = [
        [[(span.raw.trace_id[-1], span.ordinal) for span in trace] for trace in batch.traces]
        for batch in (first, second)
    ]
    assert batches == [[[(3, 0), (3, 1)], [(1, 0), (1, 1)]], [[(2, 0), (2, 1)], [(9, 0)]]]
    assert second.next is None


def test_an_export_can_be_of_one_experiment_or_of_one_trace(store):
    store.write([*numbered(1, 2, experiment_id=1), *numbered(3, experiment_id=2)])

    def exported(**asked):
        return [trace[0].raw.name for trace in store.read(ReadRaw(**asked)).traces]

    assert exported(experiment_id=1) == ["1", "2"]
    assert exported(trace_id=trace_id(3)) == ["3"]
    assert exported(trace_id=trace_id(3), experiment_id=1) == []


def test_a_batch_of_the_export_ends_early_when_it_grows_large(store):
    store.write([record(trace=n, attributes={"text": "x" * (9 << 20)}) for n in (1, 2, 3)])
    first = store.read(ReadRaw())
    second = store.read(ReadRaw(cursor=first.next))

    assert (len(first.traces), len(second.traces), second.next) == (2, 1, None)


def test_times_before_1970_and_after_2262_are_kept_as_near_as_a_column_holds(store):
    store.write([record(start_ms=-(T0_NS // MS) - 1000, end_ms=10**20)])
    trace = store.read(ReadTrace(ONE))

    assert trace.start_us == -1_000_000
    assert trace.duration_us == (2**63 - 1) // 1000


def test_a_closed_store_says_so(store):
    store.close()
    store.close()

    with pytest.raises(StoreBroken, match="closed"):
        store.read(FindTraces())
    with pytest.raises(StoreBroken, match="closed"):
        store.write([record()])
