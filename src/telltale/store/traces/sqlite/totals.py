"""A trace's row, derived from the rows of its spans.

Derived anew each time and never counted up: what was derived cannot drift from what it was
derived from, and a span that comes twice, late or corrected needs no case of its own.
"""

import sqlite3
from collections.abc import Mapping
from typing import Any, NamedTuple

from telltale.store.traces.sqlite.border import fit_int
from telltale.store.traces.sqlite.numbering import span_range
from telltale.store.traces.sqlite.previews import input_preview, output_preview
from telltale.store.traces.sqlite.rows import SESSION, TAG, USER, StagedSpan
from telltale.store.traces.sqlite.tags import save_tags


class Known(NamedTuple):
    """What does not follow from the rows of spans alone."""

    trace_no: int
    trace_id: bytes
    experiment_id: int
    shown_no: int = -1
    """The span whose previews these are; -1 for none."""
    input: str = ""
    output: str = ""


_TOKENS = (
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "reasoning_tokens",
)
MODEL_CALL = "kind IN ('llm', 'embedding')"
"""Whether a span's tokens and cost count: what others report is the sum of these."""
UNPRICED = f"{MODEL_CALL} AND state = 'ended' AND status <> 'error' AND cost_pico IS NULL"
"""Whether a span is a call of a model whose cost is not known."""


def _halves(column: str, where: str) -> str:
    """A sum in two halves, because SQLite's `sum` fails beyond 2^63."""
    return (
        f"sum({column} >> 32) FILTER (WHERE {where}),"
        f" sum({column} & 4294967295) FILTER (WHERE {where})"
    )


_SUMS = f"""
    SELECT count(*),
           count(*) FILTER (WHERE status = 'error'),
           count(*) FILTER (WHERE kind = 'llm'),
           count(*) FILTER (WHERE kind = 'tool'),
           count(*) FILTER (WHERE {UNPRICED}),
           count(cost_pico),
           {_halves("cost_pico", "cost_pico IS NOT NULL")},
           {", ".join(_halves(column, MODEL_CALL) for column in _TOKENS)}
    FROM spans WHERE span_no BETWEEN ? AND ?"""

# A lost span is drawn until its process was last heard of.
_SHOWN = "SELECT span_no, name, kind, state, status, start_ns, coalesce(end_ns, seen_ns) FROM spans"
_ROOT = f"{_SHOWN} WHERE trace_no = ? AND parent_id IS NULL ORDER BY start_ns, span_id LIMIT 1"
_EARLIEST = f"{_SHOWN} WHERE span_no BETWEEN ? AND ? ORDER BY start_ns, span_id LIMIT 1"

_COLUMNS = (
    "trace_no, trace_id, experiment_id, shown_no, name, kind, state, status, input, output,"
    " start_ns, duration_ns, spans, errors, llm_calls, tool_calls, unpriced_calls, cost_pico,"
    f" {', '.join(_TOKENS)}, session, user, seq"
)
_NAMES = [name.strip() for name in _COLUMNS.split(",")]
_SAVE = (
    f"INSERT INTO traces ({_COLUMNS}) VALUES ({', '.join('?' * len(_NAMES))})"
    " ON CONFLICT (trace_no) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _NAMES[3:])
)


_KNOWN = "SELECT trace_no, trace_id, experiment_id, shown_no, input, output FROM traces"


def known_by_id(connection: sqlite3.Connection, trace_id: bytes) -> Known | None:
    """A trace that is stored, or None."""
    return _known(connection, "trace_id", trace_id)


def known_by_number(connection: sqlite3.Connection, trace_no: int) -> Known | None:
    """A trace that is stored; None where it is not, or is being deleted."""
    return _known(connection, "trace_no", trace_no)


def save_trace(
    connection: sqlite3.Connection, known: Known, seq: int, stored: Mapping[int, StagedSpan]
) -> None:
    """Write the trace's row and its derived tags.

    Args:
        stored: The spans of this transaction by number; their texts are at hand, so a preview
            is made when the span that it is of is stored.
    """
    shown = _shown(connection, known.trace_no)
    facts = _facts(connection, known.trace_no)
    session, user = facts.pop(SESSION, None), facts.pop(USER, None)
    connection.execute(
        _SAVE,
        (
            known.trace_no,
            known.trace_id,
            known.experiment_id,
            *shown[:5],
            *_previews(known, shown[0], stored),
            shown[5],
            _duration_ns(*shown[5:]),
            *_sums(connection, known.trace_no),
            session,
            user,
            seq,
        ),
    )
    save_tags(connection, known.trace_no, {k.removeprefix(TAG): v for k, v in facts.items()})


def _known(connection: sqlite3.Connection, column: str, value: bytes | int) -> Known | None:
    row = connection.execute(f"{_KNOWN} WHERE {column} = ?", (value,)).fetchone()
    return Known(*row) if row else None


def _shown(connection: sqlite3.Connection, trace_no: int) -> tuple[Any, ...]:
    """The span that stands for the trace: its root, else the earliest, whatever came first."""
    root = connection.execute(_ROOT, (trace_no,)).fetchone()
    return root or connection.execute(_EARLIEST, span_range(trace_no)).fetchone()


def _previews(known: Known, shown_no: int, stored: Mapping[int, StagedSpan]) -> tuple[str, str]:
    span = stored.get(shown_no)
    if span is not None:
        return input_preview(span.reading), output_preview(span.reading)
    if shown_no == known.shown_no:
        return known.input, known.output
    # A stored span became the earliest because another one was corrected to start later. Its
    # texts are only in its body; empty until it is read again, rather than another span's.
    return "", ""


def _duration_ns(start_ns: int, end_ns: int | None) -> int | None:
    # A clock that was set back is no negative time.
    return None if end_ns is None else fit_int(max(0, end_ns - start_ns))


def _sums(connection: sqlite3.Connection, trace_no: int) -> tuple[int | None, ...]:
    row = connection.execute(_SUMS, span_range(trace_no)).fetchone()
    counts, priced, halves = row[:5], row[5], row[6:]
    cost, *tokens = (
        fit_int(((high or 0) << 32) + (low or 0))
        for high, low in zip(halves[::2], halves[1::2], strict=True)
    )
    return (*counts, cost if priced else None, *tokens)


def _facts(connection: sqlite3.Connection, trace_no: int) -> dict[str, str]:
    """What the spans say about the trace; of two that disagree the one that ended later."""
    rows = connection.execute(
        "SELECT key, value FROM trace_facts JOIN spans USING (span_no)"
        " WHERE trace_facts.span_no BETWEEN ? AND ?"
        " ORDER BY coalesce(end_ns, start_ns), span_id",
        span_range(trace_no),
    )
    return dict(rows)
