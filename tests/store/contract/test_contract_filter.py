"""A filter finds the traces that it is true of, by whatever way, as a look at each would."""

import operator
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from store_records import MS, T0_NS, record, trace_id

from telltale.nouns.errors import BadInput
from telltale.nouns.span import Kind, State, Status
from telltale.nouns.usage import Cost, Usage
from telltale.query.ast import (
    Ago,
    And,
    At,
    Begins,
    Compared,
    Is,
    Not,
    OneSpan,
    Or,
    Term,
    Text,
    Within,
)
from telltale.query.parse import parse
from telltale.query.words import folded, stand_in
from telltale.query.write import write
from telltale.store.questions import FindTraces, Sort

NOW_NS = T0_NS + 60_000 * MS
WORDS = ("hotel", "Hotels", "in", "東京", "京", "hotel in", "😀", "the Hotel in 東京駅")
NAMES = ("search", "Suche", "検索")
NUMBERS = (0, 1, 5, 20)


@st.composite
def stores(draw):
    """Traces of one to three spans, a handful."""
    changes = []
    for trace in range(1, draw(st.integers(1, 6)) + 1):
        for span in range(1, draw(st.integers(1, 3)) + 1):
            changes.append(draw(spans(trace, span)))
    return changes


def spans(trace, span):
    """A span of a trace; the first is its root."""
    tags = st.dictionaries(st.just("env"), st.sampled_from(("prod", "Test")), max_size=1)
    texts = st.lists(st.sampled_from(WORDS), max_size=2)
    name = st.sampled_from(NAMES)
    optional = {
        "kind": st.sampled_from((Kind.LLM, Kind.TOOL, Kind.CREW)),
        "status": st.sampled_from(Status),
        "tool": st.one_of(st.none(), name),
        "model": st.one_of(st.none(), name),
        "error_type": st.one_of(st.none(), name),
        "usage": st.one_of(st.none(), st.builds(Usage, *[st.sampled_from(NUMBERS)] * 2)),
        "cost": st.one_of(st.none(), st.builds(Cost, st.sampled_from(NUMBERS), st.just("p"))),
        "user": st.one_of(st.none(), name),
        "tags": tags,
        "attributes": texts.map(lambda said: {f"note{n}": text for n, text in enumerate(said)}),
        "end_ms": st.integers(10, 12),
        "start_ms": st.sampled_from((1, 2)),
        "name": name,
    }
    fixed = {"parent": None if span == 1 else 1, "trace": trace, "span": span}
    return st.fixed_dictionaries(optional).map(lambda said: record(**fixed, **said))


def terms(*fields):
    numbers = st.sampled_from(NUMBERS)
    orders = st.sampled_from((">", ">=", "<", "<="))
    of = {
        "status": st.sampled_from(("ok", "error", "running", "lost")).map(Is),
        "kind": st.sampled_from(("llm", "tool", "crew")).map(Is),
        "duration": st.builds(Compared, orders, st.sampled_from((9 * MS, 10 * MS))),
        "since": st.sampled_from((At(T0_NS + 2 * MS), Ago(59_998 * MS), Ago(0))),
        "before": st.sampled_from((At(T0_NS + 2 * MS), Ago(59_998 * MS))),
        "trace": st.one_of(
            st.integers(1, 6).map(lambda number: Is(trace_id(number).hex())),
            st.sampled_from(("0000", "0" * 31, "0001")).map(Begins),
        ),
    }
    texts = st.one_of(
        st.sampled_from(NAMES).map(str.upper).map(Is), st.sampled_from(("s", "検", "")).map(Begins)
    )
    of |= dict.fromkeys(("name", "tool", "model", "error", "user", "crew"), texts)
    counts = st.one_of(numbers.map(Is), st.builds(Compared, orders, numbers), st.just(Within(1, 5)))
    of |= dict.fromkeys(("tokens", "cost", "llm_calls", "errors", "spans"), counts)
    tags = st.sampled_from((Is("PROD"), Begins(""), Begins("te"))).map(
        lambda test: Term("tag", test, "env")
    )
    chosen = [of[field].map(lambda test, field=field: Term(field, test)) for field in fields]
    words = st.builds(Text, st.sampled_from((*WORDS, "hot", "京駅")), st.booleans())
    return st.one_of(words, *chosen, *([tags] if "user" in fields else []))


def filters(leaves):
    return st.recursive(
        leaves,
        lambda parts: st.one_of(
            st.lists(parts, min_size=2, max_size=3).map(tuple).map(And),
            st.lists(parts, min_size=2, max_size=3).map(tuple).map(Or),
            parts.map(Not),
        ),
        max_leaves=4,
    )


OF_BOTH = ("status", "kind", "duration", "name", "tool", "model", "error", "tokens", "cost", "crew")
OF_TRACES = ("since", "before", "trace", "user", "llm_calls", "errors", "spans")
FILTERS = filters(st.one_of(terms(*OF_BOTH, *OF_TRACES), filters(terms(*OF_BOTH)).map(OneSpan)))


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(changes=stores(), filter_=FILTERS)
def test_a_filter_finds_what_a_look_at_each_trace_would(store, changes, filter_):
    store.delete([trace_id(number) for number in range(1, 7)])
    store.write(changes)
    traces = {}
    for change in changes:
        traces.setdefault(change.raw.trace_id.hex(), []).append(change)

    page = store.read(FindTraces(filter=filter_, now_ns=NOW_NS))

    wanted = {id_ for id_, spans in traces.items() if true_of_trace(filter_, spans)}
    assert {trace.trace_id for trace in page.traces} == wanted, write(filter_)
    assert page.next is None


def true_of_trace(filter_, spans):
    """By the manual alone."""
    if isinstance(filter_, And):
        return all(true_of_trace(part, spans) for part in filter_.parts)
    if isinstance(filter_, Or):
        return any(true_of_trace(part, spans) for part in filter_.parts)
    if isinstance(filter_, Not):
        return not true_of_trace(filter_.part, spans)
    if isinstance(filter_, OneSpan):
        return any(true_of_span(filter_.part, span) for span in spans)
    if isinstance(filter_, Text):
        return any(true_of_span(filter_, span) for span in spans)
    if filter_.field in ("kind", "tool", "model", "error", "crew"):
        return any(true_of_span(filter_, span) for span in spans)
    root = spans[0]
    facts = [span.reading for span in sorted(spans, key=lambda s: (s.raw.end_ns, s.raw.span_id))]
    counted = [s.reading for s in spans if s.reading.kind is Kind.LLM and s.reading.usage]
    costs = [span.reading.cost.pico_usd for span in spans if span.reading.cost]
    values = {
        "status": standing_of(root.reading),
        "name": root.reading.name,
        "duration": root.raw.end_ns - root.raw.start_ns,
        "tokens": sum(r.usage.input_tokens + r.usage.output_tokens for r in counted),
        "cost": sum(costs) if costs else None,
        "llm_calls": sum(span.reading.kind is Kind.LLM for span in spans),
        "errors": sum(span.reading.status is Status.ERROR for span in spans),
        "spans": len(spans),
        "user": next((reading.user for reading in reversed(facts) if reading.user), None),
        "tag": next((r.tags["env"] for r in reversed(facts) if r.tags), None),
        "since": root.raw.start_ns,
        "before": root.raw.start_ns,
        "trace": root.raw.trace_id.hex(),
    }
    return is_so(filter_, values[filter_.field])


def true_of_span(filter_, span):
    if isinstance(filter_, And):
        return all(true_of_span(part, span) for part in filter_.parts)
    if isinstance(filter_, Or):
        return any(true_of_span(part, span) for part in filter_.parts)
    if isinstance(filter_, Not):
        return not true_of_span(filter_.part, span)
    reading, raw = span.reading, span.raw
    if isinstance(filter_, Text):
        texts = (raw.name, *raw.attributes.values())
        needle = folded(filter_.text)
        return any(stand_in(needle, folded(text), is_open=filter_.is_open) for text in texts)
    values = {
        "status": standing_of(reading),
        "kind": (str(reading.kind),),
        "duration": raw.end_ns - raw.start_ns,
        "name": reading.name,
        "tool": reading.tool,
        "model": reading.model,
        "error": reading.error_type,
        "crew": reading.name if reading.kind is Kind.CREW else None,
        "tokens": reading.usage and reading.usage.input_tokens + reading.usage.output_tokens,
        "cost": reading.cost and reading.cost.pico_usd,
    }
    return is_so(filter_, values[filter_.field])


def standing_of(reading):
    """Ended and no error is `ok`, whether its program has said so or not."""
    if reading.state is not State.ENDED:
        return (str(reading.state),)
    return ("error",) if reading.status is Status.ERROR else ("ok",)


def is_so(term, value):
    test = term.test
    if value is None:
        return False
    if isinstance(test, At | Ago):
        moment = test.time_ns if isinstance(test, At) else NOW_NS - test.duration_ns
        return value >= moment if term.field == "since" else value < moment
    if isinstance(value, tuple):
        return test.value in value
    if isinstance(test, Begins):
        return value.lower().startswith(test.text.lower())
    if isinstance(test, Within):
        return test.low <= value <= test.high
    if isinstance(test, Compared):
        compare = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
        return compare[test.order](value, test.value)
    return value.lower() == test.value.lower() if isinstance(value, str) else value == test.value


def test_pages_of_a_filter_go_on_where_they_ended(store):
    store.write([record(trace=n, start_ms=n, end_ms=n + 1, name="ab"[n % 2]) for n in range(1, 30)])
    asked = FindTraces(filter=parse("name:a"), limit=4)
    seen, cursor = [], None
    while True:
        page = store.read(asked.__class__(filter=asked.filter, limit=4, cursor=cursor))
        seen += [int(trace.trace_id, 16) for trace in page.traces]
        cursor = page.next
        if cursor is None:
            break

    assert seen == list(range(28, 0, -2))


@pytest.mark.parametrize("sort", [sort for sort in Sort if sort is not Sort.FEEDBACK])
@pytest.mark.parametrize("smallest_first", [False, True])
@pytest.mark.parametrize("asked", ["", "kind:llm -name:c"])
def test_a_list_is_ordered_as_is_asked_over_all_its_pages(store, sort, smallest_first, asked):
    changes = [
        record(
            trace=n,
            start_ms=(n * 7) % 11,
            end_ms=None if n % 5 == 0 else 20 + n % 3,
            name="abc"[n % 3],
            kind=Kind.LLM,
            usage=Usage(n % 4, 1),
            cost=None if n % 4 == 0 else Cost(n % 6, "list"),
        )
        for n in range(1, 25)
    ]
    store.write(changes)
    asked = FindTraces(filter=parse(asked), sort=sort, smallest_first=smallest_first, limit=5)
    seen, cursor = [], None
    while True:
        page = store.read(replace(asked, cursor=cursor))
        seen += page.traces
        cursor = page.next
        if cursor is None:
            break

    values = [VALUE[sort](trace) for trace in seen]
    assert values == sorted(values, reverse=not smallest_first)
    kept = [change for change in changes if asked.filter == parse("") or change.raw.name != "c"]
    assert {trace.trace_id for trace in seen} == {change.raw.trace_id.hex() for change in kept}
    assert len(seen) == len(kept)


VALUE = {
    Sort.START: lambda trace: trace.start_us,
    Sort.DURATION: lambda trace: -1 if trace.duration_us is None else trace.duration_us,
    Sort.COST: lambda trace: Decimal(-1 if trace.cost_usd is None else trace.cost_usd),
    Sort.TOKENS: lambda trace: trace.usage.input_tokens + trace.usage.output_tokens,
}


def test_a_cursor_of_another_filter_is_refused(store):
    store.write([record(trace=n) for n in range(1, 4)])
    cursor = store.read(FindTraces(limit=1, filter=parse("spans:1"))).next

    with pytest.raises(BadInput, match="not one of this list"):
        store.read(FindTraces(limit=1, cursor=cursor))


def test_what_a_corrected_span_said_before_is_found_no_more(store):
    store.write([record(attributes={"text": "before"}, tool="old")])
    store.write([record(attributes={"text": "after"}, tool="new")])

    def found(text):
        return len(store.read(FindTraces(filter=parse(text))).traces)

    assert (found("before"), found("after"), found("tool:old"), found("tool:new")) == (0, 1, 0, 1)


def test_the_history_that_each_call_repeats_is_found_in_each(store):
    said = '[{"role":"user","parts":[{"type":"text","content":"' + "late train " * 30 + '"}]}]'
    store.write([record(span=n, attributes={"gen_ai.input.messages": said}) for n in range(1, 4)])

    def found(text):
        return len(store.read(FindTraces(filter=parse(text))).traces)

    assert (found('"train late"'), found("user"), found('span("late train" name:"span 3")')) == (
        1,
        0,
        1,
    )
