"""Which of some traces a filter is true of: each part of it is a set of numbers.

A filter is asked about a few hundred traces at a time, newest first, until a page is full. So it
costs what the page costs and not what the store holds, and each part is asked only about what the
parts before it have left.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator

from telltale.nouns.span import RawSpan, Standing, State, Status
from telltale.query.ast import (
    EVERYTHING,
    And,
    Compared,
    Filter,
    Is,
    Not,
    OneSpan,
    Or,
    Order,
    Term,
    Text,
)
from telltale.query.words import Sought, sought
from telltale.query.words import folded as folded_words
from telltale.store.traces.sqlite.bodies import decode_body
from telltale.store.traces.sqlite.facets import facets_with, is_facet
from telltale.store.traces.sqlite.numbering import span_range, trace_of
from telltale.store.traces.sqlite.text_index import holding
from telltale.store.traces.sqlite.texts import may_stand, stand_in_span
from telltale.store.traces.sqlite.values import is_true_of

Numbers = frozenset[int]
Leaf = Term | Text | OneSpan

SPANS_AT_ONCE = 20_000
SIDE_BY_SIDE = 4
"""Texts of so many times as many numbers are asked for at once, else trace by trace."""

_COUNTS = {
    "cost": "cost_pico",
    "tokens": "input_tokens + output_tokens",
    "input_tokens": "input_tokens",
    "output_tokens": "output_tokens",
    "cached_tokens": "cache_read_tokens",
    "reasoning_tokens": "reasoning_tokens",
}
_OF_TRACES = _COUNTS | {
    "name": "name",
    "duration": "duration_ns",
    "llm_calls": "llm_calls",
    "tool_calls": "tool_calls",
    "spans": "spans",
    "errors": "errors",
    "trace": "lower(hex(trace_id))",
    "since": "start_ns",
    "before": "start_ns",
}
"""What a field is in a row of `traces`."""
STANDING = (
    f"CASE WHEN state = '{State.RUNNING}' THEN '{Standing.RUNNING}'"
    f" WHEN status = '{Status.ERROR}' THEN '{Standing.ERROR}'"
    f" WHEN state = '{State.LOST}' THEN '{Standing.LOST}' ELSE '{Standing.OK}' END"
)
"""What `standing()` says, of a row of `traces` or of `spans`."""
SPAN_FIELDS = _COUNTS | {
    "status": STANDING,
    "name": "name",
    "duration": "max(0, coalesce(end_ns, seen_ns) - start_ns)",
    "kind": "kind",
    "flow": "iif(kind = 'flow', name, NULL)",
    "crew": "iif(kind = 'crew', name, NULL)",
    "task": "iif(kind = 'task', name, NULL)",
    "agent": "agent",
    "tool": "tool",
    "model": "model",
    "provider": "provider",
    "error": "error_type",
}
"""What a field is in a row of `spans`."""


class Matching:
    """What a filter asks of one moment of the store."""

    def __init__(self, connection: sqlite3.Connection, now_ns: int) -> None:
        self._connection = connection
        self._now_ns = now_ns
        self.looked_at = 0
        """Bodies that were read again, because an index of words finds too much."""

    def traces(self, filter_: Filter, numbers: Iterable[int]) -> Numbers:
        """Of the traces with these numbers, those that the filter is true of."""
        return _true_of(filter_, frozenset(numbers), self._leaf_of_traces)

    def _leaf_of_traces(self, leaf: Leaf, numbers: Numbers) -> Numbers:
        if isinstance(leaf, OneSpan):
            return self._with_a_span(leaf.part, numbers)
        if isinstance(leaf, Text):
            return frozenset(trace_no for _, trace_no in self._texts(leaf, numbers, once=True))
        if is_facet(leaf):
            facets = facets_with(self._connection, leaf)
            rows = self._connection.execute(
                "SELECT DISTINCT trace_no FROM trace_facets"
                f" WHERE trace_no IN ({listed(numbers)}) AND facet_no IN ({listed(facets)})"
            )
            return frozenset(trace_no for (trace_no,) in rows)
        of_feedback = (
            "SELECT trace_no, coalesce(number, text) FROM feedback"
            f" WHERE name = ? AND trace_no IN ({listed(numbers)})",
            (leaf.key,),
        )
        of_trace = (
            f"SELECT trace_no, {_OF_TRACES.get(leaf.field)} FROM traces"
            f" WHERE trace_no IN ({listed(numbers)})",
            (),
        )
        asked = of_feedback if leaf.field == "feedback" else of_trace
        return self._where(leaf, self._connection.execute(*asked))

    def _with_a_span(self, part: Filter, numbers: Numbers) -> Numbers:
        found: set[int] = set()
        for traces in self._groups(self.traces(implied(part), numbers)):
            spans = frozenset(
                span_no
                for trace_no in traces
                for (span_no,) in self._connection.execute(
                    "SELECT span_no FROM spans WHERE span_no BETWEEN ? AND ?", span_range(trace_no)
                )
            )
            found.update(map(trace_of, _true_of(part, spans, self._leaf_of_spans)))
        return frozenset(found)

    def _groups(self, numbers: Numbers) -> Iterator[list[int]]:
        """Traces whose spans may be looked at together."""
        group: list[int] = []
        size = 0
        for trace_no, spans in self._connection.execute(
            f"SELECT trace_no, spans FROM traces WHERE trace_no IN ({listed(numbers)})"
        ).fetchall():
            if group and size + spans > SPANS_AT_ONCE:
                yield group
                group, size = [], 0
            group.append(trace_no)
            size += spans
        if group:
            yield group

    def _leaf_of_spans(self, leaf: Leaf, numbers: Numbers) -> Numbers:
        assert not isinstance(leaf, OneSpan), "the grammar knows no span within a span"
        traces = frozenset(map(trace_of, numbers))
        if isinstance(leaf, Text):
            texts = [text_no for text_no, _ in self._texts(leaf, traces, once=False)]
            rows = self._connection.execute(
                f"SELECT span_no FROM span_texts WHERE text_no IN ({listed(texts)})"
            )
            return numbers.intersection(span_no for (span_no,) in rows)
        query = (
            f"SELECT span_no, {SPAN_FIELDS[leaf.field]} FROM spans WHERE span_no BETWEEN ? AND ?"
        )
        return numbers.intersection(
            span_no
            for trace_no in traces
            for span_no in self._where(leaf, self._connection.execute(query, span_range(trace_no)))
        )

    def _where(self, leaf: Term, rows: Iterable[tuple[int, object]]) -> Numbers:
        is_true = is_true_of(leaf, self._now_ns)
        return frozenset(number for number, value in rows if value is not None and is_true(value))

    def _texts(self, text: Text, traces: Numbers, *, once: bool) -> Iterator[tuple[int, int]]:
        """Texts of these traces in which the words stand, as number and trace.

        Args:
            once: Whether one text of each trace is enough.
        """
        needle = folded_words(text.text)
        asked = sought(needle, is_open=text.is_open)
        may_be = may_stand(needle)
        done: set[int] = set()
        for text_no, trace_no in self._candidates(asked, traces):
            if once and trace_no in done:
                continue
            if not asked.is_enough:
                self.looked_at += 1
                body = self._body_with(text_no)
                if body is None or not may_be(body[1]):
                    continue
                if not stand_in_span(needle, _read(*body), is_open=text.is_open):
                    continue
            done.add(trace_no)
            yield text_no, trace_no

    def _body_with(self, text_no: int) -> tuple[int, bytes] | None:
        """The body of a span that has the text; None where none has it any more."""
        return self._connection.execute(
            "SELECT codec, raw FROM span_texts JOIN bodies USING (span_no)"
            " WHERE text_no = ? LIMIT 1",
            (text_no,),
        ).fetchone()

    def _candidates(self, asked: Sought, traces: Numbers) -> list[tuple[int, int]]:
        """Texts that hold all of the words, in whatever order."""
        ranges = self._connection.execute(
            "SELECT trace_no, min(text_no), max(text_no), count(*) FROM texts"
            f" WHERE trace_no IN ({listed(traces)}) GROUP BY trace_no"
        ).fetchall()
        if not ranges:
            return []
        first, last = min(row[1] for row in ranges), max(row[2] for row in ranges)
        if last - first < SIDE_BY_SIDE * sum(row[3] for row in ranges):
            found = holding(self._connection, asked, first, last)
        else:
            found = [
                text_no
                for _, low, high, _ in ranges
                for text_no in holding(self._connection, asked, low, high)
            ]
        return self._connection.execute(
            "SELECT text_no, trace_no FROM texts"
            f" WHERE text_no IN ({listed(found)}) AND +trace_no IN ({listed(traces)})"
        ).fetchall()


def implied(filter_: Filter) -> Filter:
    """What is true of a trace that has a span of which the filter is true, quickly told."""
    if isinstance(filter_, And):
        return And(tuple(map(implied, filter_.parts)))
    if isinstance(filter_, Or):
        return Or(tuple(map(implied, filter_.parts)))
    if filter_ == Term("status", Is(Standing.ERROR.value)):
        return Term("errors", Compared(Order.ABOVE, 0))
    if isinstance(filter_, Term) and filter_.field != "status" and is_facet(filter_):
        return filter_
    return EVERYTHING


def listed(numbers: Iterable[int]) -> str:
    """For `IN (…)`: our own numbers, and as many as there are."""
    return ",".join(map(str, numbers))


def _true_of(
    filter_: Filter, numbers: Numbers, leaf: Callable[[Leaf, Numbers], Numbers]
) -> Numbers:
    if not numbers:
        return numbers
    if isinstance(filter_, And):
        for part in sorted(filter_.parts, key=_price):
            numbers = _true_of(part, numbers, leaf)
        return numbers
    if isinstance(filter_, Or):
        found: Numbers = frozenset()
        for part in sorted(filter_.parts, key=_price):
            found |= _true_of(part, numbers - found, leaf)
        return found
    if isinstance(filter_, Not):
        return numbers - _true_of(filter_.part, numbers, leaf)
    return leaf(filter_, numbers)


def _price(filter_: Filter) -> int:
    """What to ask first: columns, then texts, then spans."""
    if isinstance(filter_, And | Or):
        return max(map(_price, filter_.parts), default=0)
    if isinstance(filter_, Not):
        return _price(filter_.part)
    return (Term, Text, OneSpan).index(type(filter_))


def _read(codec: int, body: bytes) -> RawSpan:
    return decode_body(codec, body, {}, "a span that holds the words")
