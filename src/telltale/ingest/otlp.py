"""Spans from other programs' OpenTelemetry into the pipeline.

They come ended, and once; nobody tells of their process. Two promises: a span that cannot be
stored is refused alone, and what is answered for is on disk. A request that fails half way may be
sent again: the same span is the same row.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from msgspec.structs import replace

from telltale.ingest.pipeline import ExperimentId, ingest
from telltale.nouns.errors import BadInput
from telltale.nouns.span import RawSpan
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
    store: TraceStore,
    experiment_id: ExperimentId,
) -> int:
    """Store spans, and answer how many are on disk.

    Args:
        experiment: Where they are filed, whatever they say themselves; empty where nobody chose.
        refused: Told of each that cannot be stored.

    Raises:
        StoreBusy, StoreBroken: If the last of it was not stored; the same may be sent again.
    """
    placed = _placed(spans, experiment, refused)
    stored = 0
    while batch := list(islice(placed, SLICE_SPANS)):
        ingested = ingest(batch, store, experiment_id)
        stored += ingested.spans
        for reason in ingested.refused:
            refused.add(reason)
    return stored


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
