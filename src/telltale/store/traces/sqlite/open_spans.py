"""Spans that have not ended, by the journal of the process that they run in.

A process that dies cannot say so. Its spans are called lost when it has been silent for too long,
or when somebody finds its journal without an owner; and if it speaks again, they run again.
"""

import sqlite3
from collections.abc import Iterable

from telltale.nouns.span import State
from telltale.store.questions import OpenJournals
from telltale.store.traces.sqlite.border import fit_int
from telltale.store.traces.sqlite.counters import Counters
from telltale.store.traces.sqlite.facets import Ledger
from telltale.store.traces.sqlite.totals import known_by_number, save_trace

_OPEN = (
    "SELECT trace_no, span_no FROM open_spans JOIN spans USING (span_no)"
    " WHERE journal = ? AND state = ? ORDER BY span_no"
)


def note_open(connection: sqlite3.Connection, opened: Iterable[tuple[int, bytes]]) -> None:
    """Remember whose these spans are, as span number and journal id."""
    connection.executemany("REPLACE INTO open_spans (span_no, journal) VALUES (?, ?)", opened)


def forget_open(connection: sqlite3.Connection, ended: Iterable[int]) -> None:
    """These spans have ended."""
    connection.executemany("DELETE FROM open_spans WHERE span_no = ?", ((n,) for n in ended))


def open_journals(connection: sqlite3.Connection, question: OpenJournals) -> dict[bytes, bool]:
    """From the open spans alone: they are few, however many traces there are."""
    rows = connection.execute(
        "SELECT journal, max(state = 'lost') FROM open_spans JOIN spans USING (span_no)"
        " GROUP BY journal"
    )
    return {journal: bool(lost) for journal, lost in rows}


def mark_lost(connection: sqlite3.Connection, journal: bytes, seen_ns: int) -> int:
    """Call the running spans of a journal lost; answer how many there were."""
    return _mark(connection, journal, State.RUNNING, State.LOST, fit_int(seen_ns))


def mark_running(connection: sqlite3.Connection, journal: bytes) -> int:
    """Call the lost spans of a journal running; answer how many there were."""
    return _mark(connection, journal, State.LOST, State.RUNNING, None)


def _mark(
    connection: sqlite3.Connection,
    journal: bytes,
    before: State,
    after: State,
    seen_ns: int | None,
) -> int:
    traces: dict[int, list[int]] = {}
    for trace_no, span_no in connection.execute(_OPEN, (journal, before.value)).fetchall():
        traces.setdefault(trace_no, []).append(span_no)
    counters, ledger = Counters(connection), Ledger(connection)
    count = 0
    for trace_no, numbers in traces.items():
        known = known_by_number(connection, trace_no)
        if known is None:
            continue  # It is being deleted.
        seq = counters.next_seq()
        connection.executemany(
            # Nothing was last heard of before it began; the greater of NULL is NULL.
            "UPDATE spans SET state = ?, seen_ns = max(start_ns, ?), seq = ? WHERE span_no = ?",
            [(after.value, seen_ns, seq, number) for number in numbers],
        )
        save_trace(connection, known, seq, {})
        ledger.write(trace_no, known.experiment_id)
        count += len(numbers)
    if count:
        ledger.save()
        counters.save(connection)
    return count
