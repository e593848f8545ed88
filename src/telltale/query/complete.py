"""What may be written next: where in a filter somebody is, and which fields begin like that."""

import re

import msgspec

from telltale.nouns.answers import Proposal
from telltale.query.fields import FIELDS, Field, Reading
from telltale.query.values import EXPECTED

_LAST = re.compile(
    r"""(?x)
    (?:^|[\s(]) -?                                     # where a term may begin
    (?P<whole>
        (?P<field> [A-Za-z_]\w* (?:\. (?:"(?:[^"\\]|\\.)*" | [^\s()":]+ ) )? ) :
        (?: \( (?: [^()"] | "(?:[^"\\]|\\.)*" )*? (?<=[(\s]) )?    # values before it
        (?P<value> " (?:[^"\\]|\\.)* | [^\s()"]* )     # a value that goes on
      | (?P<name> [A-Za-z_][\w.]* )
    )?$
    """
)
_SIGN = re.compile(r'"(?:[^"\\]|\\.)*"|-*(?P<span>span)?\(|\)|[^\s()"]+', re.DOTALL)
"""What is read as one: a quoted text, a bracket, a word."""
_ESCAPED = re.compile(r'\\(["\\])')


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """What is being written just before the cursor."""

    start: int
    """Where it begins, in characters; what is chosen takes its place up to the cursor."""
    written: str
    """The beginning of a field's name or, with `field`, of a value."""
    field: str = ""
    """The field whose value it is."""
    key: str = ""
    """Of a field that has many."""
    of_span: bool = False
    """Whether it stands in `span(…)`, where not every field may."""


def spot(text: str) -> Spot | None:
    """What is being written at the end of a text; None within words that are looked for."""
    found = _LAST.search(text)
    if found is None or _in_quotes(text[: found.start()]):
        return None
    if found["field"] is not None:
        name, _, key = found["field"].partition(".")
        value = found["value"]
        written = _ESCAPED.sub(r"\1", value[1:]) if value.startswith('"') else value
        return Spot(
            start=found.start("value"),
            written=written,
            field=name.lower(),
            key=key.strip('"'),
            of_span=_is_in_span(text[: found.start("field")]),
        )
    start = len(text) if found["whole"] is None else found.start("whole")
    return Spot(start=start, written=found["name"] or "", of_span=_is_in_span(text[:start]))


def field_at(here: Spot) -> Field | None:
    """The field whose value is being written; None where there is none, or it may not stand."""
    field = FIELDS.get(here.field)
    return None if field is None or (here.of_span and not field.of_span) else field


def fields_like(written: str, *, of_span: bool = False) -> list[Proposal]:
    """Fields whose names begin like this."""
    return [
        Proposal(f"{field.name}{'.' if field.has_keys else ':'}", field.meaning)
        for field in FIELDS.values()
        if field.name.startswith(written.lower()) and (field.of_span or not of_span)
    ]


def choices_like(field: Field, written: str) -> list[Proposal]:
    """Words that a field may have, where they are few; else how its values are written."""
    if field.reading is Reading.CHOICE:
        return [Proposal(word) for word in field.choices if word.startswith(written.lower())]
    if expected := EXPECTED.get(field.reading):
        return [Proposal("", expected)]
    return []


def _in_quotes(text: str) -> bool:
    return len(re.findall(r'(?<!\\)"', text)) % 2 == 1


def _is_in_span(text: str) -> bool:
    """Whether what comes next is within a `span(` that has not been closed."""
    opened: list[bool] = []
    for sign in _SIGN.finditer(text):
        if sign[0].endswith("("):
            opened.append(sign["span"] is not None)
        elif sign[0] == ")" and opened:
            opened.pop()
    return any(opened)
