"""The label: what tells a span from its siblings, in one line of at most 48 characters.

    llm                           the arguments of the tools it calls, else the first words it says
                                  (the values, where it answers in JSON)
    tool                          the values of its arguments
    task                          the first words of its description
    memory, knowledge, retriever  the query
    embedding                     the first words embedded
    anything else                 the values of its inputs

Names group spans, labels tell them apart: so a label is made of values, never of keys.
"""

import unicodedata
from collections.abc import Iterator
from typing import Any

from telltale.conventions.reading import from_json, storable
from telltale.nouns.message import Message, Text, ToolCall

LONGEST = 48
_READ_AHEAD = 400
"""Characters of a text that are looked at: enough for a label whatever white space there is."""
_JSON_READ = 16_384
"""Longer JSON is not taken apart for the sake of a label."""
_DEEPEST = 16


def llm_label(output_messages: tuple[Message, ...], error_message: str = "") -> str:
    """What a model asked its tools for, else what it said, else why it failed."""
    parts = [part for message in output_messages for part in message.parts]
    calls = [part.arguments for part in parts if isinstance(part, ToolCall)]
    if calls:
        return values_label(calls)
    words = next((part.content for part in parts if isinstance(part, Text) and part.content), "")
    return values_label(words or error_message)


def values_label(value: object) -> str:
    """The values in it, in their order, without their keys."""
    if isinstance(value, str) and value[:1] in "{[" and len(value) <= _JSON_READ:
        value = from_json(value)
    if isinstance(value, str):
        return words_label(value)
    line = ""
    for text in _leaves(value):
        line = f"{line}, {text}" if line else text
        if len(line) > LONGEST:
            break
    return cut(line)


def words_label(text: str) -> str:
    """The first words, on one line."""
    return cut(_one_line(text))


def cut(line: str) -> str:
    """At most 48 characters, with an ellipsis for the rest; no letter loses its accent.

    Good enough for accents, emoji sequences and flags; full grapheme rules would need tables.
    """
    if len(line) <= LONGEST:
        return line
    end = LONGEST - 1
    while end > 0 and _joined(line, end):
        end -= 1
    return line[: end or LONGEST - 1].rstrip() + "…"


def _joined(line: str, at: int) -> bool:
    """Whether the character here belongs to the one before it."""
    here = line[at]
    if "\U0001f1e6" <= here <= "\U0001f1ff":
        start = at
        while start > 0 and "\U0001f1e6" <= line[start - 1] <= "\U0001f1ff":
            start -= 1
        return (at - start) % 2 == 1
    return (
        "\u200d" in (here, line[at - 1])
        or "\U0001f3fb" <= here <= "\U0001f3ff"
        or unicodedata.category(here) in ("Mn", "Me", "Mc")
    )


def _one_line(text: str) -> str:
    line = " ".join(text[: 2 * LONGEST].split())
    if len(line) <= LONGEST < len(text):
        line = " ".join(text[:_READ_AHEAD].split())[: 2 * LONGEST]
    if line.isprintable():
        return line
    return "".join(c if c.isprintable() or c == "\u200d" else " " for c in line).strip()


def _leaves(value: Any, depth: int = 0) -> Iterator[str]:
    if depth == _DEEPEST:
        return
    if isinstance(value, dict):
        for item in value.values():
            yield from _leaves(item, depth + 1)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item, depth + 1)
    elif isinstance(value, bool):
        yield "true" if value else "false"
    elif isinstance(value, str):
        if line := _one_line(value):
            yield line
    elif isinstance(value, int | float):
        yield _one_line(str(storable(value)))
