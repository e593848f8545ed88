"""A model's messages that came as log events, and the spans that they belong to.

The two come by different doors, in any order: an event mostly before its span, which comes when it
has ended. So an event is kept in memory until its span is there, for `KEPT_S` at most, and for so
long afterwards too: an exporter that sends a span again must not take its words away. A server
that stops forgets what waits.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator

from msgspec.structs import replace

from telltale.ingest.judgements import keep_judgements
from telltale.ingest.pipeline import ExperimentId, ingest
from telltale.nouns.span import RawEvent, RawSpan
from telltale.otlp.log_events import LogEvent
from telltale.store.questions import ReadSpans, TraceStore

KEPT_S = 600.0
MOST_BYTES = 16 << 20
"""Of requests that events came in; the oldest go first."""
MOST_EVENTS = 1_000
"""A span; further ones are not kept."""

Place = tuple[bytes, bytes]
"""Trace id and span id."""


class Awaited:
    """Events by the span that they belong to. Thread-safe."""

    def __init__(
        self, now_s: Callable[[], float] = time.monotonic, most_bytes: int = MOST_BYTES
    ) -> None:
        self._now_s = now_s
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._amending = threading.Lock()
        """Between the look at a stored span and the writing of it nobody else changes it."""
        self._spans: dict[Place, list[RawEvent]] = {}
        self._came: OrderedDict[Place, tuple[float, int]] = OrderedDict()
        """When the last event of a span came, and how many bytes they take."""
        self._bytes = 0
        self.changes = 0
        """How often events have come."""

    def add(self, events: Iterable[LogEvent], size: int) -> None:
        """Keep events that name their span.

        Args:
            size: Bytes that each is taken for.
        """
        with self._lock:
            self.changes += 1
            for one in events:
                place = one.trace_id, one.span_id
                kept = self._spans.setdefault(place, [])
                if len(kept) >= MOST_EVENTS or one.event in kept:
                    continue
                kept.append(one.event)
                held = self._came.pop(place, (0.0, 0))[1]
                self._came[place] = (self._now_s(), held + size)
                self._bytes += size
            self._forget()

    def joined(self, raw: RawSpan) -> RawSpan:
        """The span with the events that it lacks, by time."""
        if not self._spans:
            return raw
        with self._lock:
            self._forget()
            events = tuple(self._spans.get((raw.trace_id, raw.span_id), ()))
        lacking = [event for event in events if event not in raw.events]
        if not lacking:
            return raw
        both = sorted([*raw.events, *lacking], key=lambda event: event.time_ns)
        return replace(raw, events=tuple(both))

    def amend(self, places: Iterable[Place], store: TraceStore, experiment_id: ExperimentId) -> int:
        """Give stored spans the events that they lack; answer how many changed.

        Raises:
            StoreBusy, StoreBroken: If they could not be written; the events are still kept.
        """
        by_trace: dict[bytes, set[bytes]] = {}
        with self._lock:
            for trace_id, span_id in places:
                if (trace_id, span_id) in self._spans:
                    by_trace.setdefault(trace_id, set()).add(span_id)
        if not by_trace:
            return 0
        with self._amending:
            amended = [
                raw
                for trace_id, span_ids in by_trace.items()
                for raw in self._lacking(store, trace_id, tuple(span_ids))
            ]
            if not amended:
                return 0
            count = ingest(amended, store, experiment_id).spans
            keep_judgements(amended, store)
            return count

    def _lacking(
        self, store: TraceStore, trace_id: bytes, span_ids: tuple[bytes, ...]
    ) -> Iterator[RawSpan]:
        for stored in store.read(ReadSpans(trace_id=trace_id, span_ids=span_ids)):
            raw = self.joined(stored.raw)
            if raw is not stored.raw and raw.end_ns is not None:
                yield raw

    def _forget(self) -> None:
        """What is too old or too much goes, the oldest first."""
        oldest_s = self._now_s() - KEPT_S
        while self._came:
            place, (came_s, size) = next(iter(self._came.items()))
            if came_s >= oldest_s and self._bytes <= self._most_bytes:
                break
            del self._came[place], self._spans[place]
            self._bytes -= size
