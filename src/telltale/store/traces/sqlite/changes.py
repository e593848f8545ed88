"""What changed since a `seq`: how the page follows without asking for everything again."""

import sqlite3

from telltale.store.questions import Changes, ChangesSince
from telltale.store.traces.sqlite.border import fit_int
from telltale.store.traces.sqlite.counters import current_seq
from telltale.store.traces.sqlite.find import MOST_ROWS, TRACE_COLUMNS, checked_limit, read_rows


def changes_since(connection: sqlite3.Connection, question: ChangesSince) -> Changes:
    """Each trace at its last change; nothing is left out, however many changed at once.

    A `seq` belongs to one trace, so a limit can cut between any two of them.
    """
    limit = checked_limit(question.limit, MOST_ROWS)
    where, values = "", []
    if question.experiment_id is not None:
        # `+` keeps SQLite from the index of the experiment, which it would have to sort.
        where, values = " AND +experiment_id = ?", [fit_int(question.experiment_id)]
    rows = connection.execute(
        f"SELECT {TRACE_COLUMNS} FROM traces WHERE seq > ?{where} ORDER BY seq LIMIT ?",
        (fit_int(question.seq), *values, limit),
    ).fetchall()
    traces = read_rows(connection, rows)
    # With a full page there may be more behind it; else everything up to now was looked at.
    return Changes(traces[-1].seq if len(traces) == limit else current_seq(connection), traces)
