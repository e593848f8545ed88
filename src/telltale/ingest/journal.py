"""Journal segments, whole or in parts, into the pipeline."""

import msgspec

from telltale.ingest.pipeline import ExperimentId, ingest
from telltale.nouns.errors import BadInput
from telltale.nouns.span import RawSpan
from telltale.store.questions import TraceStore
from telltale.tracing.records import Segment, read_segment


class Received(msgspec.Struct, frozen=True):
    """What a piece of a journal held, and how far the journal is safe."""

    journal: str
    """32 hex digits."""
    segment: int
    offset: int
    """Everything before it in the segment is on disk; send from here next time."""
    damaged: int
    """Stretches and spans that nobody could use."""
    spans: int
    """Spans of this piece that are on disk, a start and its end counted once."""
    seq: int
    """The store's counter that they are visible at; 0 where nothing was written."""


def receive(data: bytes, offset: int, store: TraceStore, experiment_id: ExperimentId) -> Received:
    """Store a header record and the records behind it, which stand at `offset` of their segment.

    Sending the same piece again changes nothing.

    Raises:
        BadInput: If it does not begin with a header that can be read.
        StoreBusy, StoreBroken: If nothing of it was stored.
    """
    segment = _read(data)
    ingested = ingest(_latest(segment.spans), store, experiment_id)
    return Received(
        journal=segment.header.journal_id.hex(),
        segment=segment.header.segment,
        offset=offset + segment.end - segment.begin,
        damaged=segment.damaged + len(ingested.refused),
        spans=ingested.spans,
        seq=ingested.seq,
    )


def _read(data: bytes) -> Segment:
    try:
        return read_segment(data)
    except ValueError as error:
        expected = "a header record, then whole records of the same segment"
        raise BadInput(
            f"{error}; got {len(data)} bytes",
            given=data[:16].hex(),
            expected=expected,
            remedy="send each piece of a segment behind the segment's own header record",
        ) from error


def _latest(spans: tuple[RawSpan, ...]) -> list[RawSpan]:
    """One report a span: a journal that waited long holds start and end of nearly every one.

    An end is complete by itself. It takes the place of its start, so that parents still arrive
    before their children.
    """
    latest: dict[tuple[bytes, bytes], RawSpan] = {}
    for raw in spans:
        key = raw.trace_id, raw.span_id
        if raw.end_ns is not None or key not in latest:
            latest[key] = raw
    return list(latest.values())
