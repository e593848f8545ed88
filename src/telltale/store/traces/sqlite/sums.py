"""What traces come to: counts, tokens, cost and durations, by time and by a field."""

import math
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from telltale.nouns.errors import BadInput
from telltale.nouns.facets import Spread, Sum, Summary
from telltale.nouns.span import State, Status
from telltale.nouns.usage import usd
from telltale.store.questions import SumUp
from telltale.store.traces.sqlite.facets import TAG
from telltale.store.traces.sqlite.matched import Matched
from telltale.store.traces.sqlite.matching import SPAN_FIELDS, listed
from telltale.store.traces.sqlite.numbering import span_range
from telltale.store.traces.sqlite.tags import tags_of
from telltale.store.traces.sqlite.totals import MODEL_CALL, UNPRICED

MOST_SUMS = 10_000
_OF_TRACES = {
    "status": f"iif(state = '{State.ENDED}', status, state)",
    "name": "name",
    "session": "session",
    "user": "user",
}
"""Fields of which a trace has one value; all others are of its spans."""
_TRACES = """
    SELECT trace_no, start_ns, {value}, spans, status, input_tokens, output_tokens, cost_pico,
           unpriced_calls, duration_ns
    FROM traces WHERE trace_no IN ({numbers})"""
_SPANS = f"""
    SELECT {{value}}, 1, status, iif({MODEL_CALL}, input_tokens, NULL),
           iif({MODEL_CALL}, output_tokens, NULL), cost_pico, {UNPRICED}, max(0, end_ns - start_ns)
    FROM spans WHERE span_no BETWEEN ? AND ? AND {{value}} IS NOT NULL"""

_Key = tuple[int, str | None]
"""Number of the stretch of time, and value."""
_Row = tuple[int, str, int | None, int | None, int | None, int, int | None]
"""Spans, status, tokens in and out, pico-dollars, calls without a price, nanoseconds."""


class _Running:
    """A sum as it grows."""

    def __init__(self) -> None:
        self.traces = self.spans = self.errors = 0
        self.input_tokens = self.output_tokens = self.unpriced_calls = 0
        self.durations_ns: list[int] = []
        self.tokens: list[int] = []
        self.costs_pico: list[int] = []

    def add(self, row: "_Row") -> None:
        spans, status, input_tokens, output_tokens, cost_pico, unpriced_calls, duration_ns = row
        self.spans += spans
        self.errors += status == Status.ERROR
        if input_tokens is not None and output_tokens is not None:
            self.input_tokens += input_tokens
            self.output_tokens += output_tokens
            self.tokens.append(input_tokens + output_tokens)
        if cost_pico is not None:
            self.costs_pico.append(cost_pico)
        self.unpriced_calls += unpriced_calls
        if duration_ns is not None:
            self.durations_ns.append(duration_ns)

    def sum(self, start_us: int | None, value: str | None) -> Sum:
        return Sum(
            start_us=start_us,
            value=value,
            traces=self.traces,
            spans=self.spans,
            errors=self.errors,
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens,
            cost_usd=usd(sum(self.costs_pico)) if self.costs_pico else None,
            unpriced_calls=self.unpriced_calls,
            duration_us=spread([duration // 1000 for duration in self.durations_ns]),
            tokens=spread(self.tokens),
            cost_pico=spread(self.costs_pico),
        )


def sum_up(connection: sqlite3.Connection, question: SumUp) -> Summary:
    """Exact of the traces that were summed up, percentiles included."""
    matched = Matched(connection, question)
    add = _adding(connection, question)
    sums: dict[_Key, _Running] = defaultdict(_Running)
    traces = 0
    for numbers in matched.chunks():
        traces += len(numbers)
        add(numbers, sums)
        if len(sums) > MOST_SUMS:
            raise _too_many(question)
    every_ns = question.every_ns
    told = [
        running.sum(None if every_ns is None else stretch * every_ns // 1000, value)
        for (stretch, value), running in _top(sums, question.limit)
    ]
    return Summary(tuple(told), traces, matched.is_all)


def spread(values: list[int]) -> Spread | None:
    """Percentiles by nearest rank; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return Spread(*(ordered[math.ceil(len(ordered) * part / 100) - 1] for part in (50, 95, 99)))


def _adding(
    connection: sqlite3.Connection, question: SumUp
) -> Callable[[list[int], dict[_Key, _Running]], None]:
    """What adds some traces to the sums."""
    by, every_ns = question.by, question.every_ns
    tag = by.removeprefix(TAG) if by is not None and by.startswith(TAG) else ""

    def stretch(start_ns: int) -> int:
        return 0 if every_ns is None else start_ns // every_ns

    def of_traces(numbers: list[int], sums: dict[_Key, _Running]) -> None:
        value = "NULL" if by is None else _OF_TRACES.get(by, "NULL")
        tags = tags_of(connection, numbers) if tag else {}
        for row in _rows(connection, numbers, value):
            trace_no, start_ns, found = row[:3]
            running = sums[stretch(start_ns), tags.get(trace_no, {}).get(tag) if tag else found]
            running.traces += 1
            running.add(row[3:])

    def of_spans(numbers: list[int], sums: dict[_Key, _Running]) -> None:
        query = _SPANS.format(value=SPAN_FIELDS[by or ""])
        for trace_no, start_ns, *_ in _rows(connection, numbers, "NULL"):
            rows = connection.execute(query, span_range(trace_no)).fetchall()
            for row in rows:
                sums[stretch(start_ns), row[0]].add(row[1:])
            for value in {row[0] for row in rows}:
                sums[stretch(start_ns), value].traces += 1

    return of_traces if by is None or by in _OF_TRACES or tag else of_spans


def _rows(connection: sqlite3.Connection, numbers: list[int], value: str) -> Iterable[Any]:
    """Of each trace its number, its start and the value; what follows is a `_Row`."""
    return connection.execute(_TRACES.format(value=value, numbers=listed(numbers)))


def _top(sums: dict[_Key, _Running], limit: int) -> Iterator[tuple[_Key, _Running]]:
    """By time; of each stretch the values that most traces have."""
    ordered = sorted(sums.items(), key=lambda one: (one[0][0], -one[1].traces, one[0][1] or ""))
    stretch, told = None, 0
    for key, running in ordered:
        told = told + 1 if key[0] == stretch else 1
        stretch = key[0]
        if told <= limit:
            yield key, running


def _too_many(question: SumUp) -> BadInput:
    remedy = "take longer stretches, a narrower filter or a field with fewer values"
    return BadInput(
        f"this comes to more than {MOST_SUMS} sums; {remedy}",
        given=question.by,
        expected=f"at most {MOST_SUMS} sums",
        remedy=remedy,
    )
