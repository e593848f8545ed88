"""Stored spans are understood anew: by a better reading, or at other prices.

What a program reported is stored once and word for word, so all that follows from it can be
derived again: columns, totals, facets, texts. Spans that are open are left; they are read by
whoever is here when they end.
"""

import sqlite3
from collections.abc import Callable

from telltale.nouns.errors import StoreBroken
from telltale.nouns.span import RawSpan, Span, State
from telltale.store.questions import Change, Reread
from telltale.store.traces.sqlite.arrival import store_spans
from telltale.store.traces.sqlite.bodies import decode_body, unpack_resource
from telltale.store.traces.sqlite.rows import stage

SPANS_A_CHUNK = 500
"""Some 30 ms, in which others wait to write."""

_CHUNK = """
    SELECT span_no, codec, raw, body, reading_version
    FROM spans JOIN bodies USING (span_no) LEFT JOIN resources USING (resource_no)
    WHERE span_no > ? AND state = ?
      AND EXISTS (SELECT 1 FROM traces WHERE traces.trace_no = spans.trace_no)
    ORDER BY span_no LIMIT ?"""
"""Not of traces that are being deleted, which would come back."""


def reread(
    connection: sqlite3.Connection,
    after: int,
    is_all: bool,
    read: Callable[[RawSpan], Span],
    version: int,
) -> Reread:
    """Read one chunk of spans behind a number, in the order in which their traces came.

    Args:
        is_all: Also those that were read as they would be now: prices may have changed.
    """
    rows = connection.execute(_CHUNK, (after, State.ENDED.value, SPANS_A_CHUNK)).fetchall()
    changes = []
    for span_no, codec, body, resource, before in rows:
        if not is_all and before == version:
            continue
        try:
            raw = decode_body(codec, body, unpack_resource(resource), f"span {span_no}")
        except StoreBroken:
            continue  # Whoever reads the span is told so.
        changes.append(Change(experiment_id=0, raw=raw, reading=read(raw)))
    store_spans(connection, stage(changes, version))
    is_last = len(rows) < SPANS_A_CHUNK
    return Reread(None if is_last else rows[-1][0], len(changes))
