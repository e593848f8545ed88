"""What SQLite and msgpack cannot hold, made to fit where it comes in.

A foreign program may send integers beyond 64 bits, halves of surrogate pairs and NUL. None of
them may make a write fail, so they are replaced, always visibly:

- An integer column holds the nearest integer that fits: 2^63 - 1 is read as "at least that".
- In texts half a surrogate pair becomes U+FFFD, the character that stands for one that could not
  be read; in columns NUL does too, because SQLite's own functions end a text there.
- In a body NUL stays; an integer that does not fit is kept, as the string of its digits.
- A name is cut at 1,000 characters, with an ellipsis; the body has the whole.
"""

from typing import Any

from telltale.nouns.text import sound

INT_MIN, INT_MAX = -(2**63), 2**63 - 1
UINT_MAX = 2**64 - 1
"""msgpack has unsigned integers too."""
NAME_CHARACTERS = 1000
DEEPEST = 100
"""Levels of nesting kept in a body; what lies deeper becomes a text that says so."""


def fit_int(value: int) -> int:
    """The nearest integer that a column holds."""
    if INT_MIN <= value <= INT_MAX:
        return value
    return INT_MAX if value > 0 else INT_MIN


def fit_text(text: str) -> str:
    """A text that a column holds."""
    text = sound(text)
    return text.replace("\0", "\ufffd") if "\0" in text else text


def fit_name(text: str) -> str:
    """A text that a narrow column holds: rows of spans are read by the ten thousand."""
    if len(text) > NAME_CHARACTERS:
        text = text[: NAME_CHARACTERS - 1] + "…"
    return fit_text(text)


def fit_value(value: Any, depth: int = 0) -> Any:
    """A value of attributes that msgpack holds."""
    if isinstance(value, str):
        return sound(value)
    if isinstance(value, int) and not INT_MIN <= value <= UINT_MAX:
        return str(value) if value.bit_length() < 4096 else hex(value)
    if not isinstance(value, dict | list | tuple):
        return value
    if depth == DEEPEST:
        return f"… nested deeper than {DEEPEST} levels"
    if isinstance(value, dict):
        return {fit_value(k, depth + 1): fit_value(v, depth + 1) for k, v in value.items()}
    return [fit_value(item, depth + 1) for item in value]
