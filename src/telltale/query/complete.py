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
            start=found.start("value"), written=written, field=name.lower(), key=key.strip('"')
        )
    start = len(text) if found["whole"] is None else found.start("whole")
    return Spot(start=start, written=found["name"] or "")


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
