"""The journal's record: what a span's start and end look like on disk and on the wire.

    F7 54 54 4A   magic, by which a reader finds its way again after a torn write
    u8            format version, 1
    u8            type: 0 header, 1 start, 2 end, 3 beat; others are skipped by their length
    u16           zero
    u32           length of the payload
    u32           CRC-32 over everything from the type to the payload's end, itself left out
    payload       a msgpack map with field names

Integers are little-endian. A record is complete by itself: it needs no record before it but the
segment's header. Old journals and new readers meet, so fields are only ever added.
"""

import struct
from collections.abc import Iterator
from enum import IntEnum
from typing import Any, NamedTuple
from zlib import crc32

import msgspec

from telltale.nouns.span import RawSpan

MAGIC = b"\xf7TTJ"
FORMAT = 1
MAX_RECORD_BYTES = 16 * 1024 * 1024
"""No record is longer, frame included; a length above it is damage, not data."""
OWNER, GONE = "X-Telltale-Owner", "gone"
"""Header sent with each piece: the id of its journal in hex while the process lives, which is heard
of before the piece has come; `gone` with what a dead one left. Older servers know the last alone.
"""
MORE = "X-Telltale-More"
"""Header, `1`, sent with a piece of a dead one's behind which others of its journal come."""
JOURNAL_ID_BYTES = 16

_CHECKED = struct.Struct("<BHI")
"""Type, zero, length: what the CRC covers besides the payload."""
_FRAME = struct.Struct("<4sBBHII")
_BEGINNING = MAGIC + bytes((FORMAT,))
FRAME_BYTES = _FRAME.size


class RecordType(IntEnum):
    """What a record says. A type that is not listed here is passed over."""

    HEADER = 0
    START = 1
    END = 2
    BEAT = 3


class Header(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The first record of each segment: who writes, and for whom. It holds no token."""

    journal_id: bytes
    """`JOURNAL_ID_BYTES` random bytes, one journal a process."""
    segment: int
    destination: str
    """Address of the server that these spans are for."""
    pid: int
    started_ns: int
    """Unix time, nanoseconds, at which the process began to record."""
    resource: dict[str, Any] = {}
    """Said here once instead of on every span."""
    sdk_version: str = ""


class Beat(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The process lives, and what it has to say of its recording; counts since it began."""

    time_ns: int
    """Unix time, nanoseconds, by its own clock."""
    last: bool = False
    """It ends now: what is open will not be ended any more."""
    unwritten: int = 0
    """Records that the disk refused: they are lost."""
    dropped_segments: int = 0
    """Whole segments that it removed because the journal folder was over its bound."""
    dropped_bytes: int = 0
    retries: int = 0
    """Posts that failed and were or will be sent again."""
    waiting_bytes: int = 0
    """Of this journal, not yet acknowledged when the beat was written."""


class Record(msgspec.Struct, frozen=True):
    """One whole record, and where the next one starts."""

    type: int
    payload: bytes
    end: int
    """Offset behind the record, counted from the start of the bytes read."""


class Segment(msgspec.Struct, frozen=True):
    """What a run of journal bytes holds."""

    header: Header
    spans: tuple[RawSpan, ...]
    """Starts and ends in the order written; the resource comes from the header."""
    beats: tuple[Beat, ...]
    begin: int
    """Offset behind the header."""
    end: int
    """Offset behind the last whole record; what follows may be a record still being written."""
    damaged: int
    """Stretches skipped because they were torn, short or unreadable."""


_encode = msgspec.msgpack.Encoder().encode
_decode_span = msgspec.msgpack.Decoder(RawSpan).decode
_decode_beat = msgspec.msgpack.Decoder(Beat).decode
_decode_header = msgspec.msgpack.Decoder(Header).decode


def encode_span(kind: RecordType, span: RawSpan) -> bytes:
    """A start or end record, ready to be written at once."""
    return frame(kind, _encode(span))


def encode_header(header: Header) -> bytes:
    """The record that opens a segment."""
    return frame(RecordType.HEADER, _encode(header))


def encode_beat(beat: Beat) -> bytes:
    """The record that says that the process lives."""
    return frame(RecordType.BEAT, _encode(beat))


def frame(kind: int, payload: bytes) -> bytes:
    """Wrap a payload so that a reader can tell whether it is whole."""
    checked = _CHECKED.pack(kind, 0, len(payload))
    check = crc32(payload, crc32(checked))
    return b"".join((_BEGINNING, checked, check.to_bytes(4, "little"), payload))


def records(data: bytes, offset: int = 0) -> Iterator[Record | None]:
    """Whole records in order; None stands for a damaged stretch that was skipped.

    An incomplete record at the very end is left for the next read: nothing is yielded for it.
    """
    while offset < len(data):
        record = _record_at(data, offset)
        if record is not None:
            yield record
            offset = record.end
            continue
        found = _next_whole(data, offset + 1)
        if found is None:
            return
        yield None
        offset = found


def read_segment(data: bytes, *, is_complete: bool = False) -> Segment:
    """Read a segment, or a header followed by a part of its segment.

    Args:
        is_complete: Nobody writes any more: what stands behind the last whole record is damage.

    Raises:
        ValueError: If it does not begin with a header of a format that we know.
    """
    stream = records(data)
    first, header = _opening(next(stream, None))
    spans: list[RawSpan] = []
    beats: list[Beat] = []
    begin = end = first.end
    damaged = 0
    for record in stream:
        if record is None:
            damaged += 1
            continue
        end = record.end
        if record.type in (RecordType.START, RecordType.END):
            span = _decode(_decode_span, record.payload)
            damaged += span is None
            if span is not None:
                spans.append(msgspec.structs.replace(span, resource=header.resource))
        elif record.type == RecordType.BEAT:
            beat = _decode(_decode_beat, record.payload)
            damaged += beat is None
            if beat is not None:
                beats.append(beat)
    if is_complete and end < len(data):
        damaged += 1
        end = len(data)
    return Segment(header, tuple(spans), tuple(beats), begin, end, damaged)


def _opening(first: Record | None) -> tuple[Record, Header]:
    if first is None or first.type != RecordType.HEADER:
        raise ValueError("journal: expected a segment that begins with its header record")
    header = _decode(_decode_header, first.payload)
    if header is None:
        raise ValueError("journal: the segment's header cannot be read")
    return first, header


def whole_end(data: bytes) -> int:
    """Where the last whole record ends; 0 where there is none.

    From length to length, without a look at what the records hold: each was written at once. Only
    where the next one does not begin as a record is the way to be found again by the CRC.
    """
    last = offset = 0
    while (begun := _frame_at(data, offset)) is not None:
        last, offset = offset, begun.end
    if offset == len(data):
        return offset
    return max((record.end for record in records(data, last) if record is not None), default=last)


def is_torn_header(data: bytes) -> bool:
    """Whether this is no more than the beginning of a segment's first record."""
    if len(data) < FRAME_BYTES:
        return _FRAME.pack(MAGIC, FORMAT, RecordType.HEADER, 0, 0, 0)[:8].startswith(data[:8])
    begun = _frame_at(data, 0)
    return begun is not None and begun.kind == RecordType.HEADER and len(data) < begun.end


class _Frame(NamedTuple):
    """What stands before a payload, which need not be there yet."""

    kind: int
    zero: int
    length: int
    check: int
    end: int
    """Offset behind the record."""


def _frame_at(data: bytes, offset: int) -> _Frame | None:
    """None where no record of ours begins, or not all of its frame is there."""
    if len(data) - offset < FRAME_BYTES:
        return None
    magic, version, kind, zero, length, check = _FRAME.unpack_from(data, offset)
    if magic != MAGIC or version != FORMAT or length > MAX_RECORD_BYTES:
        return None
    return _Frame(kind, zero, length, check, offset + FRAME_BYTES + length)


def _record_at(data: bytes, offset: int) -> Record | None:
    """None where no whole record stands."""
    found = _frame_at(data, offset)
    if found is None or found.end > len(data):
        return None
    payload = bytes(data[offset + FRAME_BYTES : found.end])
    checked = _CHECKED.pack(found.kind, found.zero, found.length)
    if crc32(payload, crc32(checked)) != found.check:
        return None
    return Record(found.kind, payload, found.end)


def _next_whole(data: bytes, offset: int) -> int | None:
    """Where the next whole record starts; a magic inside a torn payload does not deceive."""
    while (offset := data.find(MAGIC, offset)) >= 0:
        if _record_at(data, offset) is not None:
            return offset
        offset += 1
    return None


def _decode(decode: Any, payload: bytes) -> Any:
    try:
        return decode(payload)
    except (msgspec.DecodeError, RecursionError):
        return None
