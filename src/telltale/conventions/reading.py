"""Values from the wire are read, not cast: what is not what it should be is absent.

Foreign programs put numbers in strings, strings in numbers, half a surrogate pair, NaN and
integers of a hundred digits into attributes. Each function here answers a value that can be
stored, compared and encoded, or None; none of them raises.
"""

import json
import math
from base64 import b64encode
from typing import Any

import msgspec

from telltale.nouns.text import sound

LARGEST_COUNT = 2**63 - 1
_DEEPEST = 64
"""Values nested deeper than this are written out as text."""

_SIMPLE = frozenset({str, bool, float, type(None)})
"""Types whose values are storable as msgspec decodes them."""

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def as_text(value: object) -> str | None:
    """Read words; empty ones say nothing, and a number is none."""
    return sound(value) if isinstance(value, str) and value else None


def first_text(attributes: dict[str, Any], keys: tuple[str, ...]) -> str | None:
    """Words under the first of the names that has any."""
    for key in keys:
        if key in attributes and (text := as_text(attributes[key])):
            return text
    return None


def as_id(value: object) -> str | None:
    """Read a name that somebody gave: words, or a number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return as_text(_digits(value))
    return as_text(value)


def as_count(value: object) -> int | None:
    """Read a number of things, of 63 bits; "12" and 12.0 are one, `True` and -1 are not."""
    if isinstance(value, float):
        if not value.is_integer():
            return None
    elif isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        count = int(value)
    except ValueError:
        return None
    return count if 0 <= count <= LARGEST_COUNT else None


def as_recorded(value: object) -> str | None:
    """Inputs or outputs as recorded: text as it stands, anything structured as JSON text."""
    if isinstance(value, str):
        return sound(value)
    return None if value is None else _encode(storable(value)).decode()


def first_recorded(attributes: dict[str, Any], keys: tuple[str, ...]) -> str | None:
    """Inputs or outputs under the first of the names that is there."""
    for key in keys:
        if key in attributes:
            return as_recorded(attributes[key])
    return None


def as_scalar_text(value: object) -> str | None:
    """Read a tag's value: words, a number, or yes and no; as JSON spells them."""
    if isinstance(value, str):
        return sound(value)
    return as_recorded(value) if isinstance(value, bool | int | float) else None


def from_json(text: str) -> Any:
    """What the JSON text says; the text itself where it is no JSON.

    What is kept of it goes through `kept` first: JSON may nest and count without limit.
    """
    try:
        return _decode(text)
    except (ValueError, RecursionError):
        # msgspec refuses NaN and half surrogates, which Python's own json writes.
        pass
    if text[:1].isspace() or text[:1] in '{["-NI0123456789':
        try:
            return storable(json.loads(text))
        except (ValueError, RecursionError):
            pass
    return sound(text)


def structured(value: object) -> Any:
    """A value that is either structured already or is JSON text of it."""
    return from_json(value) if isinstance(value, str) else storable(value)


def kept(value: Any) -> Any:
    """A value from `from_json` as it can be stored: the common flat ones at no cost."""
    if type(value) in _SIMPLE:
        return value
    if isinstance(value, dict) and _SIMPLE.issuperset(map(type, value.values())):
        return value
    return storable(value)


def storable(value: object, depth: int = 0) -> Any:
    """The value in types that JSON and msgpack can carry; what they cannot is spelt out."""
    if isinstance(value, str):
        return sound(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**63 else _digits(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if depth < _DEEPEST:
        if isinstance(value, dict):
            return {sound(str(storable(k))): storable(v, depth + 1) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return [storable(item, depth + 1) for item in value]
    return sound(f"<{type(value).__name__}>")


def _digits(value: int) -> str:
    try:
        return str(value)
    except ValueError:  # Python writes out no more than 4,300 digits.
        return hex(value)
