"""What people say of traces: feedback, and tags that stand over those of spans."""

import sqlite3
from collections.abc import Mapping

import msgspec

from telltale.nouns.errors import BadInput, NotFound
from telltale.nouns.feedback import Feedback, Said
from telltale.store.questions import ReadSaid
from telltale.store.traces.sqlite.border import fit_int, fit_text
from telltale.store.traces.sqlite.counters import Counters
from telltale.store.traces.sqlite.facets import Ledger
from telltale.store.traces.sqlite.find import find_trace_no

MOST_FEEDBACK = 1_000
"""A trace."""

_KEEP = (
    "INSERT INTO feedback"
    " (feedback_id, trace_no, span_no, name, number, text, created_ns, body)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (feedback_id) DO UPDATE SET span_no = excluded.span_no, name = excluded.name,"
    " number = excluded.number, text = excluded.text, body = excluded.body"
)


def add_feedback(connection: sqlite3.Connection, feedback: Feedback) -> bool:
    """Keep it; the same id again is the same feedback, said anew. False if there is no such trace.

    Raises:
        NotFound: If the trace has no such span.
        BadInput: If the id is that of another trace's feedback, or the trace has too much of it.
    """
    trace_no = find_trace_no(connection, bytes.fromhex(feedback.trace_id))
    if trace_no is None:
        return False
    feedback_id = bytes.fromhex(feedback.feedback_id)
    _check_room(connection, trace_no, feedback)
    value = feedback.value
    connection.execute(
        _KEEP,
        (
            feedback_id,
            trace_no,
            _span_no(connection, trace_no, feedback),
            fit_text(feedback.name),
            None if isinstance(value, str) else float(value),
            fit_text(value) if isinstance(value, str) else None,
            fit_int(feedback.created_us * 1000),
            msgspec.msgpack.encode(feedback),
        ),
    )
    _touch(connection, trace_no)
    return True


def remove_feedback(connection: sqlite3.Connection, trace_id: bytes, feedback_id: bytes) -> bool:
    """Take it back; whether it was there."""
    trace_no = find_trace_no(connection, trace_id)
    gone = connection.execute(
        "DELETE FROM feedback WHERE feedback_id = ? AND trace_no = ?", (feedback_id, trace_no)
    )
    if trace_no is None or not gone.rowcount:
        return False
    _touch(connection, trace_no)
    return True


def read_said(connection: sqlite3.Connection, question: ReadSaid) -> Said | None:
    """All of a trace's."""
    trace_no = find_trace_no(connection, question.trace_id)
    if trace_no is None:
        return None
    tags = connection.execute(
        "SELECT key, value FROM trace_tags WHERE trace_no = ? AND origin = 'user' ORDER BY key",
        (trace_no,),
    )
    rows = connection.execute(
        "SELECT body FROM feedback WHERE trace_no = ? ORDER BY created_ns, feedback_no", (trace_no,)
    )
    feedback = tuple(msgspec.msgpack.decode(body, type=Feedback) for (body,) in rows)
    return Said(dict(tags.fetchall()), feedback)


def set_tags(
    connection: sqlite3.Connection, trace_id: bytes, tags: Mapping[str, str | None]
) -> bool:
    """Tags that a person gives, or with None takes away; False if there is no such trace."""
    row = connection.execute(
        "SELECT trace_no, experiment_id FROM traces WHERE trace_id = ?", (trace_id,)
    ).fetchone()
    if row is None:
        return False
    trace_no, experiment_id = row
    connection.executemany(
        "REPLACE INTO trace_tags (trace_no, key, origin, value) VALUES (?, ?, 'user', ?)",
        [
            (trace_no, fit_text(key), None if value is None else fit_text(value))
            for key, value in tags.items()
        ],
    )
    # What was taken away has to be known only while a span says it.
    connection.execute(
        "DELETE FROM trace_tags AS mine WHERE trace_no = ? AND origin = 'user' AND value IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM trace_tags WHERE trace_no = mine.trace_no"
        " AND key = mine.key AND origin = 'span')",
        (trace_no,),
    )
    ledger = Ledger(connection)
    ledger.write(trace_no, experiment_id)
    ledger.save()
    _touch(connection, trace_no)
    return True


def _check_room(connection: sqlite3.Connection, trace_no: int, feedback: Feedback) -> None:
    row = connection.execute(
        "SELECT trace_no FROM feedback WHERE feedback_id = ?",
        (bytes.fromhex(feedback.feedback_id),),
    ).fetchone()
    if row is not None and row[0] != trace_no:
        raise BadInput(
            f"feedback {feedback.feedback_id!r} is about another trace; leave its id out, and a "
            "new one is made",
            given=feedback.feedback_id,
            expected="an id that is not in use, or none",
            remedy="leave the id out",
        )
    count = connection.execute(
        "SELECT count(*) FROM feedback WHERE trace_no = ?", (trace_no,)
    ).fetchone()[0]
    if row is None and count >= MOST_FEEDBACK:
        remedy = "delete some of it, or say it anew under its id"
        raise BadInput(
            f"trace {feedback.trace_id!r} has {count} feedback, and no more is kept; {remedy}",
            given=count,
            expected=f"at most {MOST_FEEDBACK} a trace",
            remedy=remedy,
        )


def _span_no(connection: sqlite3.Connection, trace_no: int, feedback: Feedback) -> int | None:
    if feedback.span_id is None:
        return None
    row = connection.execute(
        "SELECT span_no FROM spans WHERE trace_no = ? AND span_id = ?",
        (trace_no, bytes.fromhex(feedback.span_id)),
    ).fetchone()
    if row is None:
        raise NotFound(
            f"span {feedback.span_id!r} of trace {feedback.trace_id!r}: not stored here; leave it "
            "out to speak of the whole trace",
            given=feedback.span_id,
            remedy=f"see /api/v1/traces/{feedback.trace_id}/skeleton",
        )
    return row[0]


def _touch(connection: sqlite3.Connection, trace_no: int) -> None:
    """Whoever follows the traces is told."""
    counters = Counters(connection)
    connection.execute(
        "UPDATE traces SET seq = ? WHERE trace_no = ?", (counters.next_seq(), trace_no)
    )
    counters.save(connection)
