"""Write a filter as a text that is read as the same filter."""

import re

from telltale.query.ast import (
    Ago,
    And,
    At,
    Begins,
    Compared,
    Filter,
    Not,
    OneSpan,
    Or,
    Test,
    Text,
    Within,
)
from telltale.query.fields import FIELDS, Field, Reading
from telltale.query.values import read_number, write_moment, write_number

_PLAIN = re.compile(r"[\w./@+][\w./@+-]*")
"""What needs no quotes wherever it stands."""
_WORDS = frozenset(("AND", "OR", "NOT"))


def write(filter_: Filter) -> str:
    """The filter as people write it."""
    if isinstance(filter_, And):
        return " ".join(map(_closed, filter_.parts))
    if isinstance(filter_, Or):
        return " OR ".join(_closed(part) for part in filter_.parts)
    return _closed(filter_)


def _closed(filter_: Filter) -> str:
    """Such that it may stand beside anything."""
    if isinstance(filter_, And | Or):
        return f"({write(filter_)})"
    if isinstance(filter_, Not):
        return f"-{_closed(filter_.part)}"
    if isinstance(filter_, OneSpan):
        return f"span({write(filter_.part)})"
    if isinstance(filter_, Text):
        return quoted(filter_.text) + ("*" if filter_.is_open else "")
    field = FIELDS[filter_.field]
    key = f".{quoted(filter_.key)}" if field.has_keys else ""
    return f"{field.name}{key}:{_test(filter_.test, field)}"


def _test(test: Test, field: Field) -> str:
    if isinstance(test, At | Ago):
        return write_moment(test)
    if isinstance(test, Compared):
        return f"{test.order}{write_number(test.value, field)}"
    if isinstance(test, Within):
        return f"{write_number(test.low, field)}..{write_number(test.high, field)}"
    if isinstance(test, Begins):
        return f"{quoted(test.text)}*" if test.text else "*"
    if not isinstance(test.value, str):
        return write_number(test.value, field)
    if field.reading is Reading.SCORE and (
        ".." in test.value or read_number(test.value, field) is not None
    ):
        return _in_quotes(test.value)
    return quoted(test.value)


def quoted(text: str) -> str:
    """A value or a key as it stands in a filter."""
    if _PLAIN.fullmatch(text) and text not in _WORDS:
        return text
    return _in_quotes(text)


def _in_quotes(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
