"""Journal segments, whole or in parts, into the pipeline."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import msgspec

from telltale.ingest.pipeline import ExperimentId, ingest
from telltale.nouns.errors import BadInput
from telltale.nouns.span import RawSpan
from telltale.store.questions import TraceStore
from telltale.tracing.records import Beat, Segment, read_opening, read_segment

Read = TypeVar("Read")


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
    beat: Beat | None
    """The last one in it."""
    said_ns: int
    """Unix time, nanoseconds, by the process's clock, of the last thing that it tells; 0 for a
    piece that tells nothing."""


def journal_of(data: bytes) -> bytes:
    """The id of the journal that a piece is of.

    Raises:
        BadInput: If it does not begin with a header that can be read.
    """
    return _read(data, read_opening).journal_id


def receive(
    data: bytes,
    offset: int,
    store: TraceStore,
    experiment_id: ExperimentId,
    *,
    is_orphan: bool = False,
) -> Received:
    """Store a header record and the records behind it, which stand at `offset` of their segment.

    Sending the same piece again changes nothing.

    Args:
        is_orphan: Its process has ended, so nobody will complete a record that is torn.

    Raises:
        BadInput: If it does not begin with a header that can be read.
        StoreBusy, StoreBroken: If nothing of it was stored.
    """
    segment = _read(data, partial(read_segment, is_complete=is_orphan))
    ingested = ingest(
        _latest(segment.spans), store, experiment_id, journal=segment.header.journal_id
    )
    return Received(
        journal=segment.header.journal_id.hex(),
        segment=segment.header.segment,
        offset=offset + segment.end - segment.begin,
        damaged=segment.damaged + len(ingested.refused),
        spans=ingested.spans,
        seq=ingested.seq,
        beat=segment.beats[-1] if segment.beats else None,
        said_ns=_said_ns(segment),
    )


def _said_ns(segment: Segment) -> int:
    told = [raw.start_ns if raw.end_ns is None else raw.end_ns for raw in segment.spans]
    return max([*told, *(beat.time_ns for beat in segment.beats)], default=0)


def _read(data: bytes, read: Callable[[bytes], Read]) -> Read:
    try:
        return read(data)
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
