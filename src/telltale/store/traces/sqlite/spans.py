"""Spans with their bodies: some of one trace for the page, whole traces for export."""

import sqlite3
from collections.abc import Iterator
from typing import Any

from telltale.nouns.errors import StoreBroken
from telltale.nouns.span import Kind, Span, State, Status
from telltale.nouns.usage import Cost, Usage
from telltale.store.questions import RawBatch, ReadRaw, ReadSpans, StoredSpan
from telltale.store.traces.sqlite.bodies import (
    OF_DAMAGE,
    UNREADABLE,
    decode_body,
    unpack_resource,
)
from telltale.store.traces.sqlite.border import fit_int
from telltale.store.traces.sqlite.cursor import RawCursor, read_cursor, write_cursor
from telltale.store.traces.sqlite.find import checked_limit, find_trace_no
from telltale.store.traces.sqlite.numbering import MOST_SPANS, span_number, span_range

MOST_TRACES = 1000
"""In one batch of the export."""
BATCH_BYTES = 16 << 20
"""Of bodies, after which a batch of the export ends early; a trace is never split."""
VALUES_A_QUERY = 500

_SPANS = """
    SELECT ordinal, kind, name, label, state, status, dialect, model, provider, tool, agent,
           input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens,
           cost_pico, price_ref, error_type, seen_ns, codec, raw, resource_no
    FROM spans JOIN bodies USING (span_no)"""


def read_spans(connection: sqlite3.Connection, question: ReadSpans) -> tuple[StoredSpan, ...]:
    """The wanted spans that are stored, by ordinal; all if none are named."""
    trace_no = find_trace_no(connection, question.trace_id)
    if trace_no is None:
        return ()
    reader = _SpanReader(connection, question.trace_id)
    if not question.ordinals and not question.span_ids:
        return tuple(reader.read(f"{_SPANS} WHERE span_no BETWEEN ? AND ?", span_range(trace_no)))
    numbers = {span_number(trace_no, o) for o in question.ordinals if 0 <= o < MOST_SPANS}
    found: dict[int, StoredSpan] = {}
    for column, wanted in (("span_no", list(numbers)), ("span_id", list(question.span_ids))):
        for at in range(0, len(wanted), VALUES_A_QUERY):
            part = wanted[at : at + VALUES_A_QUERY]
            query = f"{_SPANS} WHERE trace_no = ? AND {column} IN ({','.join('?' * len(part))})"
            found.update((span.ordinal, span) for span in reader.read(query, (trace_no, *part)))
    return tuple(found[ordinal] for ordinal in sorted(found))


def read_raw(connection: sqlite3.Connection, question: ReadRaw) -> RawBatch:
    """Whole traces, in an order that new arrivals do not disturb."""
    limit = checked_limit(question.limit, MOST_TRACES)
    after = 0
    if question.cursor is not None:
        after = read_cursor(question.cursor, RawCursor(question.experiment_id, 0)).trace_no
    where = "trace_no > ?"
    values: list[Any] = [fit_int(after)]
    if question.experiment_id is not None:
        # `+` keeps SQLite from the index of the list, which it would sort anew for each batch.
        where += " AND +experiment_id = ?"
        values.append(fit_int(question.experiment_id))
    if question.trace_id is not None:
        where += " AND trace_id = ?"
        values.append(question.trace_id)
    rows = connection.execute(
        f"SELECT trace_no, trace_id FROM traces WHERE {where} ORDER BY trace_no LIMIT ?",
        (*values, limit + 1),
    ).fetchall()
    traces = []
    size = 0
    for trace_no, trace_id in rows[:limit]:
        reader = _SpanReader(connection, trace_id)
        query = f"{_SPANS} WHERE span_no BETWEEN ? AND ? ORDER BY span_no"
        traces.append(tuple(reader.read(query, span_range(trace_no))))
        size += reader.bytes_read
        if size >= BATCH_BYTES:
            break
    following = None
    if len(rows) > len(traces):
        last = rows[len(traces) - 1][0]
        following = write_cursor(RawCursor(question.experiment_id, last))
    return RawBatch(tuple(traces), following)


class _SpanReader:
    """Reads spans of one trace; a resource that they share is unpacked once and stays shared."""

    def __init__(self, connection: sqlite3.Connection, trace_id: bytes) -> None:
        self._connection = connection
        self._trace_id = trace_id
        self._resources: dict[int | None, dict[str, Any]] = {None: {}}
        self.bytes_read = 0

    def read(self, query: str, values: tuple[Any, ...]) -> Iterator[StoredSpan]:
        """The spans of a query that begins with `_SPANS`."""
        for row in self._connection.execute(query, values):
            *columns, seen_ns, codec, body, resource_no = row
            ordinal = columns[0]
            where = f"trace {self._trace_id.hex()}, span {ordinal}"
            try:
                resource, reading = self._resource(resource_no), _reading(columns[1:])
            except UNREADABLE as error:
                raise StoreBroken(f"{where}: damaged ({error}); {OF_DAMAGE}") from error
            raw = decode_body(codec, body, resource, where)
            self.bytes_read += len(body)
            yield StoredSpan(ordinal=ordinal, raw=raw, reading=reading, seen_ns=seen_ns)

    def _resource(self, resource_no: int | None) -> dict[str, Any]:
        if resource_no not in self._resources:
            row = self._connection.execute(
                "SELECT body FROM resources WHERE resource_no = ?", (resource_no,)
            ).fetchone()
            self._resources[resource_no] = unpack_resource(row[0])
        return self._resources[resource_no]


def _reading(columns: list[Any]) -> Span:
    kind, name, label, state, status, dialect, model, provider, tool, agent, *rest = columns
    *tokens, cost_pico, price_ref, error_type = rest
    return Span(
        dialect=dialect,
        kind=Kind(kind),
        name=name,
        label=label,
        state=State(state),
        status=Status(status),
        model=model,
        provider=provider,
        tool=tool,
        agent=agent,
        usage=None if tokens[0] is None else Usage(*tokens),
        cost=None if cost_pico is None else Cost(cost_pico, price_ref),
        error_type=error_type,
    )
