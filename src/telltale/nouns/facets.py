"""What many traces have in common, counted and summed up."""

import msgspec


class FacetValue(msgspec.Struct, frozen=True):
    """A value that traces are told apart by."""

    value: str
    traces: int
    """How many have it."""


class Facets(msgspec.Struct, frozen=True):
    """The values that some traces have, those that most have first."""

    fields: dict[str, tuple[FacetValue, ...]]
    """By field of the filter language, `tag.<key>` for a tag; none that no trace has."""
    traces: int
    """How many traces were counted, the newest first."""
    is_all: bool
    """False where there are more of which the filter is true: then each count is at least that."""


class Spread(msgspec.Struct, frozen=True):
    """A half, 95 and 99 of a hundred are at or below these: values that occur, by nearest rank."""

    p50: int
    p95: int
    p99: int


class Sum(msgspec.Struct, frozen=True, kw_only=True):
    """What some traces come to; grouped by a field of spans, what these spans come to."""

    start_us: int | None = None
    """Where a stretch of time begins, Unix time in microseconds; None where all is one."""
    value: str | None = None
    """Of the field that is grouped by; None where nothing is grouped, or for what has none."""
    traces: int
    spans: int
    """Grouped by a field of spans those that have the value; else all of the traces'."""
    errors: int
    """Traces that failed; grouped by a field of spans, spans that did."""
    input_tokens: int
    output_tokens: int
    cost_usd: str | None
    """US dollars as a decimal number; None where none is known."""
    unpriced_calls: int
    """Calls of models whose cost is not known: where there are any, it has cost more than that."""
    duration_us: Spread | None
    """Of what has ended; None where nothing has."""
    tokens: Spread | None
    """In and out, of a trace; of a span with usage where spans are grouped."""
    cost_pico: Spread | None
    """Of what has a known cost, 10⁻¹² US dollars."""


class Summary(msgspec.Struct, frozen=True):
    """Sums of the traces that a filter is true of."""

    sums: tuple[Sum, ...]
    """By time, and at one time those of most traces first."""
    traces: int
    """How many traces were summed up, the newest first."""
    is_all: bool
    """False where there are more of which the filter is true."""
