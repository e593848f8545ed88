"""Journal segments, whole or in parts, into the pipeline."""

import msgspec

from telltale.ingest.pipeline import ExperimentId, ingest
from telltale.nouns.errors import BadInput
from telltale.nouns.span import RawSpan
from telltale.store.questions import TraceStore
from telltale.tracing.records import Beat, RecordType, Segment, read_segment, records

_TELL_THE_TIME = (RecordType.START, RecordType.BEAT)


class Received(msgspec.Struct, frozen=True):
    """What a piece of a journal held, and how far the journal is safe."""

    journal: bytes
    segment: int
    offset: int
    """Everything before it in the segment is on disk; send from here next time."""
    damaged: int
    """Stretches and spans that nobody could use."""
    spans: int
    """Spans of this piece that are on disk, a start and its end counted once."""
    beat: Beat | None
    """The last one in it."""


def read_piece(data: bytes, *, is_orphan: bool = False) -> Segment:
    """Read a header record and the records behind it.

    Args:
        is_orphan: Its process has ended, so nobody will complete a record that is torn.

    Raises:
        BadInput: If it does not begin with a header that can be read.
    """
    try:
        return read_segment(data, is_complete=is_orphan)
    except ValueError as error:
        expected = "a header record, then whole records of the same segment"
        raise BadInput(
            f"{error}; got {len(data)} bytes",
            given=data[:16].hex(),
            expected=expected,
            remedy="send each piece of a segment behind the segment's own header record",
        ) from error


def receive(
    piece: Segment, offset: int, store: TraceStore, experiment_id: ExperimentId
) -> Received:
    """Store the records of a piece, which stand at `offset` of their segment.

    Sending the same piece again changes nothing.

    Raises:
        StoreBusy, StoreBroken: If nothing of it was stored.
    """
    journal = piece.header.journal_id
    ingested = ingest(_latest(piece.spans), store, experiment_id, journal)
    return Received(
        journal=journal,
        segment=piece.header.segment,
        offset=offset + piece.end - piece.begin,
        damaged=piece.damaged + len(ingested.refused),
        spans=ingested.spans,
        beat=piece.beats[-1] if piece.beats else None,
    )


def said_ns(piece: Segment, data: bytes) -> int:
    """Unix time, nanoseconds, by the process's clock, of the last record that was written with it.

    The last in the journal's own order, and not the latest: the clock may have been set back, and
    nothing lasted until a time that was before it began. An end tells none: it is counted from its
    span's start, perhaps by the clock of then. 0 for a piece that tells none.

    Args:
        data: What the piece was read from.
    """
    told = next((raw.start_ns for raw in reversed(piece.spans) if raw.end_ns is None), 0)
    if piece.beats and (not told or _ends_with_a_beat(data)):
        told = piece.beats[-1].time_ns
    return told


def _ends_with_a_beat(data: bytes) -> bool:
    """Whether no span starts behind the last beat."""
    kinds = [record.type for record in records(data) if record is not None]
    telling = [kind for kind in kinds if kind in _TELL_THE_TIME]
    return bool(telling) and telling[-1] == RecordType.BEAT


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
