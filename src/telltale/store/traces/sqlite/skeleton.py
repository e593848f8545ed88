"""A trace without its bodies, as columns: what the page draws the tree and the waterfall from."""

import sqlite3
from collections.abc import Iterable
from typing import Any

from telltale.nouns.span import State, Status
from telltale.nouns.trace import Skeleton
from telltale.store.questions import ReadSkeleton
from telltale.store.traces.sqlite.border import fit_int
from telltale.store.traces.sqlite.numbering import span_number, span_range

STATES = {State.ENDED: 0, State.RUNNING: 1, State.LOST: 2}
STATUSES = {Status.UNSET: 0, Status.OK: 1, Status.ERROR: 2}
ROOT, PARENT_UNKNOWN = -1, -2
UNKNOWN = -1

_ROWS = """
    SELECT ordinal, parent_id IS NULL, parent_ordinal, name, kind, model, label, state, status,
           start_ns, end_ns, input_tokens, cache_read_tokens, output_tokens, cost_pico
    FROM spans WHERE span_no BETWEEN ? AND ? AND seq > ? ORDER BY span_no"""


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
    names, kinds, models = _Dictionary(), _Dictionary(), _Dictionary()
    return Skeleton(
        trace_id=question.trace_id.hex(),
        seq=seq,
        base_us=base_us,
        ordinal=tuple(row[0] for row in rows),
        parent=tuple(_parent(is_root, ordinal) for _, is_root, ordinal, *_ in rows),
        name=tuple(names.place(row[3]) for row in rows),
        kind=tuple(kinds.place(row[4]) for row in rows),
        model=tuple(models.place(row[5]) for row in rows),
        label=tuple(row[6] for row in rows),
        state=tuple(STATES[row[7]] for row in rows),
        status=tuple(STATUSES[row[8]] for row in rows),
        start=tuple(row[9] // 1000 - base_us for row in rows),
        duration=tuple(_duration_us(row[9], row[10]) for row in rows),
        input_tokens=_or_unknown(row[11] for row in rows),
        cached_tokens=_or_unknown(row[12] for row in rows),
        output_tokens=_or_unknown(row[13] for row in rows),
        cost_nano_usd=tuple(UNKNOWN if row[14] is None else row[14] // 1000 for row in rows),
        names=names.entries(),
        kinds=kinds.entries(),
        models=models.entries(),
    )


def _base_us(connection: sqlite3.Connection, trace_no: int) -> int:
    """Start of the span that arrived first: unlike the earliest, it stays the first."""
    return (
        connection.execute(
            "SELECT start_ns FROM spans WHERE span_no = ?", (span_number(trace_no, 0),)
        ).fetchone()[0]
        // 1000
    )


class _Dictionary:
    """Values in order of their first appearance."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    def place(self, value: str | None) -> int:
        """The value's index; -1 for none."""
        return UNKNOWN if value is None else self._places.setdefault(value, len(self._places))

    def entries(self) -> tuple[str, ...]:
        return tuple(self._places)


def _parent(is_root: int, ordinal: int | None) -> int:
    if is_root:
        return ROOT
    return PARENT_UNKNOWN if ordinal is None else ordinal


def _duration_us(start_ns: int, end_ns: int | None) -> int:
    # A clock that was set back is no negative time, and -1 means open.
    return UNKNOWN if end_ns is None else max(0, end_ns - start_ns) // 1000


def _or_unknown(values: Iterable[Any]) -> tuple[int, ...]:
    return tuple(UNKNOWN if value is None else value for value in values)
