"""What a filter says, as values: the form between the text and whoever looks for traces.

A filter is true or false of a trace. Within `OneSpan` it is true or false of a span, and the trace
is meant that has such a one.
"""

from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

import msgspec


class Order(StrEnum):
    """How a number is compared."""

    ABOVE = ">"
    AT_LEAST = ">="
    BELOW = "<"
    AT_MOST = "<="


class Is(msgspec.Struct, frozen=True, tag=True):
    """The very value. Of texts, their case aside."""

    value: str | int | Decimal


class Begins(msgspec.Struct, frozen=True, tag=True):
    """A text that begins like this, its case aside; the empty text begins every one."""

    text: str


class Compared(msgspec.Struct, frozen=True, tag=True):
    """A number on one side of another."""

    order: Order
    value: int | Decimal


class Within(msgspec.Struct, frozen=True, tag=True):
    """A number from one to another, both included."""

    low: int | Decimal
    high: int | Decimal


class At(msgspec.Struct, frozen=True, tag=True):
    """A moment."""

    time_ns: int
    """Unix time, nanoseconds."""


class Ago(msgspec.Struct, frozen=True, tag=True):
    """A moment as long before the one at which the filter is applied."""

    duration_ns: int


Test: TypeAlias = Is | Begins | Compared | Within | At | Ago


class Term(msgspec.Struct, frozen=True, tag=True):
    """One field, and what its value has to be."""

    field: str
    """Name of a `Field`."""
    test: Test
    key: str = ""
    """Of a field that has many: which tag, which feedback."""


class Text(msgspec.Struct, frozen=True, tag=True):
    """Words that stand somewhere in what went in and came out, one behind the other."""

    text: str
    is_open: bool = False
    """Whether the last word may go on."""


class And(msgspec.Struct, frozen=True, tag=True):
    """All of them. Of none of them it is true: `EVERYTHING`."""

    parts: tuple["Filter", ...]


class Or(msgspec.Struct, frozen=True, tag=True):
    """One of them at least."""

    parts: tuple["Filter", ...]


class Not(msgspec.Struct, frozen=True, tag=True):
    """What the part is not true of."""

    part: "Filter"


class OneSpan(msgspec.Struct, frozen=True, tag=True):
    """A trace with a span of which all of the part is true."""

    part: "Filter"


Filter: TypeAlias = Term | Text | And | Or | Not | OneSpan

EVERYTHING = And(())
"""The filter that leaves nothing out: the empty text."""
