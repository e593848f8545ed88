"""One span with its body."""

from msgspec.structs import replace

from telltale.ingest.pipeline import read
from telltale.nouns.errors import NotFound
from telltale.nouns.ids import SPAN_ID_BYTES, parse_span_id
from telltale.nouns.span import RawSpan, Span
from telltale.nouns.trace import EventDetail, LinkDetail, RawDetail, SpanDetail
from telltale.server.resources import Resources
from telltale.server.route import Call
from telltale.server.routes.traces import trace_id_of
from telltale.store.questions import ReadSpans, StoredSpan


def read_span(resources: Resources, call: Call) -> SpanDetail:
    """One span, named by its ordinal in the trace or by its id."""
    trace_id, given = trace_id_of(call), call.path["span"]
    if given.isascii() and given.isdigit() and len(given) < 2 * SPAN_ID_BYTES:
        question = ReadSpans(trace_id=trace_id, ordinals=(int(given),))
    else:
        question = ReadSpans(trace_id=trace_id, span_ids=(parse_span_id(given),))
    spans = resources.store.read(question)
    if not spans:
        raise NotFound(
            f"span {given!r} of trace {trace_id.hex()!r}: not stored here; expected an ordinal "
            "of the trace's skeleton or a span id",
            given=given,
            remedy=f"see /api/v1/traces/{trace_id.hex()}/skeleton",
        )
    return detail(spans[0])


def detail(stored: StoredSpan) -> SpanDetail:
    """A stored span as the API shows it."""
    raw = stored.raw
    end_ns = stored.seen_ns if raw.end_ns is None else raw.end_ns
    span = whole_reading(stored)
    return SpanDetail(
        ordinal=stored.ordinal,
        span_id=raw.span_id.hex(),
        parent_id=raw.parent_id.hex() if raw.parent_id else None,
        start_us=raw.start_ns // 1000,
        # A clock that was set back is no negative time.
        duration_us=None if end_ns is None else max(0, end_ns - raw.start_ns) // 1000,
        span=span,
        cost_usd=span.cost.usd if span.cost else None,
        raw=_raw_detail(raw),
    )


def whole_reading(stored: StoredSpan) -> Span:
    """The stored columns, and read anew what is no column: texts, messages, tags.

    Where a newer dialect would decide otherwise, the columns hold: a span says of itself what the
    tree and the totals say of it, until `telltale traces reread` changes all three at once.
    """
    columns, fresh = stored.reading, read(stored.raw)
    return replace(
        columns,
        requested_model=fresh.requested_model,
        error_message=fresh.error_message,
        inputs=fresh.inputs,
        outputs=fresh.outputs,
        input_messages=fresh.input_messages,
        output_messages=fresh.output_messages,
        session=fresh.session,
        user=fresh.user,
        tags=fresh.tags,
    )


def _raw_detail(raw: RawSpan) -> RawDetail:
    return RawDetail(
        name=raw.name,
        span_kind=raw.span_kind,
        status_message=raw.status_message,
        attributes=raw.attributes,
        events=tuple(
            EventDetail(event.name, event.time_ns // 1000, event.attributes) for event in raw.events
        ),
        links=tuple(
            LinkDetail(link.trace_id.hex(), link.span_id.hex(), link.attributes)
            for link in raw.links
        ),
        scope=raw.scope,
        resource=raw.resource,
    )
