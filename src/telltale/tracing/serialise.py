"""Turn the user's values into text that is safe to keep: bounded, masked, never raising."""

import dataclasses
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any
from uuid import UUID

import msgspec

from telltale.conventions.messages import messages_in, read_messages
from telltale.tracing.guard import ours
from telltale.tracing.secret_forms import MASK, mask_forms
from telltale.tracing.secret_names import is_secret_name

MAX_DEPTH = 12
MAX_ITEMS = 10_000
"""Of one container; what is left out is said in its place."""
MAX_VALUES = 100_000
"""Of all containers of one value together: a graph has no end of paths through it."""
MAX_REPR_CHARACTERS = 2_000
MAX_WORDS_CHARACTERS = 32_000

_AS_THEY_ARE = frozenset((type(None), bool))

_encode = msgspec.json.Encoder().encode


def to_json(value: Any) -> str:
    """JSON text of any value. Foreign objects become a bounded, masked `repr`."""
    return _encode(plain(value)).decode()


def to_text(value: Any) -> str:
    """A string as it stands, anything else as JSON."""
    return clean(value) if isinstance(value, str) else to_json(value)


def messages_to_json(messages: Any, said_by: str) -> str:
    """Messages in a provider's spelling as JSON in OpenTelemetry's.

    Args:
        said_by: The role of words that stand there without one.
    """
    said = plain(messages)
    read = messages_in if isinstance(said, list | dict) else read_messages
    return _encode(read(said, said_by)).decode()


def plain(value: Any) -> Any:
    """Plain data: None, bool, int, float, str, list, dict with string keys."""
    return _plain(value, _Walk())


class _Walk:
    """How much room is left for a value, and which containers we are inside of."""

    __slots__ = ("inside", "room")

    def __init__(self) -> None:
        self.inside: set[int] = set()
        self.room = MAX_VALUES


def _plain(value: Any, walk: _Walk) -> Any:
    kind = type(value)
    if kind in _AS_THEY_ARE or (kind is str and value.isascii()):
        return value
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, int):
        # JSON readers keep 53 bits; a bigger number is kept whole as text.
        return int(value) if -(2**63) <= value < 2**63 else str(value)
    if isinstance(value, float):
        return float(value) if value - value == 0 else str(value)
    if id(value) in walk.inside:
        return "… (contains itself)"
    if len(walk.inside) >= MAX_DEPTH:
        return "… (nested too deep)"
    walk.inside.add(id(value))
    try:
        # What a value is an abstract class answers slowly, and it mostly is one of these.
        if kind is dict or (kind is not list and isinstance(value, Mapping)):
            return _mapping(value, walk)
        if isinstance(value, list | tuple | set | frozenset):
            return _sequence(value, walk)
        return _object(value, walk)
    except ours(Exception):  # A foreign object may refuse in any way.
        return bounded_repr(value)
    finally:
        walk.inside.discard(id(value))


def clean(text: str) -> str:
    """The text with lone surrogates replaced, which no encoder takes."""
    if type(text) is str and text.isascii():
        return text
    # Not by methods of its own: a subclass may have others, and an enum's `str` is its name.
    try:
        str.encode(text)
    except UnicodeEncodeError:
        return str.encode(text, "utf-8", "replace").decode()
    return text if type(text) is str else str.__str__(text)


def words(value: Any) -> str:
    """A name, a tag, an error's message: as `str` has it, where that does not raise."""
    if isinstance(value, str):
        return clean(value)
    try:
        text = str(value)
    except ours(Exception):  # A foreign __str__ may raise anything.
        return bounded_repr(value)
    return mask_forms(cut(clean(text), MAX_WORDS_CHARACTERS))


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, and visibly cut where there were more."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… (cut by telltale: {len(text):,} characters)"


def bounded_repr(value: Any) -> str:
    """`repr` that does not raise, is not long, and shows no keys."""
    try:
        text = repr(value)
    except ours(Exception) as error:  # A foreign __repr__ may raise anything.
        text = f"<{type(value).__name__} whose repr raised {type(error).__name__}>"
    return cut(mask_forms(clean(text)), MAX_REPR_CHARACTERS)


def _mapping(value: Mapping[Any, Any], walk: _Walk) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for number, (key, item) in enumerate(value.items()):
        if number >= MAX_ITEMS or walk.room <= 0:
            out["…"] = f"{len(value) - number:,} more"
            break
        walk.room -= 1
        name = clean(key) if isinstance(key, str) else bounded_repr(key)
        if is_secret_name(name) and _is_said(item):
            out[name] = MASK
        else:
            out[name] = item if type(item) is str and item.isascii() else _plain(item, walk)
    return out


def _is_said(item: Any) -> bool:
    """Whether there is something to mask; an empty value tells more as it is."""
    return item is not None and not (isinstance(item, str | bytes) and not len(item))


def _sequence(value: Any, walk: _Walk) -> list[Any]:
    out = []
    for number, item in enumerate(value):
        if number >= MAX_ITEMS or walk.room <= 0:
            out.append(f"… {len(value) - number:,} more")
            break
        walk.room -= 1
        out.append(_plain(item, walk))
    return out


def _object(value: Any, walk: _Walk) -> Any:
    if isinstance(value, Enum):
        return _plain(value.value, walk)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal | UUID | PurePath | timedelta):
        return str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return f"<{len(value):,} bytes>"
    if isinstance(value, msgspec.Struct):
        return _plain(msgspec.structs.asdict(value), walk)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        return _plain(fields, walk)
    if callable(dump := getattr(type(value), "model_dump", None)):
        return _plain(dump(value, mode="json"), walk)
    return bounded_repr(value)
