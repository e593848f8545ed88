"""Log events wait for their span for a while, within bounds, and nothing joins twice."""

from concurrent.futures import ThreadPoolExecutor

from journals import span
from telltale.ingest.awaited import KEPT_S, MOST_EVENTS, Awaited
from telltale.ingest.pipeline import ingest
from telltale.nouns.span import RawEvent, RawSpan
from telltale.otlp.log_events import LogEvent
from telltale.store.questions import ReadSpans


def event(of: RawSpan, time_ns: int = 1, **attributes) -> LogEvent:
    """A message of a span."""
    return LogEvent(of.trace_id, of.span_id, RawEvent("gen_ai.choice", time_ns, attributes))


def test_events_stand_among_the_spans_own_by_time() -> None:
    own = tuple(RawEvent(name, time_ns) for name, time_ns in (("a", 10), ("b", 30)))
    raw, awaited = span(events=own), Awaited()
    awaited.add([event(raw, 20), event(raw, 40), event(raw, 20), event(span(), 25)], size=1)

    joined = awaited.joined(raw)

    assert [one.time_ns for one in joined.events] == [10, 20, 30, 40]
    assert awaited.joined(joined) is joined


def test_what_waits_too_long_is_forgotten() -> None:
    now_s = 0.0
    raw, awaited = span(), Awaited(now_s=lambda: now_s)
    awaited.add([event(raw)], size=1)

    now_s = KEPT_S
    assert awaited.joined(raw).events
    now_s = KEPT_S + 1
    assert not awaited.joined(raw).events


def test_where_too_much_waits_the_oldest_goes() -> None:
    old, young = span(), span()
    awaited = Awaited(most_bytes=100)
    for raw in (old, young):
        awaited.add([event(raw)], size=60)

    assert not awaited.joined(old).events
    assert awaited.joined(young).events


def test_of_one_span_no_more_wait_than_anybody_reads() -> None:
    raw, awaited = span(), Awaited()
    awaited.add([event(raw, n) for n in range(2 * MOST_EVENTS)], size=1)

    assert len(awaited.joined(raw).events) == MOST_EVENTS


def test_events_that_come_at_once_are_all_joined(store) -> None:
    raw, awaited = span(), Awaited()
    ingest([raw], store, lambda name: 0)

    def tell(number: int) -> None:
        awaited.add([event(raw, number)], size=1)
        awaited.amend([(raw.trace_id, raw.span_id)], store, lambda name: 0)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(tell, range(1, 41)))

    (stored,) = store.read(ReadSpans(trace_id=raw.trace_id))
    assert [one.time_ns for one in stored.raw.events] == list(range(1, 41))


def test_a_span_that_is_not_there_yet_is_not_made_up(store) -> None:
    raw, awaited = span(), Awaited()
    awaited.add([event(raw)], size=1)

    assert awaited.amend([(raw.trace_id, raw.span_id)], store, lambda name: 0) == 0
    assert store.read(ReadSpans(trace_id=raw.trace_id)) == ()
