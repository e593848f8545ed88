"""A trace without its bodies, as columns: what the page draws the tree and the waterfall from."""

import sqlite3
from collections.abc import Iterable
from typing import Any

from telltale.nouns.span import State, Status
from telltale.nouns.trace import Skeleton, steps
from telltale.store.questions import ReadSkeleton
from telltale.store.traces.sqlite.border import fit_int
from telltale.store.traces.sqlite.numbering import span_number, span_range

STATES: dict[str, int] = {State.ENDED: 0, State.RUNNING: 1, State.LOST: 2}
STATUSES: dict[str, int] = {Status.UNSET: 0, Status.OK: 1, Status.ERROR: 2}
ROOT, PARENT_UNKNOWN = -1, -2
UNKNOWN = -1

_ROWS = f"""
    SELECT ordinal,
           iif(parent_id IS NULL, {ROOT}, coalesce(parent_ordinal, {PARENT_UNKNOWN})),
           name, kind, model, label, state, status, start_ns, coalesce(end_ns, seen_ns),
           coalesce(input_tokens, {UNKNOWN}), coalesce(cache_read_tokens, {UNKNOWN}),
           coalesce(output_tokens, {UNKNOWN}), coalesce(cost_pico / 1000, {UNKNOWN})
    FROM spans WHERE span_no BETWEEN ? AND ? AND seq > ? ORDER BY span_no"""
_COLUMNS = 14


def read_skeleton(connection: sqlite3.Connection, question: ReadSkeleton) -> Skeleton | None:
    """The rows that changed after `since`; a parent that arrives changes its children too."""
    found = connection.execute(
        "SELECT trace_no, seq FROM traces WHERE trace_id = ?", (question.trace_id,)
    ).fetchone()
    if found is None:
        return None
    trace_no, seq = found
    base_us = _base_us(connection, trace_no)
    rows = connection.execute(_ROWS, (*span_range(trace_no), fit_int(question.since))).fetchall()
    columns: Any = zip(*rows, strict=True) if rows else ((),) * _COLUMNS
    ordinal, parent, name, kind, model, label, state, status, start, end, *counts = columns
    input_tokens, cached_tokens, output_tokens, cost_nano_usd = counts
    names, kinds, models = _places(name), _places(kind), _places(model)
    return Skeleton(
        trace_id=question.trace_id.hex(),
        seq=seq,
        base_us=base_us,
        names=tuple(names),
        kinds=tuple(kinds),
        models=tuple(models),
        ordinal_step=steps(ordinal),
        parent=parent,
        name=tuple(map(names.__getitem__, name)),
        kind=tuple(map(kinds.__getitem__, kind)),
        model=tuple(models.get(value, UNKNOWN) for value in model),
        label=label,
        state=tuple(map(STATES.__getitem__, state)),
        status=tuple(map(STATUSES.__getitem__, status)),
        start_step=steps([start_ns // 1000 - base_us for start_ns in start]),
        duration=tuple(map(_duration_us, start, end)),
        input_tokens=input_tokens,
        cached_tokens=cached_tokens,
        output_tokens=output_tokens,
        cost_nano_usd=cost_nano_usd,
    )


def _places(values: Iterable[str | None]) -> dict[str, int]:
    """Each value's index, in order of first appearance; None has none."""
    distinct = dict.fromkeys(value for value in values if value is not None)
    return {value: place for place, value in enumerate(distinct)}


def _base_us(connection: sqlite3.Connection, trace_no: int) -> int:
    """Start of the span that arrived first: unlike the earliest, it stays the first."""
    return (
        connection.execute(
            "SELECT start_ns FROM spans WHERE span_no = ?", (span_number(trace_no, 0),)
        ).fetchone()[0]
        // 1000
    )


def _duration_us(start_ns: int, end_ns: int | None) -> int:
    # A clock that was set back is no negative time, and -1 means open.
    return UNKNOWN if end_ns is None else max(0, end_ns - start_ns) // 1000
