"""`RawSpan` ⇄ OTLP's JSON encoding of `TracesData`, as plain dicts and lists.

https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding: ids are hex, 64-bit integers are
strings, enumerations are numbers, bytes are base64. What a `RawSpan` holds comes back as it was,
in its order; what OTLP knows beyond it (trace state, flags, dropped counts, schema URLs) does not
survive reading.

Keys of ours that travel along are those of `reserved`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from telltale.conventions.attributes import ADDED, EXPERIMENT
from telltale.nouns.errors import BadInput
from telltale.nouns.span import RawEvent, RawLink, RawSpan, Status
from telltale.otlp.reserved import escaped, split_resource, without_added
from telltale.otlp.wire import (
    from_attributes,
    items,
    malformed,
    moment,
    record,
    span_id,
    text,
    to_attributes,
    trace_id,
)

_SPAN_KINDS = ("unspecified", "internal", "server", "client", "producer", "consumer")
_TOO_DEEP = "values are nested too deep; send them as JSON text"
_STATUSES = (Status.UNSET, Status.OK, Status.ERROR)

Refuse = Callable[[BadInput], None]
"""Told of each span that cannot be read, and why."""
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
    is internal, an end of zero is none, a link to nowhere is no link.

    Raises:
        BadInput: If anything in it is not what OTLP has there; nothing is read in part.
    """
    return list(each_span(data, _raise))


def each_span(data: object, refuse: Refuse) -> Iterator[RawSpan]:
    """The same one by one, without those that cannot be read.

    Raises:
        BadInput: If what is around the spans is not what OTLP has there, before the first of them.
    """
    groups = _groups(data)
    return (raw for group in groups for raw in _read_group(group, refuse))


def _raise(error: BadInput) -> None:
    raise error


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


class _Group(msgspec.Struct, frozen=True):
    """Spans that share what is around them."""

    resource: dict[str, Any]
    experiment: str
    scope: str
    spans: list[Any]


def _groups(data: object) -> list[_Group]:
    try:
        return [
            group
            for resource_spans in items(record(data, "traces data"), "resourceSpans")
            for group in _resource_groups(record(resource_spans, "resource spans"))
        ]
    except RecursionError:
        raise BadInput(f"OTLP JSON: {_TOO_DEEP}", expected="flatter values") from None


def _resource_groups(entry: dict[str, Any]) -> Iterator[_Group]:
    resource, experiment = split_resource(
        from_attributes(record(entry.get("resource"), "resource"))
    )
    for scope_spans in items(entry, "scopeSpans"):
        group = record(scope_spans, "scope spans")
        scope = text(record(group.get("scope"), "scope"), "name")
        yield _Group(resource, experiment, scope, items(group, "spans"))


def _read_group(group: _Group, refuse: Refuse) -> Iterator[RawSpan]:
    for given in group.spans:
        try:
            yield _read_span(record(given, "span"), group.scope, group.resource, group.experiment)
        except BadInput as error:
            refuse(_of_span(given, str(error), error.expected))
        except RecursionError:
            refuse(_of_span(given, f"OTLP JSON: {_TOO_DEEP}", "flatter values"))


def _of_span(given: object, fault: str, expected: str) -> BadInput:
    name = given.get("name") if isinstance(given, dict) else None
    called = f"span {name!r:.80}: " if isinstance(name, str) else ""
    return BadInput(
        f"{called}{fault}",
        given=name,
        expected=expected,
        remedy="send what opentelemetry-proto's JSON encoding writes",
    )


def _read_span(
    span: dict[str, Any], scope: str, resource: dict[str, Any], experiment: str
) -> RawSpan:
    status = record(span.get("status"), "status")
    return RawSpan(
        trace_id=trace_id(span, "traceId"),
        span_id=span_id(span, "spanId"),
        parent_id=span_id(span, "parentSpanId") if _points(span, "parentSpanId") else None,
        name=text(span, "name"),
        start_ns=moment(span, "startTimeUnixNano"),
        end_ns=moment(span, "endTimeUnixNano") or None,
        span_kind=_read_kind(span.get("kind")),
        status=_read_status(status.get("code")),
        status_message=text(status, "message"),
        attributes=without_added(from_attributes(span)),
        events=tuple(_read_event(record(e, "event")) for e in items(span, "events")),
        links=tuple(
            _read_link(link)
            for link in (record(item, "link") for item in items(span, "links"))
            if _points(link, "traceId") and _points(link, "spanId")
        ),
        scope=scope,
        resource=resource,
        experiment=experiment,
    )


def _points(holder: dict[str, Any], key: str) -> bool:
    """Whether an id is given; all zero means none."""
    return bool(text(holder, key).strip("0"))


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
