"""Journals as processes write them, and as they leave them behind."""

from pathlib import Path

from telltale.nouns.span import RawSpan
from telltale.tracing.journal import Journal
from telltale.tracing.records import RecordType, encode_span, read_segment


def record(name: str, size: int = 0) -> bytes:
    """The end of a span, so many bytes longer than it need be."""
    raw = RawSpan(
        trace_id=b"t" * 16,
        span_id=b"s" * 8,
        name=name,
        start_ns=1,
        end_ns=2,
        status_message="x" * size,
    )
    return encode_span(RecordType.END, raw)


def left_behind(folder: Path, destination: str, *written: bytes) -> Journal:
    """The journal of a process that is no more."""
    journal = Journal(folder, destination, {"service.name": "trips"}, "")
    for one in written:
        journal.write(one)
    journal.let_go()
    return journal


def segments(journal: Journal) -> list[Path]:
    """Its files, in their order."""
    return sorted(journal.folder.glob("*.[0-9]*"))


def names(path: Path) -> list[str]:
    """Of the spans in a segment."""
    return [span.name for span in read_segment(path.read_bytes()).spans]
