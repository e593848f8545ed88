"""Which spans can be stored at all.

A journal is written by our SDK, but by any version of it, and a disk may have had its say since.
What is refused here would fail in the store, together with everything in its batch.
"""

from telltale.nouns.ids import SPAN_ID_BYTES, TRACE_ID_BYTES
from telltale.nouns.span import RawSpan

LAST_NS = 2**63 - 1
"""April 2262: what a signed 64-bit column holds."""


def fault_of(raw: RawSpan) -> str | None:
    """Why a span cannot be stored, as a sentence; None if it can."""
    if len(raw.trace_id) != TRACE_ID_BYTES or not any(raw.trace_id):
        return f"span {raw.name!r}: trace id {raw.trace_id.hex()!r} is not 16 bytes, or is zero"
    if len(raw.span_id) != SPAN_ID_BYTES or not any(raw.span_id):
        return f"span {raw.name!r}: span id {raw.span_id.hex()!r} is not 8 bytes, or is zero"
    if raw.parent_id is not None and len(raw.parent_id) != SPAN_ID_BYTES:
        return f"span {raw.name!r}: parent id {raw.parent_id.hex()!r} is not 8 bytes"
    if not 0 <= raw.start_ns <= LAST_NS:
        return f"span {raw.name!r}: start {raw.start_ns} is no time in nanoseconds before 2262"
    if raw.end_ns is not None and not 0 <= raw.end_ns <= LAST_NS:
        return f"span {raw.name!r}: end {raw.end_ns} is no time in nanoseconds before 2262"
    return None
