"""Which traces to ask a filter about, in the list's order: all, or few where an index says so."""

import sqlite3
from collections.abc import Iterator

from telltale.query.ast import Ago, And, At, Begins, Filter, Is, OneSpan, Or, Term, Text
from telltale.query.words import folded, sought
from telltale.store.questions import FindTraces, Sort
from telltale.store.traces.sqlite.border import INT_MAX, INT_MIN, fit_int, fit_text
from telltale.store.traces.sqlite.facets import is_facet, traces_with
from telltale.store.traces.sqlite.matching import Numbers, implied, listed
from telltale.store.traces.sqlite.text_index import holding

FEW_TRACES = 5_000
FEW_TEXTS = 20_000
CHUNK = 200
LARGEST_CHUNK = 2_000

_KEYS = {
    Sort.START: "start_ns",
    Sort.DURATION: "coalesce(duration_ns, -1)",
    Sort.COST: "coalesce(cost_pico, -1)",
    Sort.TOKENS: "input_tokens + output_tokens",
}
"""Each is an index of its own, beside the experiment and without it."""
_SCORE = (
    "(SELECT trace_no AS scored_no, CAST(1e6 * max(-9e12, min(9e12, avg(number))) AS INTEGER)"
    " AS score FROM feedback WHERE name = ? AND number IS NOT NULL GROUP BY trace_no)"
)
"""Millionths: what is sorted by is an integer, and a cursor holds it."""
_SCORED = f"coalesce(score, {INT_MIN})"

Place = tuple[int, int]
"""What the list is ordered by, and the number of the trace: where it stands there."""


def candidates(
    connection: sqlite3.Connection, question: FindTraces, after: Place | None, first: int
) -> Iterator[list[Place]]:
    """Traces behind a place of the list that its filter may be true of, chunk by chunk.

    Args:
        first: How many to begin with.
    """
    few = _few(connection, question.filter)
    since = _since(question.filter, question.now_ns)
    if few is not None:
        places = _behind(connection, question, after, since, few, len(few))
        for at in range(0, len(places), CHUNK):
            yield places[at : at + CHUNK]
        return
    size = first
    while chunk := _behind(connection, question, after, since, None, size):
        yield chunk
        after = chunk[-1]
        size = min(max(CHUNK, 2 * size), LARGEST_CHUNK)


def _behind(
    connection: sqlite3.Connection,
    question: FindTraces,
    after: Place | None,
    since_ns: int,
    among: Numbers | None,
    limit: int,
) -> list[Place]:
    """The next traces of the list; it costs what they cost, however many there are."""
    table, named = "traces", []
    if question.sort is Sort.FEEDBACK:
        key, named = _SCORED, [fit_text(question.feedback)]
        table = f"traces LEFT JOIN {_SCORE} ON scored_no = trace_no"
    else:
        key = _KEYS[question.sort]
    order, sign = ("ASC", ">") if question.smallest_first else ("DESC", "<")
    where, values = ["start_ns >= ?"], [*named, since_ns]
    # Without an experiment the plan is another one, so the text has to be another one too.
    if question.experiment_id is not None:
        where.append("experiment_id = ?")
        values.append(fit_int(question.experiment_id))
    if among is not None:
        where.append(f"trace_no IN ({listed(among)})")
    if after is not None:
        where.append(f"({key}, trace_no) {sign} (?, ?)")
        values += map(fit_int, after)
    return connection.execute(
        f"SELECT {key}, trace_no FROM {table} WHERE {' AND '.join(where)}"
        f" ORDER BY {key} {order}, trace_no {order} LIMIT ?",
        (*values, limit),
    ).fetchall()


def _few(connection: sqlite3.Connection, filter_: Filter) -> Numbers | None:
    """Traces of which the filter is not true for all; none others. None where they are many."""
    if isinstance(filter_, Term):
        return _few_with(connection, filter_)
    if isinstance(filter_, Text):
        texts = holding(
            connection,
            sought(folded(filter_.text), is_open=filter_.is_open),
            0,
            INT_MAX,
            FEW_TEXTS + 1,
        )
        if len(texts) > FEW_TEXTS:
            return None
        rows = connection.execute(
            f"SELECT DISTINCT trace_no FROM texts WHERE text_no IN ({listed(texts)})"
        )
        return frozenset(trace_no for (trace_no,) in rows)
    if isinstance(filter_, OneSpan):
        return _few(connection, And((implied(filter_.part), *_texts_of(filter_.part))))
    if isinstance(filter_, And):
        known = [few for part in filter_.parts if (few := _few(connection, part)) is not None]
        return frozenset.intersection(*known) if known else None
    if isinstance(filter_, Or):
        parts = [_few(connection, part) for part in filter_.parts]
        some = [part for part in parts if part is not None]
        return frozenset().union(*some) if len(some) == len(parts) else None
    return None


def _texts_of(filter_: Filter) -> tuple[Text, ...]:
    """Words that have to stand in a span."""
    if isinstance(filter_, And):
        return tuple(part for part in filter_.parts if isinstance(part, Text))
    return (filter_,) if isinstance(filter_, Text) else ()


def _few_with(connection: sqlite3.Connection, term: Term) -> Numbers | None:
    if term.field == "trace" and isinstance(term.test, Is):
        rows = connection.execute(
            "SELECT trace_no FROM traces WHERE trace_id = ?", (bytes.fromhex(str(term.test.value)),)
        )
        return frozenset(trace_no for (trace_no,) in rows)
    if term.field == "trace" and isinstance(term.test, Begins):
        ends = (bytes.fromhex(f"{term.test.text:{digit}<32}") for digit in "0f")
        begun = connection.execute(
            "SELECT trace_no FROM traces WHERE trace_id BETWEEN ? AND ? LIMIT ?",
            (*ends, FEW_TRACES + 1),
        ).fetchall()
        return None if len(begun) > FEW_TRACES else frozenset(trace_no for (trace_no,) in begun)
    if not is_facet(term):
        return None
    traces = traces_with(connection, term, FEW_TRACES)
    return None if traces is None else frozenset(traces)


def _since(filter_: Filter, now_ns: int) -> int:
    """Earlier than this no trace began that the filter is true of."""
    if isinstance(filter_, And):
        return max((_since(part, now_ns) for part in filter_.parts), default=INT_MIN)
    if isinstance(filter_, Term) and filter_.field == "since":
        if isinstance(filter_.test, At):
            return fit_int(filter_.test.time_ns)
        if isinstance(filter_.test, Ago):
            return fit_int(now_ns - filter_.test.duration_ns)
    return INT_MIN
