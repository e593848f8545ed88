"""A span of OpenTelemetry's SDK as a `RawSpan`, as it would arrive by any exporter."""

from typing import Any

from opentelemetry.sdk.trace import ReadableSpan

from telltale.nouns.span import RawEvent, RawSpan, Status


def exported(span: ReadableSpan) -> RawSpan:
    """The same span; sequences are lists, as they are on the wire."""
    context, parent = span.context, span.parent
    assert context is not None and span.start_time is not None
    return RawSpan(
        trace_id=context.trace_id.to_bytes(16, "big"),
        span_id=context.span_id.to_bytes(8, "big"),
        parent_id=None if parent is None else parent.span_id.to_bytes(8, "big"),
        name=span.name,
        start_ns=span.start_time,
        end_ns=span.end_time,
        span_kind=span.kind.name.lower(),
        status=Status(span.status.status_code.name.lower()),
        status_message=span.status.description or "",
        attributes=_plain(span.attributes),
        events=tuple(
            RawEvent(event.name, event.timestamp, _plain(event.attributes)) for event in span.events
        ),
        scope=span.instrumentation_scope.name if span.instrumentation_scope else "",
        resource=_plain(span.resource.attributes),
    )


def _plain(attributes: Any) -> dict[str, Any]:
    return {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in (attributes or {}).items()
    }
