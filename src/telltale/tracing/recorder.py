"""From an OpenTelemetry span to a journal record: the last place that sees it in the process.

The span processor runs inside the user's call, so what it does is little: copy the span into a
`RawSpan`, mask, and hand one record to the journal. It never raises.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any, cast

import msgspec
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor
from opentelemetry.trace import Link, SpanContext, SpanKind, StatusCode

from telltale.conventions import attributes as names
from telltale.nouns.ids import SPAN_ID_BYTES, TRACE_ID_BYTES
from telltale.nouns.span import RawEvent, RawLink, RawSpan, Status
from telltale.tracing.guard import fault
from telltale.tracing.records import FRAME_BYTES, MAX_RECORD_BYTES, RecordType, encode_span
from telltale.tracing.secrets import KnownSecrets
from telltale.tracing.serialise import clean, cut, words
from telltale.tracing.settings import Redact

MAX_START_VALUE_CHARACTERS = 480
"""At most 2 KB. A start record shows that a span runs; the end record has its values whole."""

_STATUS = {StatusCode.UNSET: Status.UNSET, StatusCode.OK: Status.OK, StatusCode.ERROR: Status.ERROR}
_KINDS = {kind: kind.name.lower() for kind in SpanKind}
_MESSAGE = "exception.message"
"""What the redact function is told that the status's message is, which is nothing else."""
_CUTS = (1_000_000, 100_000, 10_000, 500, 20)
"""Characters that a value may keep, tried in turn until the record fits."""
_MANY = 1_000
"""Attributes and events that are kept of a record which does not fit even so."""


class Recorder(SpanProcessor):
    """Writes each span's start and end to the journal, masked and bounded."""

    def __init__(
        self,
        write: Callable[[bytes], None],
        secrets: KnownSecrets,
        redact: Callable[[], Redact | None],
    ) -> None:
        self._write = write
        self._secrets = secrets
        self._redact = redact

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Record that the span runs."""
        try:
            raw = self._masked(_raw_span(span))
            self._write(_fitting(RecordType.START, _cut_values(raw, MAX_START_VALUE_CHARACTERS)))
        except Exception as error:  # noqa: BLE001  the user's program comes first
            fault("recording a span's start", error)

    def on_end(self, span: ReadableSpan) -> None:
        """Record the span, whole."""
        try:
            self._write(_fitting(RecordType.END, self._masked(_raw_span(span))))
        except Exception as error:  # noqa: BLE001  the user's program comes first
            fault("recording a span's end", error)

    def _masked(self, raw: RawSpan) -> RawSpan:
        self._secrets.refresh()
        message = {_MESSAGE: raw.status_message} if raw.status_message else {}
        return msgspec.structs.replace(
            raw,
            name=self._secrets.mask(raw.name),
            attributes=self._masked_attributes(raw.attributes),
            status_message=words(self._masked_attributes(message).get(_MESSAGE, "")),
            events=tuple(
                msgspec.structs.replace(event, attributes=self._masked_attributes(event.attributes))
                for event in raw.events
            ),
        )

    def _masked_attributes(self, attributes: dict[str, Any]) -> dict[str, Any]:
        masked, redact = self._secrets.mask_attributes(attributes), self._redact()
        if redact is None:
            return masked
        out = {}
        for key, value in masked.items():
            try:
                out[key] = redact(key, value)
            except Exception as error:  # noqa: BLE001  a value that cannot be judged is dropped
                fault("the redact function, so the value was dropped", error)
        return out


def _raw_span(span: ReadableSpan) -> RawSpan:
    context = cast(SpanContext, span.get_span_context())
    attributes = dict(span.attributes or {})
    return RawSpan(
        trace_id=_trace_id(context),
        span_id=_span_id(context),
        parent_id=None if span.parent is None else _span_id(span.parent),
        name=span.name,
        start_ns=span.start_time or 0,
        end_ns=span.end_time,
        span_kind=_KINDS[span.kind],
        status=_STATUS[span.status.status_code],
        status_message=span.status.description or "",
        # On the OpenTelemetry span it is an attribute, since that alone reaches both records.
        experiment=str(attributes.pop(names.EXPERIMENT, "")),
        attributes=attributes,
        events=tuple(
            RawEvent(event.name, event.timestamp, dict(event.attributes or {}))
            for event in span.events
        ),
        links=_links(span.links),
        scope="" if span.instrumentation_scope is None else span.instrumentation_scope.name,
    )


def _links(links: Iterable[Link]) -> tuple[RawLink, ...]:
    return tuple(
        RawLink(_trace_id(link.context), _span_id(link.context), dict(link.attributes or {}))
        for link in links
    )


def _trace_id(context: SpanContext) -> bytes:
    return context.trace_id.to_bytes(TRACE_ID_BYTES, "big")


def _span_id(context: SpanContext) -> bytes:
    return context.span_id.to_bytes(SPAN_ID_BYTES, "big")


def _fitting(kind: RecordType, raw: RawSpan) -> bytes:
    """The record, its values cut visibly where it would not fit or could not be encoded."""
    try:
        record = encode_span(kind, raw)
    except (UnicodeEncodeError, OverflowError, TypeError, msgspec.MsgspecError):
        raw = _encodable(raw)
        record = encode_span(kind, raw)
    for limit in _CUTS:
        if len(record) <= MAX_RECORD_BYTES - FRAME_BYTES:
            break
        raw = _cut_values(raw, limit)
        record = encode_span(kind, raw)
    else:
        if len(record) > MAX_RECORD_BYTES - FRAME_BYTES:
            record = encode_span(kind, _with_fewer(raw))
    return record


def _cut_values(raw: RawSpan, limit: int) -> RawSpan:
    def cut_value(value: Any) -> Any:
        if isinstance(value, str):
            return cut(value, limit)
        if isinstance(value, list | tuple):
            return [cut_value(item) for item in value]
        return value

    return _with_values(raw, cut_value)


def _with_fewer(raw: RawSpan) -> RawSpan:
    left_out = f"{len(raw.attributes):,} attributes, {len(raw.events):,} events"
    kept = dict(islice(raw.attributes.items(), _MANY))
    return msgspec.structs.replace(
        raw,
        attributes=kept | {"telltale.cut": f"cut by telltale: {left_out}"},
        events=raw.events[:_MANY],
        links=raw.links[:_MANY],
    )


def _encodable(raw: RawSpan) -> RawSpan:
    raw = _with_values(raw, _encodable_value)
    return msgspec.structs.replace(raw, experiment=clean(raw.experiment))


def _encodable_value(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool | float | bytes) or value is None:
        return value
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**63 else str(value)
    if isinstance(value, Mapping):
        return {clean(str(key)): _encodable_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable_value(item) for item in value]
    return words(value)


def _with_values(raw: RawSpan, change: Callable[[Any], Any]) -> RawSpan:
    def changed(attributes: dict[str, Any]) -> dict[str, Any]:
        return {change(key): change(value) for key, value in attributes.items()}

    return msgspec.structs.replace(
        raw,
        name=change(raw.name),
        status_message=change(raw.status_message),
        attributes=changed(raw.attributes),
        events=tuple(
            RawEvent(change(event.name), event.time_ns, changed(event.attributes))
            for event in raw.events
        ),
    )
