"""OpenTelemetry's span and tracer, recorded where they begin and end.

They are the SDK's, but for what would be done in vain: a sampler is asked for each span, here it
is always on; each attribute is looked at, here it has been; the ended span is copied for
processors, here there are none. And the SDK ends a span once only: where Ctrl-C comes in the
middle of that, nobody hears of the end; here it can be called again.

A few names of the SDK's are not public. Without them spans would cost more, or a fork in the wrong
moment would hang, and nothing else.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any, cast

from msgspec.structs import replace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import Event, ReadableSpan, Span, SpanLimits, Tracer
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import (
    Link,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    get_current_span,
)
from opentelemetry.util.types import Attributes, AttributeValue

from telltale.nouns.ids import SPAN_ID_BYTES, TRACE_ID_BYTES
from telltale.nouns.span import RawEvent, RawLink, RawSpan, Status
from telltale.tracing.forks import fork_safe_lock
from telltale.tracing.live import as_attributes
from telltale.tracing.recorder import Recorder, Searched

_LOCK = fork_safe_lock()
"""Of all spans: it is held for a microsecond."""
_PLAIN = frozenset((str, bool, int, float))
_SAMPLED = TraceFlags(TraceFlags.SAMPLED)
# Members of an enum are looked up, and hashed, by Python code, which costs more than a name.
_INTERNAL, _UNSET, _STATUS_UNSET = SpanKind.INTERNAL, StatusCode.UNSET, Status.UNSET
_KINDS = {kind: kind.name.lower() for kind in SpanKind}
_STATUS = {StatusCode.OK: Status.OK, StatusCode.ERROR: Status.ERROR}
NO_LIMITS = SpanLimits(
    max_span_attributes=SpanLimits.UNSET,
    max_events=SpanLimits.UNSET,
    max_links=SpanLimits.UNSET,
    max_event_attributes=SpanLimits.UNSET,
    max_link_attributes=SpanLimits.UNSET,
    max_attribute_length=SpanLimits.UNSET,
    max_span_attribute_length=SpanLimits.UNSET,
)


class RecordedSpan(Span):
    """A span whose end is recorded even if it was interrupted on the way."""

    def __init__(
        self,
        tracer: "RecordingTracer",
        raw: RawSpan,
        context: SpanContext,
        parent: SpanContext | None,
        kind: SpanKind,
        links: Sequence[Link],
    ) -> None:
        super().__init__(
            name=raw.name,
            context=context,
            parent=parent,
            sampler=tracer.sampler,
            resource=tracer.resource,
            links=links,
            kind=kind,
            limits=NO_LIMITS,
            instrumentation_scope=tracer.scope,
        )
        # The SDK's own are for one span each, and a child that is forked while another thread holds
        # one inherits it locked; a signal's handler waits for what it interrupts.
        self._lock = _LOCK
        if (held := getattr(self, "_attributes", None)) is not None:
            held._lock = _LOCK
        self.raw = raw
        self.recorder = tracer.recorder
        self.searched: Searched | None = None
        self.is_recorded = False
        self._began_ns = time.monotonic_ns()
        self._take(raw.attributes)

    def begin(self) -> None:
        """Start, and say so."""
        self.start(self.raw.start_ns)
        try:
            self.searched = self.recorder.start(self.raw)
        except BaseException:
            self.end()  # It may be recorded by now, and nobody will hold it.
            raise

    def set_attributes(self, attributes: Mapping[str, AttributeValue]) -> None:
        """Say several things; of values that can be taken as they are none is looked at again."""
        if self.is_recording() and all(map(_is_sound, attributes, attributes.values())):
            self._take(attributes)
        else:
            super().set_attributes(attributes)

    def end(self, end_time: int | None = None) -> None:
        """Close the span. To be called again if it was interrupted; once done, it does nothing."""
        if self.is_recording():
            super().end(self._now_ns() if end_time is None else end_time)
        if not self.is_recorded:
            self.recorder.end(self._ended(), self.searched)
            self.is_recorded = True

    def _now_ns(self) -> int:
        """The time at which the span ends, and never before it began.

        Either clock may fall short: the wall clock was set back, or the machine slept, which Linux'
        monotonic clock does not count. So the longer of the two durations is the span's.
        """
        return max(time.time_ns(), self.raw.start_ns + time.monotonic_ns() - self._began_ns)

    def _ended(self) -> RawSpan:
        """What is known of it now, beside what was when it began."""
        status = self.status
        # They are copied to be told, and there seldom are any.
        events = self.events if self._events else ()
        links = self.links if self._links else ()
        return replace(
            self.raw,
            name=self.name,
            end_ns=self.end_time,
            status=_STATUS_UNSET if status.status_code is _UNSET else _STATUS[status.status_code],
            status_message=status.description or "",
            # Copied at a stroke, for another thread may be adding to them.
            attributes=cast(dict[str, Any], self.attributes).copy(),
            events=tuple(map(_event, events)) if events else (),
            links=tuple(map(_link, links)) if links else (),
        )

    def _take(self, attributes: Mapping[str, AttributeValue]) -> None:
        """Take values that are such as OpenTelemetry makes of what it is given."""
        held = getattr(getattr(self, "_attributes", None), "_dict", None)
        if type(held) is dict:
            held.update(attributes)
        else:
            super().set_attributes(attributes)

    def _readable_span(self) -> ReadableSpan:
        return self


class RecordingTracer(Tracer):
    """Makes spans that are all recorded, whatever their length."""

    def __init__(self, made: Tracer, scope: InstrumentationScope, recorder: Recorder) -> None:
        # As the SDK made it, for what its constructor takes has changed from version to version.
        vars(self).update(vars(made))
        self.scope = scope
        self.recorder = recorder

    def begin(
        self,
        name: str,
        parent: SpanContext | None,
        kind: SpanKind,
        attributes: dict[str, Any],
        *,
        links: Sequence[Link] = (),
        start_ns: int | None = None,
        experiment: str = "",
    ) -> RecordedSpan:
        """A span that has started; the root of a trace where no parent is given.

        Args:
            attributes: Of types that OpenTelemetry knows, sequences as tuples. Not copied.
            experiment: Name of the experiment, which OpenTelemetry has no word for.
        """
        ids = self.id_generator
        trace_id = ids.generate_trace_id() if parent is None else parent.trace_id
        span_id = ids.generate_span_id()
        raw = RawSpan(
            trace_id=trace_id.to_bytes(TRACE_ID_BYTES, "big"),
            span_id=span_id.to_bytes(SPAN_ID_BYTES, "big"),
            parent_id=None if parent is None else parent.span_id.to_bytes(SPAN_ID_BYTES, "big"),
            name=name,
            start_ns=time.time_ns() if start_ns is None else start_ns,
            span_kind="internal" if kind is _INTERNAL else _KINDS[kind],
            attributes=attributes,
            links=tuple(map(_link, links)) if links else (),
            scope=self.scope.name,
            experiment=experiment,
        )
        context = SpanContext(trace_id, span_id, is_remote=False, trace_flags=_SAMPLED)
        span = RecordedSpan(self, raw, context, parent, kind, links)
        span.begin()
        return span

    def start_span(
        self,
        name: str,
        context: Context | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Attributes = None,
        links: Sequence[Link] | None = (),
        start_time: int | None = None,
        record_exception: bool = True,
        set_status_on_exception: bool = True,
    ) -> Span:
        """The same in OpenTelemetry's words, below the span that the context holds."""
        above = get_current_span(context).get_span_context()
        return self.begin(
            name,
            above if above.is_valid else None,
            kind,
            as_attributes(attributes or {}),
            links=links or (),
            start_ns=start_time,
        )


def _is_sound(key: object, value: object) -> bool:
    """Whether OpenTelemetry would keep it as it is."""
    kind = type(value)
    return (
        type(key) is str
        and key != ""
        and (
            kind in _PLAIN
            or (kind is tuple and all(type(item) is str for item in cast(tuple[Any, ...], value)))
        )
    )


def _event(event: Event) -> RawEvent:
    return RawEvent(event.name, event.timestamp, dict(event.attributes or {}))


def _link(link: Link) -> RawLink:
    context = link.context
    return RawLink(
        context.trace_id.to_bytes(TRACE_ID_BYTES, "big"),
        context.span_id.to_bytes(SPAN_ID_BYTES, "big"),
        dict(link.attributes or {}),
    )
