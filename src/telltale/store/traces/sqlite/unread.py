"""Traces of an older layout are read for what they can be found by, between the writes of others.

Their bodies have all that it takes. It is done chunk by chunk and goes on after a restart; until a
trace had its turn, a filter that needs its facets or texts does not find it.
"""

import sqlite3

from telltale.nouns.errors import StoreBroken
from telltale.nouns.span import State
from telltale.store.traces.sqlite.bodies import decode_body
from telltale.store.traces.sqlite.counters import Counters
from telltale.store.traces.sqlite.facets import Ledger
from telltale.store.traces.sqlite.numbering import span_range
from telltale.store.traces.sqlite.text_index import NewTexts
from telltale.store.traces.sqlite.texts import SpanText, texts_of
from telltale.store.traces.sqlite.totals import known_by_number

SPANS_A_CHUNK = 500


def any_unread(connection: sqlite3.Connection) -> bool:
    """Whether a trace has not had its turn."""
    return connection.execute("SELECT 1 FROM unread_traces LIMIT 1").fetchone() is not None


def read_some(connection: sqlite3.Connection) -> bool:
    """Read one chunk of one trace, the newest first; answer whether there is more to do."""
    row = connection.execute(
        "SELECT trace_no, after_no FROM unread_traces ORDER BY trace_no DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return False
    trace_no, after = row
    first, last = span_range(trace_no)
    rows = connection.execute(
        "SELECT span_no, codec, raw FROM spans JOIN bodies USING (span_no)"
        " WHERE span_no > ? AND span_no BETWEEN ? AND ? AND state = ? ORDER BY span_no LIMIT ?",
        (after, first, last, State.ENDED.value, SPANS_A_CHUNK),
    ).fetchall()
    counters = Counters(connection)
    texts = NewTexts(connection, counters)
    texts.add(trace_no, {row[0]: _texts(*row) for row in rows})
    counters.save(connection)
    if len(rows) == SPANS_A_CHUNK:
        connection.execute(
            "UPDATE unread_traces SET after_no = ? WHERE trace_no = ?", (rows[-1][0], trace_no)
        )
    else:
        known = known_by_number(connection, trace_no)
        if known is not None:
            ledger = Ledger(connection)
            ledger.write(trace_no, known.experiment_id)
            ledger.save()
        connection.execute("DELETE FROM unread_traces WHERE trace_no = ?", (trace_no,))
    texts.save()
    return any_unread(connection)


def _texts(span_no: int, codec: int, body: bytes) -> list[SpanText]:
    try:
        return texts_of(decode_body(codec, body, {}, f"span {span_no}"))
    except StoreBroken:
        return []  # Whoever reads the span is told so.
