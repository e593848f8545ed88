"""What traces come to: counts, tokens, cost and durations, by time and by a field."""

import math
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import Any

from telltale.nouns.errors import BadInput
from telltale.nouns.facets import Spread, Sum, Summary
from telltale.nouns.span import Status
from telltale.nouns.usage import usd
from telltale.store.questions import SumUp
from telltale.store.traces.sqlite.facets import TAG
from telltale.store.traces.sqlite.matched import Matched
from telltale.store.traces.sqlite.matching import SPAN_FIELDS, STANDING, listed
from telltale.store.traces.sqlite.numbering import span_range
from telltale.store.traces.sqlite.tags import tags_of
from telltale.store.traces.sqlite.totals import MODEL_CALL, UNPRICED

MOST_SUMS = 10_000
_OF_TRACES = {
    "status": STANDING,
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
_Row = Sequence[Any]
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
    matched, sums = Matched(connection, question), _Sums(connection, question)
    for numbers in matched.pieces():
        sums.add(numbers)
    return Summary(tuple(sums.told()), sums.traces, matched.is_all)


def spread(values: list[int]) -> Spread | None:
    """Percentiles by nearest rank; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return Spread(*(ordered[math.ceil(len(ordered) * part / 100) - 1] for part in (50, 95, 99)))


class _Sums:
    """All sums of one question, by stretch of time and value."""

    def __init__(self, connection: sqlite3.Connection, question: SumUp) -> None:
        self._connection = connection
        self._question = question
        self._running: dict[_Key, _Running] = defaultdict(_Running)
        self.traces = 0
        by = question.by or ""
        self._tag = by.removeprefix(TAG) if by.startswith(TAG) else ""
        self._is_of_spans = bool(by) and not self._tag and by not in _OF_TRACES

    def add(self, numbers: list[int]) -> None:
        """Some traces more.

        Raises:
            BadInput: If there are too many sums by now.
        """
        self.traces += len(numbers)
        if self._is_of_spans:
            self._add_spans(numbers)
        else:
            self._add_traces(numbers)
        if len(self._running) > MOST_SUMS:
            raise _too_many(self._question)

    def told(self) -> Iterator[Sum]:
        """By time; of each stretch the values that most traces have."""
        every_ns, limit = self._question.every_ns, self._question.limit
        ordered = sorted(
            self._running.items(), key=lambda one: (one[0][0], -one[1].traces, one[0][1] or "")
        )
        for stretch, several in groupby(ordered, key=lambda one: one[0][0]):
            start_us = None if every_ns is None else stretch * every_ns // 1000
            for (_, value), running in islice(several, limit):
                yield running.sum(start_us, value)

    def _add_traces(self, numbers: list[int]) -> None:
        tags = tags_of(self._connection, numbers) if self._tag else {}
        for row in self._rows(numbers, _OF_TRACES.get(self._question.by or "", "NULL")):
            trace_no, start_ns, value = row[:3]
            if self._tag:
                value = tags.get(trace_no, {}).get(self._tag)
            running = self._running[self._stretch(start_ns), value]
            running.traces += 1
            running.add(row[3:])

    def _add_spans(self, numbers: list[int]) -> None:
        query = _SPANS.format(value=SPAN_FIELDS[self._question.by or ""])
        for trace_no, start_ns, *_ in self._rows(numbers, "NULL"):
            stretch = self._stretch(start_ns)
            rows = self._connection.execute(query, span_range(trace_no)).fetchall()
            for value, *row in rows:
                self._running[stretch, value].add(row)
            for value in {row[0] for row in rows}:
                self._running[stretch, value].traces += 1

    def _stretch(self, start_ns: int) -> int:
        every_ns = self._question.every_ns
        return 0 if every_ns is None else start_ns // every_ns

    def _rows(self, numbers: list[int], value: str) -> Iterable[Any]:
        """Of each trace its number, its start and the value; what follows is a `_Row`."""
        return self._connection.execute(_TRACES.format(value=value, numbers=listed(numbers)))


def _too_many(question: SumUp) -> BadInput:
    remedy = "take longer stretches, a narrower filter or a field with fewer values"
    return BadInput(
        f"this comes to more than {MOST_SUMS} sums; {remedy}",
        given=question.by,
        expected=f"at most {MOST_SUMS} sums",
        remedy=remedy,
    )
