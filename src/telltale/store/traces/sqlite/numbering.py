"""A span's number is its trace's number and its ordinal in one integer.

So the rows of a trace are one range of every table that is keyed by it.
"""

from telltale.nouns.errors import BadInput

ORDINAL_BITS = 24
"""16.7 million spans a trace, and numbers stay below 2^47, six bytes each, up to 8 million
traces. Part of the layout: the generated columns of `spans` in schema.sql say the same."""
MOST_SPANS = 1 << ORDINAL_BITS


def span_number(trace_no: int, ordinal: int) -> int:
    """The number of a trace's span.

    Raises:
        BadInput: If the trace is full.
    """
    if ordinal >= MOST_SPANS:
        raise BadInput(
            f"trace has {ordinal} spans, and {MOST_SPANS} is the most that one holds; "
            "start a new trace for each unit of work",
            given=ordinal,
            expected=f"less than {MOST_SPANS} spans",
            remedy="start a new trace for each unit of work",
        )
    return (trace_no << ORDINAL_BITS) | ordinal


def span_range(trace_no: int) -> tuple[int, int]:
    """First and last number that a span of the trace can have, both included."""
    return trace_no << ORDINAL_BITS, ((trace_no + 1) << ORDINAL_BITS) - 1


def ordinal_of(span_no: int) -> int:
    """A span's place in its trace's order of arrival."""
    return span_no & (MOST_SPANS - 1)


def trace_of(span_no: int) -> int:
    """The number of a span's trace."""
    return span_no >> ORDINAL_BITS
