"""Traces that go: out of everyone's sight at once, and out of the file chunk by chunk.

One transaction over a million rows would keep all writers waiting and swell the log. So the first
one only takes the traces away from readers and notes them as doomed; the rows follow in chunks,
between the writes of others, and go on after a restart.
"""

import sqlite3
from collections.abc import Sequence

from telltale.store.traces.sqlite.facets import Ledger
from telltale.store.traces.sqlite.numbering import span_range
from telltale.store.traces.sqlite.text_index import drop_empty, forget_texts

SPANS_A_CHUNK = 1000
TRACES_A_CHUNK = 100
PAGES_A_CHUNK = 2000

_BY_SPAN = ("bodies", "trace_facts", "open_spans", "spans")
"""`spans` last: as long as one of its rows is there, so may be others."""


def doom(connection: sqlite3.Connection, trace_ids: Sequence[bytes]) -> int:
    """Take traces away from readers; answer how many were there."""
    count, ledger = 0, Ledger(connection)
    for trace_id in set(trace_ids):
        gone = connection.execute(
            "DELETE FROM traces WHERE trace_id = ? RETURNING trace_no", (trace_id,)
        ).fetchall()
        connection.executemany("INSERT INTO doomed_traces VALUES (?)", gone)
        for (trace_no,) in gone:
            # They are counted by what they have, which must not tell of them any longer.
            ledger.remove(trace_no)
        count += len(gone)
    ledger.save()
    return count


def any_doomed(connection: sqlite3.Connection) -> bool:
    """Whether rows of deleted traces still stand."""
    return connection.execute("SELECT 1 FROM doomed_traces LIMIT 1").fetchone() is not None


def sweep(connection: sqlite3.Connection) -> bool:
    """Remove one chunk of the rows of doomed traces; answer whether there is more to do."""
    doomed = connection.execute(
        "SELECT trace_no FROM doomed_traces ORDER BY trace_no LIMIT ?", (TRACES_A_CHUNK,)
    ).fetchall()
    budget = SPANS_A_CHUNK
    for (trace_no,) in doomed:
        removed = _remove_spans(connection, trace_no, budget)
        budget -= removed
        if budget <= 0:
            break
        _remove_rest(connection, trace_no)
    drop_empty(connection)
    free = _give_space_back(connection)
    return free > 0 or any_doomed(connection)


def _remove_spans(connection: sqlite3.Connection, trace_no: int, most: int) -> int:
    """Remove the first of a trace's spans; answer how many, less than `most` if none is left."""
    first, last = span_range(trace_no)
    numbers = connection.execute(
        "SELECT span_no FROM spans WHERE span_no BETWEEN ? AND ? ORDER BY span_no LIMIT ?",
        (first, last, most),
    ).fetchall()
    if numbers:
        for table in _BY_SPAN:
            connection.execute(
                f"DELETE FROM {table} WHERE span_no BETWEEN ? AND ?", (first, numbers[-1][0])
            )
    return len(numbers)


def _remove_rest(connection: sqlite3.Connection, trace_no: int) -> None:
    forget_texts(connection, trace_no)
    for table in ("trace_tags", "feedback", "unread_traces", "doomed_traces"):
        connection.execute(f"DELETE FROM {table} WHERE trace_no = ?", (trace_no,))


def _give_space_back(connection: sqlite3.Connection) -> int:
    """Take free pages off the end of the file; answer how many are left.

    One at a time: Python's sqlite3 steps this pragma once, whatever number it is given.
    """
    free = connection.execute("PRAGMA freelist_count").fetchone()[0]
    for _ in range(min(free, PAGES_A_CHUNK)):
        connection.execute("PRAGMA incremental_vacuum(1)")
    return max(0, free - PAGES_A_CHUNK)


def fold_log(connection: sqlite3.Connection) -> None:
    """Bring the log into the file, which only then gets shorter; outside of any transaction."""
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
