"""`RawSpan` ⇄ OTLP's JSON encoding of `TracesData`, as plain dicts and lists.

https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding: ids are hex, 64-bit integers are
strings, enumerations are numbers, bytes are base64. What a `RawSpan` holds comes back as it was,
in its order; what OTLP knows beyond it (trace state, flags, dropped counts, schema URLs) does not
survive reading.

Two keys of ours travel along:
- `telltale.experiment`, on the resource: the experiment's name, where any OTLP receiver of ours
  looks for it.
- `telltale.added`, on a span: which of its attributes export computed and added (kind, cost,
  state). They are for other tools; reading takes them off again, so that a file that is exported
  and imported gives the same spans, read in the same dialect.
An attribute of a program's own that bears one of these names is written with `~` behind it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from telltale.conventions.attributes import ADDED, EXPERIMENT
from telltale.nouns.errors import BadInput
from telltale.nouns.span import RawEvent, RawLink, RawSpan, Status
from telltale.otlp.wire import (
    escaped,
    from_attributes,
    items,
    malformed,
    moment,
    record,
    span_id,
    text,
    to_attributes,
    trace_id,
    unescaped,
)

_SPAN_KINDS = ("unspecified", "internal", "server", "client", "producer", "consumer")
_STATUSES = (Status.UNSET, Status.OK, Status.ERROR)

Extra = Callable[[RawSpan], Mapping[str, Any]]
"""Attributes to add to a span on its way out; what the program gave itself is never replaced."""


def to_otlp(raws: Sequence[RawSpan], extra: Extra | None = None) -> dict[str, Any]:
    """The spans as a `TracesData` dict, ready for a JSON encoder.

    Neighbours of one resource share an entry: the order of the spans is kept, so a resource may
    stand there more than once.
    """
    resource_spans: list[dict[str, Any]] = []
    before: RawSpan | None = None
    for raw in raws:
        if before is None or not _same_resource(raw, before):
            attributes = _resource_attributes(raw)
            resource_spans.append({"resource": {"attributes": attributes}, "scopeSpans": []})
            before = None
        scope_spans = resource_spans[-1]["scopeSpans"]
        if before is None or raw.scope != before.scope:
            scope_spans.append({"scope": {"name": raw.scope} if raw.scope else {}, "spans": []})
        scope_spans[-1]["spans"].append(_write_span(raw, extra(raw) if extra else {}))
        before = raw
    return {"resourceSpans": resource_spans}


def from_otlp(data: object) -> list[RawSpan]:
    """The spans in a `TracesData` or `ExportTraceServiceRequest` dict, in their order.

    Names may be camelCase or snake_case, ids hex or base64. A span that OTLP calls `unspecified`
    is internal, an end of zero is none.

    Raises:
        BadInput: If anything in it is not what OTLP has there; nothing is read in part.
    """
    try:
        return [
            raw
            for resource_spans in items(record(data, "traces data"), "resourceSpans")
            for raw in _read_resource_spans(record(resource_spans, "resource spans"))
        ]
    except RecursionError:
        raise BadInput(
            "OTLP JSON: values are nested too deep; send them as JSON text",
            expected="flatter values",
        ) from None


def _same_resource(raw: RawSpan, other: RawSpan) -> bool:
    if raw.experiment != other.experiment:
        return False
    # Python says that 1 is True and 1.0; on the wire they differ.
    return raw.resource is other.resource or _resource_attributes(raw) == _resource_attributes(
        other
    )


def _resource_attributes(raw: RawSpan) -> list[dict[str, Any]]:
    attributes = to_attributes({escaped(key, EXPERIMENT): v for key, v in raw.resource.items()})
    if raw.experiment:
        attributes += to_attributes({EXPERIMENT: raw.experiment})
    return attributes


def _write_span(raw: RawSpan, extra: Mapping[str, Any]) -> dict[str, Any]:
    attributes = {escaped(key, ADDED): value for key, value in raw.attributes.items()}
    added = {key: value for key, value in extra.items() if key not in attributes}
    if added:
        attributes |= added
        attributes[ADDED] = list(added)
    span: dict[str, Any] = {"traceId": raw.trace_id.hex(), "spanId": raw.span_id.hex()}
    if raw.parent_id is not None:
        span["parentSpanId"] = raw.parent_id.hex()
    span["name"] = raw.name
    span["kind"] = _SPAN_KINDS.index(raw.span_kind) if raw.span_kind in _SPAN_KINDS else 0
    span["startTimeUnixNano"] = str(raw.start_ns)
    if raw.end_ns is not None:
        span["endTimeUnixNano"] = str(raw.end_ns)
    span["attributes"] = to_attributes(attributes)
    if raw.events:
        span["events"] = [
            {
                "timeUnixNano": str(event.time_ns),
                "name": event.name,
                "attributes": to_attributes(event.attributes),
            }
            for event in raw.events
        ]
    if raw.links:
        span["links"] = [
            {
                "traceId": link.trace_id.hex(),
                "spanId": link.span_id.hex(),
                "attributes": to_attributes(link.attributes),
            }
            for link in raw.links
        ]
    span["status"] = _write_status(raw)
    return span


def _write_status(raw: RawSpan) -> dict[str, Any]:
    status: dict[str, Any] = {}
    if raw.status is not Status.UNSET:
        status["code"] = _STATUSES.index(raw.status)
    if raw.status_message:
        status["message"] = raw.status_message
    return status


def _read_resource_spans(entry: dict[str, Any]) -> list[RawSpan]:
    resource = from_attributes(record(entry.get("resource"), "resource"))
    experiment = resource.pop(EXPERIMENT, "")
    if not isinstance(experiment, str):
        raise malformed(EXPERIMENT, experiment, "a string")
    resource = {unescaped(key, EXPERIMENT): value for key, value in resource.items()}
    spans = []
    for scope_spans in items(entry, "scopeSpans"):
        group = record(scope_spans, "scope spans")
        scope = text(record(group.get("scope"), "scope"), "name")
        spans += [
            _read_span(record(span, "span"), scope, resource, experiment)
            for span in items(group, "spans")
        ]
    return spans


def _read_span(
    span: dict[str, Any], scope: str, resource: dict[str, Any], experiment: str
) -> RawSpan:
    attributes = from_attributes(span)
    added = attributes.pop(ADDED, ())
    for key in added if isinstance(added, list) else ():
        if isinstance(key, str):
            attributes.pop(key, None)
    status = record(span.get("status"), "status")
    return RawSpan(
        trace_id=trace_id(span, "traceId"),
        span_id=span_id(span, "spanId"),
        parent_id=span_id(span, "parentSpanId") if text(span, "parentSpanId") else None,
        name=text(span, "name"),
        start_ns=moment(span, "startTimeUnixNano"),
        end_ns=moment(span, "endTimeUnixNano") or None,
        span_kind=_read_kind(span.get("kind")),
        status=_read_status(status.get("code")),
        status_message=text(status, "message"),
        attributes={unescaped(key, ADDED): value for key, value in attributes.items()},
        events=tuple(_read_event(record(e, "event")) for e in items(span, "events")),
        links=tuple(_read_link(record(link, "link")) for link in items(span, "links")),
        scope=scope,
        resource=resource,
        experiment=experiment,
    )


def _read_event(event: dict[str, Any]) -> RawEvent:
    return RawEvent(text(event, "name"), moment(event, "timeUnixNano"), from_attributes(event))


def _read_link(link: dict[str, Any]) -> RawLink:
    return RawLink(trace_id(link, "traceId"), span_id(link, "spanId"), from_attributes(link))


def _read_kind(value: object) -> str:
    if isinstance(value, str):
        value = value.removeprefix("SPAN_KIND_").lower()
        value = _SPAN_KINDS.index(value) if value in _SPAN_KINDS else -1
    if value is None:
        return "internal"
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < len(_SPAN_KINDS):
        raise malformed("kind", value, "a number from 0 to 5")
    return _SPAN_KINDS[value] if value else "internal"


def _read_status(value: object) -> Status:
    if isinstance(value, str):
        value = {"UNSET": 0, "OK": 1, "ERROR": 2}.get(value.removeprefix("STATUS_CODE_"), -1)
    if value is None:
        return Status.UNSET
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < len(_STATUSES):
        raise malformed("status code", value, "0, 1 or 2")
    return _STATUSES[value]
