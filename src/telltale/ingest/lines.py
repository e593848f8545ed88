"""Traces from a file, one a line, as export writes them; or as other tools write OTLP's JSON.

What an exported line holds is stored as it was: spans, what people said of the trace, and that a
span was lost. A span that ran when it was exported runs here until its process, of which nothing
will be heard, is taken for dead.
"""

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from msgspec.structs import replace

from telltale.ingest.pipeline import ExperimentId, understood
from telltale.nouns.errors import BadInput
from telltale.nouns.feedback import Feedback
from telltale.nouns.span import RawSpan
from telltale.otlp.json import each_span
from telltale.store.questions import ReadTrace, TraceStore

BESIDE = "telltale"
"""The name under which a line has what OTLP has no place for."""
_JOURNAL_BYTES = 16


class Beside(msgspec.Struct, frozen=True, omit_defaults=True):
    """What OTLP has no place for."""

    tags: dict[str, str | None] = {}
    """That people gave or, None, took away."""
    feedback: tuple[Feedback, ...] = ()
    seen: dict[str, str] = {}
    """Of lost spans, by id: Unix time, nanoseconds, at which their process was last heard of."""


class Line(msgspec.Struct, frozen=True):
    """A line that was read, and can be stored."""

    spans: tuple[RawSpan, ...]
    beside: Beside
    faults: tuple[str, ...]
    """One sentence for each span that cannot be read."""


def read_line(data: Any) -> Line:
    """Read a line that is JSON.

    Raises:
        BadInput: If it is no `TracesData`.
    """
    faults: list[str] = []
    spans = tuple(each_span(data, lambda error: faults.append(str(error))))
    try:
        beside = msgspec.convert(data.get(BESIDE, {}), Beside)
        seen = {span_id: int(seen_ns) for span_id, seen_ns in beside.seen.items()}
    except (msgspec.ValidationError, ValueError) as error:
        raise BadInput(
            f"{BESIDE!r} beside the spans: {error}; expected what `telltale traces export` writes",
            given=BESIDE,
            expected="what `telltale traces export` writes",
            remedy="take it out, and the spans alone are imported",
        ) from error
    if not all(0 <= seen_ns < 2**63 for seen_ns in seen.values()):
        raise BadInput(f"{BESIDE!r} beside the spans: a time that is none", expected="Unix times")
    return Line(spans, beside, tuple(faults))


def store_line(
    line: Line,
    store: TraceStore,
    experiment_id: ExperimentId,
    hear: Callable[[bytes], None],
) -> tuple[int, int, tuple[str, ...]]:
    """Store what a line holds; how many spans, how many of these are new, and what is not stored.

    Args:
        hear: Told of the journal that stands for the process of a span that still ran.

    Raises:
        StoreBusy, StoreBroken: If it was not stored to its end; the same may be imported again.
    """
    seen = line.beside.seen
    changes, refused = understood(line.spans, experiment_id)
    journals: dict[bytes, int | None] = {}
    for number, change in enumerate(changes):
        if change.raw.end_ns is None:
            seen_ns = seen.get(change.raw.span_id.hex())
            journal = _journal(change.raw.trace_id, seen_ns)
            changes[number] = replace(change, journal=journal)
            journals[journal] = None if seen_ns is None else int(seen_ns)
    trace_ids = {change.raw.trace_id for change in changes}
    before = _spans(store, trace_ids)
    if changes:
        store.write(changes)
    for journal, since_ns in journals.items():
        if since_ns is None:
            hear(journal)
        else:
            store.mark_lost(journal, since_ns)
    for trace_id in trace_ids:
        if line.beside.tags:
            store.set_tags(trace_id, line.beside.tags)
    for feedback in line.beside.feedback:
        store.add_feedback(feedback)
    return len(changes), _spans(store, trace_ids) - before, (*line.faults, *refused)


def _spans(store: TraceStore, trace_ids: Iterable[bytes]) -> int:
    """How many spans some traces have."""
    found = (store.read(ReadTrace(trace_id)) for trace_id in trace_ids)
    return sum(trace.spans for trace in found if trace is not None)


def _journal(trace_id: bytes, seen_ns: str | None) -> bytes:
    """What stands for the process of open spans, the same each time that they are imported."""
    said = b"imported" + trace_id + (seen_ns or "").encode()
    return hashlib.blake2b(said, digest_size=_JOURNAL_BYTES).digest()
