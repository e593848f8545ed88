"""OTLP's protobuf encoding of spans → `RawSpan`, and of GenAI events among log records.

As `json` reads them: a value maps as it is, `unspecified` is internal, an end of zero is none, a
link to nowhere is no link, an id of zeros is none. Ids of a wrong length are left as they are:
whether a span can be stored is asked of all spans in one place. The SDK never imports this: it
needs protobuf, which a production agent need not have.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from google.protobuf.message import DecodeError, Message
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from telltale.nouns.errors import BadInput
from telltale.nouns.ids import SPAN_ID_BYTES, TRACE_ID_BYTES
from telltale.nouns.span import RawEvent, RawLink, RawSpan, Status
from telltale.otlp.envelope import Group, fields, groups, weigh_span
from telltale.otlp.log_events import GENAI, OLD_NAME, LogEvent, event_of
from telltale.otlp.reserved import split_resource, without_added

M = TypeVar("M", bound=Message)

_LARGE_BYTES = 256 << 10
"""A span from this size on is weighed before it is decoded: an empty event takes two bytes, and
seventy times that as an object."""
_KINDS = ("internal", "internal", "server", "client", "producer", "consumer")
_STATUSES = (Status.UNSET, Status.OK, Status.ERROR)
_NAME, _SPAN_ID = 5, 2
_NO_ATTRIBUTES: dict[str, Any] = {}


def each_span(body: bytes, refuse: Callable[[BadInput], None]) -> Iterator[RawSpan]:
    """The spans of an `ExportTraceServiceRequest`, in their order, each decoded when it is asked
    for.

    Args:
        refuse: Told of each span that cannot be read, which is left out.

    Raises:
        BadInput: If what is around the spans cannot be read, before the first of them.
    """
    resources: dict[bytes, tuple[dict[str, Any], str]] = {}
    around = []
    for group in groups(body):
        if group.resource not in resources:
            resource = _decoded(Resource, group.resource, "a resource")
            resources[group.resource] = split_resource(_attributes(resource.attributes))
        scope = _decoded(InstrumentationScope, group.scope, "a scope").name
        around.append((group, scope, *resources[group.resource]))
    return (raw for one in around for raw in _read_group(body, refuse, *one))


def log_events(body: bytes) -> list[LogEvent | None]:
    """For each record of an `ExportLogsServiceRequest` its GenAI event; None where it is another's.

    Raises:
        BadInput: If what is around the records cannot be read.
    """
    prefix = GENAI.encode()
    return [
        _read_event(body[begin:end]) if body.find(prefix, begin, end) >= 0 else None
        for group in groups(body)
        for begin, end in group.items
    ]


def _read_event(data: bytes) -> LogEvent | None:
    try:
        log = _decoded(LogRecord, data, "a log record")
    except BadInput:
        return None
    attributes = _attributes(log.attributes)
    name = log.event_name or attributes.get(OLD_NAME)
    if not isinstance(name, str) or not name.startswith(GENAI):
        return None
    time_ns = log.time_unix_nano or log.observed_time_unix_nano
    event = event_of(name, time_ns, attributes, _value(log.body))
    is_placed = len(log.trace_id) == TRACE_ID_BYTES and len(log.span_id) == SPAN_ID_BYTES
    return LogEvent(log.trace_id, log.span_id, event) if is_placed else LogEvent(b"", b"", event)


def _read_group(
    body: bytes,
    refuse: Callable[[BadInput], None],
    group: Group,
    scope: str,
    resource: dict[str, Any],
    experiment: str,
) -> Iterator[RawSpan]:
    for begin, end in group.items:
        data = body[begin:end]
        try:
            if end - begin >= _LARGE_BYTES:
                weigh_span(data)
            span = _decoded(Span, data, "what it holds")
            yield _read_span(span, scope, resource, experiment)
        except BadInput as error:
            refuse(
                BadInput(
                    f"span {_called(data)}: {error}",
                    given=error.given,
                    expected=error.expected,
                    remedy=error.remedy,
                )
            )


def _read_span(span: Span, scope: str, resource: dict[str, Any], experiment: str) -> RawSpan:
    parent, status = span.parent_span_id, span.status
    return RawSpan(
        trace_id=span.trace_id,
        span_id=span.span_id,
        # Some write zeros where there is no parent.
        parent_id=parent if any(parent) or len(parent) not in (0, SPAN_ID_BYTES) else None,
        name=span.name,
        start_ns=span.start_time_unix_nano,
        end_ns=span.end_time_unix_nano or None,
        span_kind=_one_of(_KINDS, span.kind, "kind"),
        status=_one_of(_STATUSES, status.code, "status code"),
        status_message=status.message,
        attributes=without_added(_attributes(span.attributes)),
        events=tuple(
            [RawEvent(e.name, e.time_unix_nano, _attributes(e.attributes)) for e in span.events]
        ),
        links=_links(span) if span.links else (),
        scope=scope,
        resource=resource,
        experiment=experiment,
    )


def _links(span: Span) -> tuple[RawLink, ...]:
    links = []
    for link in span.links:
        trace_id, span_id = link.trace_id, link.span_id
        if not any(trace_id) or not any(span_id):
            continue
        if len(trace_id) != TRACE_ID_BYTES or len(span_id) != SPAN_ID_BYTES:
            given = f"{trace_id.hex()}, {span_id.hex()}"
            raise _malformed("a link's ids", given, "16 and 8 bytes")
        links.append(RawLink(trace_id, span_id, _attributes(link.attributes)))
    return tuple(links)


def _attributes(pairs: Iterable[Any]) -> dict[str, Any]:
    """A list of `KeyValue` as a dict; of two with one name the later counts."""
    values = {}
    for pair in pairs:
        value = pair.value
        # Most are texts, and to ask which kind it is costs as much as to read it.
        values[pair.key] = value.string_value or _value(value)
    return values


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(item) for item in value.array_value.values]
    if kind == "kvlist_value":
        return _attributes(value.kvlist_value.values)
    if kind is None or kind not in _PLAIN:
        return None
    return getattr(value, kind)


_PLAIN = frozenset({"string_value", "bool_value", "int_value", "double_value", "bytes_value"})
"""Kinds of value that are read as they are; of a kind that comes later nothing is known."""


def _one_of(known: tuple[Any, ...], number: int, what: str) -> Any:
    if not 0 <= number < len(known):
        raise _malformed(what, str(number), f"a number from 0 to {len(known) - 1}")
    return known[number]


def _decoded(of: type[M], data: bytes, what: str) -> M:
    try:
        return of.FromString(data)
    except (DecodeError, RecursionError) as error:
        raise _malformed(
            what, f"{len(data)} bytes ({error})", "protobuf, with texts in UTF-8"
        ) from None


def _called(data: bytes) -> str:
    """How to call a span that may not be readable: by name, else by id."""
    names = {_NAME: b"", _SPAN_ID: b""}
    try:
        for number, begin, end in fields(data, 0, len(data)):
            if number in names:
                names[number] = data[begin:end]
    except BadInput:
        pass
    return repr(names[_NAME][:80].decode("utf-8", "replace") or names[_SPAN_ID][:8].hex())


def _malformed(what: str, given: str, expected: str) -> BadInput:
    return BadInput(
        f"OTLP protobuf: {what}: {given}; expected {expected}; send what an OpenTelemetry "
        "exporter writes",
        given=given,
        expected=expected,
        remedy="send what an OpenTelemetry exporter writes",
    )
