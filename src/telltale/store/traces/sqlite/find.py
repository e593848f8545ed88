"""The list of traces, and one row of it."""

import sqlite3
from collections.abc import Iterable
from typing import Any

from telltale.nouns.errors import BadInput
from telltale.nouns.span import State, Status
from telltale.nouns.trace import Trace, TracePage
from telltale.nouns.usage import Usage, usd
from telltale.store.questions import CountTraces, FindTraces, ReadTrace
from telltale.store.traces.sqlite.border import INT_MAX, fit_int
from telltale.store.traces.sqlite.counters import current_seq
from telltale.store.traces.sqlite.cursor import ListCursor, read_cursor, write_cursor

MOST_ROWS = 1000
"""On one page; who wants more follows `next`."""

TRACE_COLUMNS = (
    "trace_no, trace_id, experiment_id, name, kind, state, status, errors, input, output,"
    " start_ns, duration_ns, spans, llm_calls, tool_calls, input_tokens, output_tokens,"
    " cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_pico, unpriced_calls,"
    " session, user, seq"
)

COUNT_TRACES = "SELECT count(*), coalesce(sum(spans), 0) FROM traces"
"""All of them and their spans, asked of a copy."""


def find_traces(connection: sqlite3.Connection, question: FindTraces) -> TracePage:
    """One page; it costs what its rows cost, however many traces there are."""
    limit = checked_limit(question.limit, MOST_ROWS)
    after = ListCursor(question.experiment_id, INT_MAX, INT_MAX)
    if question.cursor is not None:
        after = read_cursor(question.cursor, ListCursor, question.experiment_id)
    # Without an experiment the plan is another one, so the text has to be another one too.
    where, values = "", []
    if question.experiment_id is not None:
        where, values = "experiment_id = ? AND ", [fit_int(question.experiment_id)]
    rows = connection.execute(
        f"SELECT {TRACE_COLUMNS} FROM traces WHERE {where}(start_ns, trace_no) < (?, ?)"
        " ORDER BY start_ns DESC, trace_no DESC LIMIT ?",
        (*values, fit_int(after.start_ns), fit_int(after.trace_no), limit + 1),
    ).fetchall()
    page = rows[:limit]
    following = None
    if len(rows) > limit:
        last = page[-1]
        following = write_cursor(ListCursor(question.experiment_id, last[10], last[0]))
    return TracePage(read_rows(connection, page), following, current_seq(connection))


def read_trace(connection: sqlite3.Connection, question: ReadTrace) -> Trace | None:
    """One trace by its id."""
    rows = connection.execute(
        f"SELECT {TRACE_COLUMNS} FROM traces WHERE trace_id = ?", (question.trace_id,)
    ).fetchall()
    return read_rows(connection, rows)[0] if rows else None


def count_traces(connection: sqlite3.Connection, question: CountTraces) -> dict[int, int]:
    """Read from the index of the list alone."""
    return dict(
        connection.execute("SELECT experiment_id, count(*) FROM traces GROUP BY experiment_id")
    )


def find_trace_no(connection: sqlite3.Connection, trace_id: bytes) -> int | None:
    """The trace's number; None where it is not stored."""
    row = connection.execute(
        "SELECT trace_no FROM traces WHERE trace_id = ?", (trace_id,)
    ).fetchone()
    return row[0] if row else None


def checked_limit(limit: int, most: int) -> int:
    """How many rows to answer with.

    Raises:
        BadInput: If it is not positive; SQLite would read -1 as all.
    """
    if limit < 1:
        raise BadInput(
            f"limit {limit!r}: expected 1 to {most}; leave it out for the usual number",
            given=limit,
            expected=f"1 to {most}",
        )
    return min(limit, most)


def read_rows(connection: sqlite3.Connection, rows: list[tuple[Any, ...]]) -> tuple[Trace, ...]:
    """Traces from rows of `TRACE_COLUMNS`, with their tags."""
    tags = _tags(connection, [row[0] for row in rows])
    return tuple(_trace(row, tags.get(row[0], {})) for row in rows)


def _tags(connection: sqlite3.Connection, numbers: Iterable[int]) -> dict[int, dict[str, str]]:
    """Tags of each trace; what a person said stands over what a span said."""
    numbers = list(numbers)
    tags: dict[int, dict[str, str]] = {}
    rows = connection.execute(
        "SELECT trace_no, key, value FROM trace_tags"
        f" WHERE trace_no IN ({','.join('?' * len(numbers))}) ORDER BY trace_no, key, origin",
        numbers,
    )
    for trace_no, key, value in rows:
        if value is None:
            tags.get(trace_no, {}).pop(key, None)
        else:
            tags.setdefault(trace_no, {})[key] = value
    return tags


def _trace(row: tuple[Any, ...], tags: dict[str, str]) -> Trace:
    (
        _,
        trace_id,
        experiment_id,
        name,
        kind,
        state,
        status,
        errors,
        input_,
        output,
        start_ns,
        duration_ns,
        spans,
        llm_calls,
        tool_calls,
        *tokens,
        cost_pico,
        unpriced_calls,
        session,
        user,
        seq,
    ) = row
    return Trace(
        trace_id=trace_id.hex(),
        experiment_id=experiment_id,
        name=name,
        kind=kind,
        state=State(state),
        status=Status(status),
        errors=errors,
        input=input_,
        output=output,
        start_us=start_ns // 1000,
        duration_us=None if duration_ns is None else duration_ns // 1000,
        spans=spans,
        llm_calls=llm_calls,
        tool_calls=tool_calls,
        usage=Usage(*tokens),
        cost_usd=None if cost_pico is None else usd(cost_pico),
        unpriced_calls=unpriced_calls,
        session=session,
        user=user,
        tags=tags,
        seq=seq,
    )
