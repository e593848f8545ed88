"""Spans from other programs' OpenTelemetry into the pipeline.

They come ended, and once; nobody tells of their process. Two promises: a span that cannot be
stored is refused alone, and what is answered for is on disk. A request that fails half way may be
sent again: the same span is the same row. What a program says of a span by log events is joined to
it, whichever comes first.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from msgspec.structs import replace

from telltale.ingest.awaited import Awaited
from telltale.ingest.judgements import keep_judgements
from telltale.ingest.pipeline import ExperimentId, ingest
from telltale.nouns.errors import BadInput
from telltale.nouns.span import RawSpan
from telltale.otlp.log_events import LogEvent
from telltale.store.questions import TraceStore

SLICE_SPANS = 2_000
"""Spans a transaction: of a hundred thousand small ones, no more are in memory at once."""
_SERVICE = "service.name"
_NOBODY = "unknown_service"
"""What SDKs write where a program has not said what it is; some put `:python` behind it."""
_MOST_TOLD = 5


class Refused:
    """The spans that are not stored, and why; the first few of them are told."""

    def __init__(self) -> None:
        self.spans = 0
        self._told: list[str] = []

    def add(self, why: BadInput | str) -> None:
        """One more."""
        self.spans += 1
        if self.spans <= _MOST_TOLD:
            self._told.append(str(why))

    def words(self, stored: int) -> str:
        """What became of which span, and what to do."""
        more = self.spans - len(self._told)
        return (
            f"{self.spans} of {self.spans + stored} spans were not stored: {'; '.join(self._told)}"
            f"{f'; and {more} more' if more else ''}; mend what sends them: sending them again "
            "changes nothing"
        )


def receive(
    spans: Iterable[RawSpan],
    experiment: str,
    refused: Refused,
    awaited: Awaited,
    store: TraceStore,
    experiment_id: ExperimentId,
) -> int:
    """Store spans, and answer how many are on disk.

    Args:
        experiment: Where they are filed, whatever they say themselves; empty where nobody chose.
        refused: Told of each that cannot be stored.
        awaited: Has what came of them as log events.

    Raises:
        StoreBusy, StoreBroken: If the last of it was not stored; the same may be sent again.
    """
    placed = _placed(spans, experiment, refused)
    stored = 0
    while batch := list(islice(placed, SLICE_SPANS)):
        before = awaited.changes
        joined = [awaited.joined(raw) for raw in batch]
        ingested = ingest(joined, store, experiment_id)
        keep_judgements(joined, store)
        stored += ingested.spans
        for reason in ingested.refused:
            refused.add(reason)
        if awaited.changes != before:
            # An event that came meanwhile looked for its span in vain.
            awaited.amend([(raw.trace_id, raw.span_id) for raw in batch], store, experiment_id)
    return stored


def receive_events(
    events: Sequence[LogEvent],
    size: int,
    awaited: Awaited,
    store: TraceStore,
    experiment_id: ExperimentId,
) -> int:
    """Join events to the spans that they name, now or when these come; answer how many changed.

    Args:
        size: Bytes of the request that they came in.

    Raises:
        StoreBusy, StoreBroken: If stored spans could not be changed; send the same again.
    """
    placed = [event for event in events if event.trace_id and event.span_id]
    if not placed:
        return 0
    awaited.add(placed, size // len(placed) + 1)
    places = {(event.trace_id, event.span_id) for event in placed}
    return awaited.amend(places, store, experiment_id)


def _placed(spans: Iterable[RawSpan], chosen: str, refused: Refused) -> Iterator[RawSpan]:
    for raw in spans:
        if raw.end_ns is None:
            # Nobody would ever hear of it again, and it would run for ever.
            refused.add(f"span {raw.name!r:.80} has no end; OTLP sends spans when they have ended")
            continue
        experiment = chosen or raw.experiment or _service(raw)
        yield raw if experiment == raw.experiment else replace(raw, experiment=experiment)


def _service(raw: RawSpan) -> str:
    name = raw.resource.get(_SERVICE)
    return name if isinstance(name, str) and not name.startswith(_NOBODY) else ""
