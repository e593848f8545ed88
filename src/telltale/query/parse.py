"""Read a filter: docs/filter.md is its grammar.

    status:error crew:Research cost:>0.02 -user:bob span(tool:search status:error) "late train"

What stands side by side must all be true; OR, NOT and brackets do the rest. Whatever is wrong is
said with its place in the text, what was expected there, and what was probably meant.
"""

import re
from collections.abc import Callable, Sequence

from telltale.nouns.errors import BadInput
from telltale.nouns.nearest import nearest
from telltale.nouns.text import sound
from telltale.query.ast import (
    EVERYTHING,
    And,
    Begins,
    Compared,
    Filter,
    Is,
    Not,
    OneSpan,
    Or,
    Order,
    Term,
    Test,
    Text,
    Within,
)
from telltale.query.fields import FIELDS, Field, Reading
from telltale.query.values import EXPECTED, read_moment, read_number, read_trace_id
from telltale.query.words import folded

MOST_CHARACTERS = 8_000
MOST_DEPTH = 40
"""Of brackets within brackets."""
MOST_TERMS = 200

_FIELD = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(\.)?")
_WORD = re.compile(r'[^\s()"]+')
_KEY = re.compile(r'[^\s()":]+')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPED = re.compile(r'\\(["\\])')
_BEGINNING = re.compile("[0-9a-fA-F]{4,31}")
"""Of a trace id; fewer digits tell little."""
_ORDER = re.compile(r">=|<=|>|<")
_SPACE = re.compile(r"\s*")
_AND, _OR, _NOT = "AND", "OR", "NOT"


class BadFilter(BadInput):
    """A text that is no filter; `position` is where, in characters from its beginning."""

    def __init__(
        self,
        problem: str,
        *,
        given: str,
        position: int,
        expected: str,
        suggestions: tuple[str, ...] = (),
    ) -> None:
        meant = f"; did you mean {' or '.join(map(repr, suggestions))}?" if suggestions else ""
        super().__init__(
            f"filter {given!r}: at character {position + 1}, {problem}; expected {expected}{meant}",
            given=given,
            expected=expected,
            remedy="docs/filter.md shows what can be asked for",
            suggestions=suggestions,
        )
        self.position = position


def parse(text: str) -> Filter:
    """Read a filter; the empty one leaves nothing out.

    Raises:
        BadFilter: If it is none.
    """
    return _Parser(text).whole()


class _Parser:
    """One pass over the text, a method for each rule of the grammar."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self._terms = 0
        self._span_at: int | None = None
        """Where the `span(` begins that we are inside of."""

    def whole(self) -> Filter:
        """The filter that is all of the text."""
        if len(self._text) > MOST_CHARACTERS:
            raise self._bad("it is too long", f"at most {MOST_CHARACTERS} characters", at=0)
        if (half := sound(self._text)) != self._text:
            at = next(i for i, (a, b) in enumerate(zip(half, self._text, strict=False)) if a != b)
            raise self._bad("this is half of a character", "whole characters", at=at)
        self._skip_space()
        if self._at == len(self._text):
            return EVERYTHING
        found = self._any_of()
        if self._at < len(self._text):
            raise self._bad("this bracket closes none", "nothing, or a '(' before it")
        return found

    def _any_of(self) -> Filter:
        parts = [self._all_of()]
        while self._takes_word(_OR):
            parts.append(self._all_of())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _all_of(self) -> Filter:
        parts = [self._one()]
        while self._takes_word(_AND) or not (self._is_at_end() or self._sees_word(_OR)):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _one(self) -> Filter:
        self._skip_space()
        if self._is_at_end() or any(map(self._sees_word, (_AND, _OR))):
            raise self._bad("nothing stands here", "a term such as status:error, or a word")
        start = self._at
        if self._takes_word(_NOT) or self._takes("-"):
            if self._text[self._at - 1] == "-" and self._sees_space():
                raise self._bad("a '-' stands alone", "what it excludes right behind it", at=start)
            return Not(self._deeper(start, self._one))
        if self._takes("("):
            return self._bracketed(start, self._any_of)
        if self._takes("span("):
            return self._one_span(start)
        self._terms += 1
        if self._terms > MOST_TERMS:
            raise self._bad("these are too many terms", f"at most {MOST_TERMS}", at=start)
        return self._term() or self._words()

    def _one_span(self, start: int) -> Filter:
        if self._span_at is not None:
            raise self._bad(
                "a span( stands within another", "one span( with all that is asked of it", at=start
            )
        self._span_at = start
        asked = self._bracketed(start, self._any_of)
        self._span_at = None
        return OneSpan(asked)

    def _bracketed(self, start: int, rule: Callable[[], Filter]) -> Filter:
        found = self._deeper(start, rule)
        self._skip_space()
        if not self._takes(")"):
            raise self._bad("this bracket is never closed", "a ')' behind it", at=start)
        return found

    def _deeper(self, start: int, rule: Callable[[], Filter]) -> Filter:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise self._bad("this is nested too deeply", f"at most {MOST_DEPTH} levels", at=start)
        found = rule()
        self._depth -= 1
        return found

    def _term(self) -> Filter | None:
        """A field and what it shall be; None where no field's name stands here."""
        start = self._at
        named = _FIELD.match(self._text, start)
        if named is None:
            return None
        self._at = named.end()
        key = self._key() if named[2] else ""
        if key is None or not self._takes(":"):
            self._at = start
            return None
        field = self._known_field(named[1], key, start)
        if self._takes("("):
            return self._values(field, key, self._at - 1)
        return Term(field.name, self._test(field), key)

    def _key(self) -> str | None:
        if (quoted := self._quoted()) is not None:
            return quoted
        match = _KEY.match(self._text, self._at)
        if match is None:
            return None
        self._at = match.end()
        return match[0]

    def _known_field(self, name: str, key: str, start: int) -> Field:
        field = FIELDS.get(name.lower())
        if field is None:
            raise self._bad(
                f"there is no field {name!r}",
                "a field's name before the colon; to look for text, quote it",
                at=start,
                suggestions=nearest(name, FIELDS),
            )
        if field.has_keys and not key:
            raise self._bad(f"of {name!r} it is not said which", f"{field.name}.key:…", at=start)
        if key and not field.has_keys:
            raise self._bad(f"{name!r} has no parts", f"{field.name}:…", at=start)
        if self._span_at is not None and not field.of_span:
            raise self._bad(
                f"{name!r} is of a trace, not of a span",
                f"{field.name}:… outside of span(…)",
                at=start,
            )
        return field

    def _values(self, field: Field, key: str, start: int) -> Filter:
        """Several values of one field: `model:(gpt-4* OR claude)`."""
        tests = [self._test_in_turn(field)]
        while self._takes_word(_OR):
            tests.append(self._test_in_turn(field))
        self._skip_space()
        if not self._takes(")"):
            raise self._bad("the values are not ended here", "OR and another value, or a ')'")
        self._terms += len(tests)
        terms = tuple(Term(field.name, test, key) for test in tests)
        return terms[0] if len(terms) == 1 else Or(terms)

    def _test_in_turn(self, field: Field) -> Test:
        self._skip_space()
        return self._test(field)

    def _test(self, field: Field) -> Test:
        if field.is_number:
            return self._test_of_number(field)
        start = self._at
        value, is_open = self._value(field)
        if field.reading is Reading.TEXT:
            return Begins(value) if is_open else Is(value)
        if is_open:
            if field.reading is Reading.TRACE_ID and _BEGINNING.fullmatch(value):
                return Begins(value.lower())
            raise self._bad(f"{field.name!r} takes no '*'", _expected(field), at=start)
        if field.reading is Reading.CHOICE:
            if value.lower() not in field.choices:
                meant = field.otherwise.get(value.lower()) or nearest(value, field.choices)
                raise self._unreadable(field, value, start, meant)
            return Is(value.lower())
        if field.reading is Reading.MOMENT:
            if (moment := read_moment(value)) is None:
                raise self._unreadable(field, value, start)
            return moment
        if (trace_id := read_trace_id(value)) is None:
            raise self._unreadable(field, value, start)
        return Is(trace_id)

    def _test_of_number(self, field: Field) -> Test:
        start = self._at
        if order := _ORDER.match(self._text, start):
            self._at = order.end()
            value, _ = self._value(field)
            if (number := read_number(value, field)) is None:
                raise self._unreadable(field, value, order.end())
            return Compared(Order(order[0]), number)
        is_quoted = self._text.startswith('"', start)
        value, is_open = self._value(field)
        if not (is_quoted or is_open):
            low, dots, high = value.partition("..")
            if dots:
                return self._range(field, low, high, start)
            if (number := read_number(value, field)) is not None:
                return Is(number)
        if field.reading is Reading.SCORE:
            return Begins(value) if is_open else Is(value)
        raise self._unreadable(field, value, start)

    def _range(self, field: Field, low: str, high: str, start: int) -> Test:
        first, last = read_number(low, field), read_number(high, field)
        if first is None or last is None:
            at, value = (start, low) if first is None else (start + len(low) + 2, high)
            raise self._unreadable(field, value, at)
        if first > last:
            raise self._bad("the range ends before it begins", f"{high}..{low}", at=start)
        return Within(first, last)

    def _value(self, field: Field) -> tuple[str, bool]:
        """A value as it stands, and whether it may go on."""
        if self._text.startswith('"', self._at):
            return self._quoted() or "", self._takes("*")
        match = _WORD.match(self._text, self._at)
        if match is None:
            raise self._bad("a value is missing", _expected(field))
        return self._opened(match)

    def _words(self) -> Filter:
        start = self._at
        if self._text.startswith('"', start):
            text, is_open = self._quoted() or "", self._takes("*")
        else:
            match = _WORD.match(self._text, start)
            assert match is not None, "neither space nor bracket nor quote nor the end stands here"
            text, is_open = self._opened(match)
        if not folded(text):
            raise self._bad("nothing is looked for", "a letter, a digit or a sign", at=start)
        return Text(text, is_open)

    def _opened(self, match: re.Match[str]) -> tuple[str, bool]:
        """A word, and whether a `*` behind it says that it may go on."""
        self._at = match.end()
        word = match[0]
        star = word.find("*")
        if 0 <= star < len(word) - 1:
            raise self._bad(
                "a '*' stands before the end",
                "one at the end alone; quote the word to look for the sign itself",
                at=match.start() + star,
            )
        return word.removesuffix("*"), star >= 0

    def _quoted(self) -> str | None:
        """What stands in quotes; None where there is no quote."""
        if not self._text.startswith('"', self._at):
            return None
        match = _QUOTED.match(self._text, self._at)
        if match is None:
            raise self._bad("this quote is never closed", "another '\"' behind it")
        self._at = match.end()
        return _ESCAPED.sub(r"\1", match[1])

    def _skip_space(self) -> None:
        match = _SPACE.match(self._text, self._at)
        if match is not None:
            self._at = match.end()

    def _sees_space(self) -> bool:
        return self._at == len(self._text) or self._text[self._at].isspace()

    def _is_at_end(self) -> bool:
        self._skip_space()
        return self._at == len(self._text) or self._text[self._at] == ")"

    def _takes(self, sign: str) -> bool:
        found = self._text.startswith(sign, self._at)
        if found:
            self._at += len(sign)
        return found

    def _sees_word(self, word: str) -> bool:
        match = _WORD.match(self._text, self._at)
        return match is not None and match[0] == word

    def _takes_word(self, word: str) -> bool:
        self._skip_space()
        return self._sees_word(word) and self._takes(word)

    def _unreadable(
        self, field: Field, value: str, at: int, suggestions: Sequence[str] = ()
    ) -> BadFilter:
        return self._bad(
            f"{value!r} is no value of {field.name!r}",
            _expected(field),
            at=at,
            suggestions=tuple(suggestions),
        )

    def _bad(
        self,
        problem: str,
        expected: str,
        *,
        at: int | None = None,
        suggestions: tuple[str, ...] = (),
    ) -> BadFilter:
        return BadFilter(
            problem,
            given=sound(self._text[:MOST_CHARACTERS]),
            position=self._at if at is None else at,
            expected=expected,
            suggestions=suggestions,
        )


def _expected(field: Field) -> str:
    if field.choices:
        return f"one of {', '.join(field.choices)}"
    return EXPECTED.get(field.reading, "a text, in quotes where it has spaces")
