"""Which traces to ask a filter about, newest first: all of them, or few where an index says so."""

import sqlite3
from collections.abc import Iterator

from telltale.query.ast import Ago, And, At, Filter, Is, OneSpan, Or, Term, Text
from telltale.query.words import folded, sought
from telltale.store.traces.sqlite.border import INT_MAX, INT_MIN, fit_int
from telltale.store.traces.sqlite.cursor import ListCursor
from telltale.store.traces.sqlite.facets import is_facet, traces_with
from telltale.store.traces.sqlite.matching import Numbers, implied, listed
from telltale.store.traces.sqlite.text_index import holding

FEW_TRACES = 5_000
FEW_TEXTS = 20_000
CHUNK = 200
LARGEST_CHUNK = 2_000

Place = tuple[int, int]
"""Start and number of a trace: where it stands in the list."""


def candidates(
    connection: sqlite3.Connection, filter_: Filter, after: ListCursor, now_ns: int, first: int
) -> Iterator[list[Place]]:
    """Traces below a place of the list that the filter may be true of, chunk by chunk.

    Args:
        first: How many to begin with.
    """
    few = _few(connection, filter_)
    since = _since(filter_, now_ns)
    below = (fit_int(after.start_ns), fit_int(after.trace_no))
    if few is not None:
        where, values = "", []
        if after.experiment_id is not None:
            where, values = " AND experiment_id = ?", [fit_int(after.experiment_id)]
        places = connection.execute(
            "SELECT start_ns, trace_no FROM traces"
            f" WHERE trace_no IN ({listed(few)}){where} AND (start_ns, trace_no) < (?, ?)"
            " ORDER BY start_ns DESC, trace_no DESC",
            (*values, *below),
        ).fetchall()
        for at in range(0, len(places), CHUNK):
            yield places[at : at + CHUNK]
        return
    size = first
    while chunk := _newest(connection, after.experiment_id, below, since, size):
        yield chunk
        below = chunk[-1]
        size = min(max(CHUNK, 2 * size), LARGEST_CHUNK)


def _newest(
    connection: sqlite3.Connection,
    experiment_id: int | None,
    below: Place,
    since_ns: int,
    limit: int,
) -> list[Place]:
    """The next traces of the list; it costs what they cost, however many there are."""
    # Without an experiment the plan is another one, so the text has to be another one too.
    where, values = "", []
    if experiment_id is not None:
        where, values = "experiment_id = ? AND ", [fit_int(experiment_id)]
    return connection.execute(
        f"SELECT start_ns, trace_no FROM traces WHERE {where}(start_ns, trace_no) < (?, ?)"
        " AND start_ns >= ? ORDER BY start_ns DESC, trace_no DESC LIMIT ?",
        (*values, *below, since_ns, limit),
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
