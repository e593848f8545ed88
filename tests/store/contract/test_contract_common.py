"""What traces have in common, and what they come to, as counted by a look at each."""

import math
from collections import Counter, defaultdict

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_records import MS, T0_NS, record, trace_id
from test_contract_filter import NOW_NS, stores

from telltale.nouns.errors import BadInput
from telltale.nouns.facets import FacetValue, Spread
from telltale.nouns.span import Kind, Status
from telltale.nouns.usage import Cost, Usage, usd
from telltale.query.parse import parse
from telltale.store.questions import CountFacets, FindTraces, SumUp

ASKED = st.sampled_from(
    ["", "status:error", "status:ok", "kind:llm", "hotel", "-user:*", "user:* OR tool:*"]
)
STANDING = {Status.UNSET: "ok", Status.OK: "ok", Status.ERROR: "error"}
"""Of what has ended."""
BY_TRACE = (None, "status", "name", "user", "tag.env")
BY_SPAN = ("kind", "tool", "model", "error", "crew")
STORED = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def stored(store, changes, text):
    """The traces that a filter is true of, each with what was written of it."""
    store.delete([trace_id(number) for number in range(1, 7)])
    store.write(changes)
    spans = defaultdict(list)
    for change in changes:
        spans[change.raw.trace_id.hex()].append(change)
    page = store.read(FindTraces(filter=parse(text), now_ns=NOW_NS))
    return [(trace, spans[trace.trace_id]) for trace in page.traces]


@STORED
@given(changes=stores(), text=ASKED)
def test_facets_are_counted_as_a_look_at_each_trace_would(store, changes, text):
    traces = stored(store, changes, text)
    counts, written = Counter(), {}
    for trace, spans in traces:
        has = {("status", STANDING[trace.status]), ("user", trace.user)}
        has |= {(f"tag.{key}", value) for key, value in trace.tags.items()}
        for reading in (span.reading for span in spans):
            has |= {("tool", reading.tool), ("model", reading.model), ("error", reading.error_type)}
            has.add(("crew", reading.name if reading.kind is Kind.CREW else None))
        for field, value in {(field, value) for field, value in has if value is not None}:
            counts[field, value.casefold()] += 1
            written[field, value.casefold()] = value

    found = store.read(CountFacets(filter=parse(text), now_ns=NOW_NS))

    assert (found.traces, found.is_all) == (len(traces), True)
    assert {
        (field, value.value.casefold()): value.traces
        for field, values in found.fields.items()
        for value in values
    } == counts
    for values in found.fields.values():
        assert [-value.traces for value in values] == sorted(-value.traces for value in values)


def test_of_many_values_those_that_most_traces_have_are_told(store):
    store.write([record(trace=n, user=f"user {n % 7}", experiment_id=n % 2) for n in range(1, 13)])

    for text in ("", "kind:chain"):
        found = store.read(CountFacets(filter=parse(text), limit=2))
        assert found.fields["user"] == (FacetValue("user 1", 2), FacetValue("user 2", 2))

    of_one = store.read(CountFacets(experiment_id=1, filter=parse("kind:chain"), limit=1))
    assert of_one.traces == 6
    assert of_one.fields["user"] == (FacetValue("user 0", 1),)


def test_what_takes_too_long_is_counted_of_the_newest_and_said(store):
    store.write([record(trace=n, start_ms=n, user="a") for n in range(1, 1_200)])

    found = store.read(CountFacets(filter=parse("user:a"), within_s=0))
    summed = store.read(SumUp(filter=parse("user:a"), within_s=0))
    whole = store.read(CountFacets(filter=parse("user:a"), within_s=60))

    assert (found.traces, found.is_all) == (0, False)
    assert (summed.traces, summed.is_all) == (0, False)
    assert (whole.traces, whole.is_all) == (1_199, True)


@STORED
@given(changes=stores(), text=ASKED, by=st.sampled_from(BY_TRACE))
def test_sums_of_traces_are_those_of_a_look_at_each(store, changes, text, by):
    groups = defaultdict(list)
    for trace, _ in stored(store, changes, text):
        of = {"status": STANDING[trace.status], "name": trace.name, "user": trace.user}
        of["tag.env"] = trace.tags.get("env")
        groups[of.get(by)].append(trace)

    found = store.read(SumUp(filter=parse(text), now_ns=NOW_NS, by=by))

    assert {one.value for one in found.sums} == set(groups)
    for one in found.sums:
        traces = groups[one.value]
        costs = [trace.cost_usd for trace in traces if trace.cost_usd is not None]
        tokens = [trace.usage.input_tokens + trace.usage.output_tokens for trace in traces]
        assert one.traces == len(traces)
        assert one.spans == sum(trace.spans for trace in traces)
        assert one.errors == sum(trace.status is Status.ERROR for trace in traces)
        assert one.input_tokens + one.output_tokens == sum(tokens)
        assert one.unpriced_calls == sum(trace.unpriced_calls for trace in traces)
        assert (one.cost_usd is None) == (not costs)
        assert one.tokens == naive_spread(tokens)
        assert one.duration_us == naive_spread([trace.duration_us for trace in traces])


@STORED
@given(changes=stores(), text=ASKED, by=st.sampled_from(BY_SPAN))
def test_sums_of_spans_are_those_of_the_spans_that_have_the_value(store, changes, text, by):
    groups = defaultdict(list)
    for _, spans in stored(store, changes, text):
        for span in spans:
            reading = span.reading
            of = {"kind": str(reading.kind), "tool": reading.tool, "model": reading.model}
            of["error"] = reading.error_type
            of["crew"] = reading.name if reading.kind is Kind.CREW else None
            if of[by] is not None:
                groups[of[by]].append(span)

    found = store.read(SumUp(filter=parse(text), now_ns=NOW_NS, by=by))

    assert {one.value for one in found.sums} == set(groups)
    for one in found.sums:
        spans = groups[one.value]
        calls = [s.reading.usage for s in spans if s.reading.kind is Kind.LLM and s.reading.usage]
        costs = [span.reading.cost.pico_usd for span in spans if span.reading.cost]
        assert one.traces == len({span.raw.trace_id for span in spans})
        assert one.spans == len(spans)
        assert one.errors == sum(span.reading.status is Status.ERROR for span in spans)
        assert one.input_tokens == sum(usage.input_tokens for usage in calls)
        assert one.output_tokens == sum(usage.output_tokens for usage in calls)
        assert one.cost_usd == (usd(sum(costs)) if costs else None)
        assert one.cost_pico == naive_spread(costs)
        lasted = [(span.raw.end_ns - span.raw.start_ns) // 1000 for span in spans]
        assert one.duration_us == naive_spread(lasted)


def naive_spread(values):
    """The smallest value that so many of a hundred are at or below."""
    if not values:
        return None
    return Spread(
        *(
            min(
                v for v in values if sum(o <= v for o in values) >= math.ceil(len(values) * p / 100)
            )
            for p in (50, 95, 99)
        )
    )


def test_time_is_cut_into_stretches_that_begin_at_whole_ones(store):
    store.write(
        [
            record(trace=n, start_ms=n * 400, end_ms=n * 400 + n, cost=Cost(n, "list"))
            for n in range(1, 6)
        ]
    )

    found = store.read(SumUp(every_ns=1_000 * MS))

    assert [(one.start_us - T0_NS // 1000, one.traces, one.cost_usd) for one in found.sums] == [
        (0, 2, usd(3)),
        (1_000_000, 2, usd(7)),
        (2_000_000, 1, usd(5)),
    ]


def test_of_many_groups_those_of_most_traces_are_told_and_too_many_are_refused(store):
    store.write([record(trace=n, name=f"name {n % 5}") for n in range(1, 12)])

    found = store.read(SumUp(by="name", limit=1))
    assert [(one.value, one.traces) for one in found.sums] == [("name 1", 3)]

    store.write(
        [record(trace=100 + n, start_ms=n, usage=Usage(1, 1), kind=Kind.LLM) for n in range(10_001)]
    )
    with pytest.raises(BadInput, match="take longer stretches"):
        store.read(SumUp(every_ns=MS, within_s=60))
