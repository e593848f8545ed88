"""The list of traces, and one row of it."""

import hashlib
import sqlite3
from typing import Any

from telltale.nouns.errors import BadInput
from telltale.nouns.span import State, Status
from telltale.nouns.trace import Trace, TracePage
from telltale.nouns.usage import Usage, usd
from telltale.query.write import write
from telltale.store.questions import CountTraces, FindTraces, ReadTrace, Weigh, Weight
from telltale.store.traces.sqlite.border import fit_int
from telltale.store.traces.sqlite.candidates import Place, candidates
from telltale.store.traces.sqlite.counters import current_seq
from telltale.store.traces.sqlite.cursor import ListCursor, read_cursor, write_cursor
from telltale.store.traces.sqlite.matching import Matching, listed
from telltale.store.traces.sqlite.tags import tags_of

MOST_ROWS = 1000
"""On one page; who wants more follows `next`."""
MOST_EXAMINED = 50_000
"""Traces that a filter is asked about for one page; it ends early then, and `next` goes on."""
MOST_LOOKED_AT = 5_000
"""Bodies that are read again for one page; so, too."""

TRACE_COLUMNS = (
    "trace_no, trace_id, experiment_id, name, kind, state, status, errors, input, output,"
    " start_ns, duration_ns, spans, llm_calls, tool_calls, input_tokens, output_tokens,"
    " cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_pico, unpriced_calls,"
    " session, user, seq"
)

COUNT_TRACES = "SELECT count(*), coalesce(sum(spans), 0) FROM traces"
"""All of them and their spans, asked of a copy."""


def find_traces(connection: sqlite3.Connection, question: FindTraces) -> TracePage:
    """One page; it costs what its rows cost, and what the filter is asked about in vain."""
    limit = checked_limit(question.limit, MOST_ROWS)
    top = ListCursor(question.experiment_id, _digest(question), 0, 0)
    after = None if question.cursor is None else read_cursor(question.cursor, top)
    numbers, last = _found(connection, question, after, limit)
    found = {
        row[0]: row
        for row in connection.execute(
            f"SELECT {TRACE_COLUMNS} FROM traces WHERE trace_no IN ({listed(numbers)})"
        )
    }
    following = None
    if last is not None:
        following = write_cursor(ListCursor(top.experiment_id, top.asked, *last))
    rows = [found[number] for number in numbers]
    return TracePage(read_rows(connection, rows), following, current_seq(connection))


def _found(
    connection: sqlite3.Connection, question: FindTraces, after: ListCursor | None, limit: int
) -> tuple[list[int], Place | None]:
    """Numbers of a page's traces, and behind which place the list may go on."""
    matching = Matching(connection, question.now_ns)
    found: list[Place] = []
    examined = 0
    below = None if after is None else (after.value, after.trace_no)
    for chunk in candidates(connection, question, below, limit + 1):
        matched = matching.traces(question.filter, [trace_no for _, trace_no in chunk])
        found += [place for place in chunk if place[1] in matched]
        examined += len(chunk)
        if len(found) > limit:
            return [trace_no for _, trace_no in found[:limit]], found[limit - 1]
        if examined >= MOST_EXAMINED or matching.looked_at >= MOST_LOOKED_AT:
            return [trace_no for _, trace_no in found], chunk[-1]
    return [trace_no for _, trace_no in found], None


def _digest(question: FindTraces) -> str:
    """What a cursor knows a filter and an order by."""
    order = f"{question.sort}.{question.feedback} {question.smallest_first}"
    asked = f"{order} {write(question.filter)}"
    return hashlib.blake2b(asked.encode("utf-8", "replace"), digest_size=6).hexdigest()


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


def weigh(connection: sqlite3.Connection, question: Weigh) -> Weight | None:
    """By spans, for no row knows how many pages of tables and indexes it has a part of."""
    if connection.execute("SELECT 1 FROM doomed_traces LIMIT 1").fetchone() is not None:
        return None
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    own, spans = connection.execute(
        "SELECT coalesce(sum(iif(experiment_id = ?, spans, 0)), 0), coalesce(sum(spans), 0)"
        " FROM traces",
        (fit_int(question.experiment_id),),
    ).fetchone()
    return Weight((pages - free) * size * own // spans if spans else 0, own)


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
    tags = tags_of(connection, [row[0] for row in rows])
    return tuple(_trace(row, tags.get(row[0], {})) for row in rows)


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
