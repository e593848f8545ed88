"""What happens to every span that arrives, whoever sent it: read, priced, written.

    bytes ──decode──▶ RawSpan ──normalise──▶ Span ──price──▶ Span with a cost ──write──▶ store

Decoding belongs to the door that the bytes came in by (`journal`, later OTLP and files); from
there on this page is all there is. Two promises: what is answered for is on disk, and a span that
cannot be stored or read never takes its neighbours with it.
"""

import logging
from collections.abc import Callable, Iterable

import msgspec

from telltale.conventions.normalise import normalise
from telltale.ingest.admission import fault_of
from telltale.nouns.span import Kind, RawSpan, Span, State
from telltale.pricing.price import price
from telltale.store.questions import Change, TraceStore
from telltale.tracing.guard import fault

log = logging.getLogger(__name__)

ExperimentId = Callable[[str], int]
"""The id of the experiment with this name, which is created on arrival."""


class Ingested(msgspec.Struct, frozen=True):
    """What became of a batch."""

    spans: int
    """Spans that are on disk now."""
    refused: tuple[str, ...]
    """One sentence for each that is not, and never will be."""
    seq: int
    """The store's counter that they are visible at; 0 where nothing was written."""


def ingest(
    spans: Iterable[RawSpan],
    store: TraceStore,
    experiment_id: ExperimentId,
    journal: bytes | None = None,
) -> Ingested:
    """Store what was reported, in one transaction.

    Args:
        journal: Id of the journal that they came by, whose process they run in.

    Raises:
        StoreBusy, StoreBroken: If nothing of it was stored; the same batch may be sent again.
    """
    changes, refused = understood(spans, experiment_id, journal)
    seq = store.write(changes) if changes else 0
    return Ingested(len(changes), tuple(refused), seq)


def understood(
    spans: Iterable[RawSpan], experiment_id: ExperimentId, journal: bytes | None = None
) -> tuple[list[Change], list[str]]:
    """What is to be written, and one sentence for each span that cannot be."""
    changes, refused = [], []
    for raw in spans:
        reason = fault_of(raw)
        if reason is None:
            reading = priced(read(raw), raw.start_ns)
            changes.append(Change(experiment_id(raw.experiment), raw, reading, journal))
        else:
            refused.append(reason)
    if refused:
        log.warning("%d spans were not stored, the first of them %s", len(refused), refused[0])
    return changes, refused


def read(raw: RawSpan) -> Span:
    """What a span means; where its dialect fails, what can be said without one.

    The raw span is kept either way, so that a mended dialect reads it again.
    """
    try:
        return normalise(raw)
    except Exception:
        # A dialect's fault, perhaps a plugin's: it must not cost the span or its neighbours.
        log.exception("span %r (%s) could not be read", raw.name, raw.span_id.hex())
        return Span(
            dialect="unread",
            kind=Kind.UNKNOWN,
            name=raw.name,
            state=State.RUNNING if raw.end_ns is None else State.ENDED,
            status=raw.status,
            error_message=raw.status_message,
        )


def priced(reading: Span, at_ns: int) -> Span:
    """The reading with what the call cost; where pricing fails, the reading as it is."""
    try:
        return price(reading, at_ns)
    except Exception as error:  # noqa: BLE001
        # A fault of the price table would come with every call: said once, and no cost is shown.
        fault("pricing", error)
        return reading
