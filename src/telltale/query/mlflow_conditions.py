"""The conditions of one of MLflow's filters: what stands where, before it is asked what it means.

condition { "AND" condition }
condition = field ( sign value | LIKE text | [ NOT ] IN "(" values ")" | IS [ NOT ] NULL )
"""

import re
from decimal import Decimal
from typing import NamedTuple

from telltale.nouns.text import sound
from telltale.query.parse import MOST_CHARACTERS, MOST_TERMS, BadFilter

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*")
      | (?P<number>[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?![\w.]))
      | (?P<name>[A-Za-z_]\w*(?:\.(?:`[^`]*`|"[^"]*"|[\w/-]+))*)
      | (?P<sign>!=|<>|>=|<=|=|>|<|\(|\)|,)
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)|''|\"\"", re.DOTALL)


class _Token(NamedTuple):
    kind: str
    text: str
    at: int


class Condition(NamedTuple):
    """`field comparison value`, or several values behind IN; none behind IS NULL."""

    field: str
    """As it is written."""
    at: int
    comparison: str
    values: tuple[str | Decimal, ...]
    value_at: int


def conditions_of(text: str) -> list[Condition]:
    """What a filter asks, in its order.

    Raises:
        BadFilter: If it is none.
    """
    return _Reader(text).conditions()


class _Reader:
    """The conditions of a text, from token to token."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._next = 0

    def conditions(self) -> list[Condition]:
        found: list[Condition] = []
        while self._peek().kind != "end":
            if found:
                joined = self._take()
                if joined.text.upper() != "AND":
                    raise bad(
                        self._text,
                        joined.at,
                        f"{joined.text!r} joins no conditions",
                        "AND: MLflow's filters know neither OR nor brackets around conditions",
                    )
            if len(found) == MOST_TERMS:
                raise bad(
                    self._text,
                    self._peek().at,
                    "these are too many conditions",
                    f"at most {MOST_TERMS}",
                )
            found.append(self._condition())
        return found

    def _condition(self) -> Condition:
        field = self._take("name", "a field such as trace.status, tags.env or span.name")
        comparison = self._comparison()
        if comparison in ("IS NULL", "IS NOT NULL"):
            return Condition(field.text, field.at, comparison, (), field.at)
        at = self._peek().at
        values = self._list() if comparison.endswith("IN") else (self._value(),)
        return Condition(field.text, field.at, comparison, values, at)

    def _comparison(self) -> str:
        token = self._take()
        said = token.text.upper()
        if token.kind == "sign" and token.text not in "(),":
            return token.text
        if said == "IS":
            word = self._take().text.upper()
            if word == "NOT":
                return self._word("NULL", "IS NOT NULL")
            if word == "NULL":
                return "IS NULL"
        elif said == "NOT":
            return self._word("IN", "NOT IN")
        elif said in ("IN", "LIKE", "ILIKE"):
            return said
        raise bad(
            self._text,
            token.at,
            f"{token.text!r} compares nothing",
            "=, !=, >, >=, <, <=, LIKE, ILIKE, IN, NOT IN, IS NULL or IS NOT NULL",
        )

    def _word(self, word: str, whole: str) -> str:
        token = self._take()
        if token.text.upper() != word:
            raise bad(self._text, token.at, f"{token.text!r} stands here", whole)
        return whole

    def _list(self) -> tuple[str | Decimal, ...]:
        self._sign("(")
        values = [self._value()]
        while self._peek().text == ",":
            self._take()
            values.append(self._value())
        self._sign(")")
        return tuple(values)

    def _sign(self, sign: str) -> None:
        token = self._take()
        if token.text != sign:
            raise bad(self._text, token.at, f"{token.text!r} stands here", repr(sign))

    def _value(self) -> str | Decimal:
        token = self._take()
        if token.kind == "number":
            return Decimal(token.text)
        if token.kind == "text":
            return _ESCAPED.sub(lambda one: one[1] or one[0][0], token.text[1:-1])
        raise bad(
            self._text, token.at, f"{token.text!r} is no value", "a number, or a text in quotes"
        )

    def _take(self, kind: str = "", expected: str = "") -> _Token:
        token = self._peek()
        if kind and token.kind != kind:
            raise bad(self._text, token.at, f"{token.text!r} stands here", expected)
        self._next = min(self._next + 1, len(self._tokens) - 1)
        return token

    def _peek(self) -> _Token:
        return self._tokens[self._next]


def _tokens(text: str) -> list[_Token]:
    if len(text) > MOST_CHARACTERS:
        raise bad(text, 0, "it is too long", f"at most {MOST_CHARACTERS} characters")
    if sound(text) != text:
        raise bad(text, 0, "it holds half of a character", "whole characters")
    found, at = [], 0
    while match := _TOKEN.match(text, at):
        kind = match.lastgroup or ""
        found.append(_Token(kind, match[kind], match.start(kind)))
        at = match.end()
    if text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        raise bad(text, at, f"{text[at : at + 20]!r} stands here", "a field, a value or AND")
    return [*found, _Token("end", "the end", len(text))]


def bad(
    text: str, at: int, problem: str, expected: str, suggestions: tuple[str, ...] = ()
) -> BadFilter:
    """What is wrong with a filter, and where."""
    return BadFilter(
        problem,
        given=sound(text[:MOST_CHARACTERS]),
        position=at,
        expected=expected,
        suggestions=tuple(suggestions),
    )
