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

from telltale.conventions.messages import read_messages
from telltale.tracing.secrets import MASK, is_secret_name, mask_forms

MAX_DEPTH = 12
MAX_ITEMS = 10_000
"""Of one container; what is left out is said in its place."""
MAX_REPR_CHARACTERS = 2_000

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
    return _encode(read_messages(plain(messages), said_by)).decode()


def plain(value: Any, depth: int = 0) -> Any:
    """Plain data: None, bool, int, float, str, list, dict with string keys."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, int):
        # JSON readers keep 53 bits; a bigger number is kept whole as text.
        return int(value) if -(2**63) <= value < 2**63 else str(value)
    if isinstance(value, float):
        return float(value) if value - value == 0 else str(value)
    if depth >= MAX_DEPTH:
        return "… (nested too deep)"
    if isinstance(value, Mapping):
        return _mapping(value, depth)
    if isinstance(value, list | tuple | set | frozenset):
        return _sequence(value, depth)
    return _object(value, depth)


def clean(text: str) -> str:
    """The text with lone surrogates replaced, which no encoder takes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text if type(text) is str else str(text)


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, and visibly cut where there were more."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… (cut by telltale: {len(text):,} characters)"


def bounded_repr(value: Any) -> str:
    """`repr` that does not raise, is not long, and shows no keys."""
    try:
        text = repr(value)
    except Exception as error:  # noqa: BLE001  a foreign __repr__ may raise anything
        text = f"<{type(value).__name__} whose repr raised {type(error).__name__}>"
    return cut(mask_forms(clean(text)), MAX_REPR_CHARACTERS)


def _mapping(value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for number, (key, item) in enumerate(value.items()):
        if number >= MAX_ITEMS:
            out["…"] = f"{len(value) - MAX_ITEMS:,} more"
            break
        name = clean(key) if isinstance(key, str) else bounded_repr(key)
        out[name] = MASK if is_secret_name(name) and item else plain(item, depth + 1)
    return out


def _sequence(value: Any, depth: int) -> list[Any]:
    out = []
    for number, item in enumerate(value):
        if number >= MAX_ITEMS:
            out.append(f"… {len(value) - MAX_ITEMS:,} more")
            break
        out.append(plain(item, depth + 1))
    return out


def _object(value: Any, depth: int) -> Any:
    if isinstance(value, Enum):
        return plain(value.value, depth + 1)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal | UUID | PurePath | timedelta):
        return str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return f"<{len(value):,} bytes>"
    try:
        if isinstance(value, msgspec.Struct):
            return plain(msgspec.structs.asdict(value), depth + 1)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
            return plain(fields, depth + 1)
        if callable(dump := getattr(type(value), "model_dump", None)):
            return plain(dump(value, mode="json"), depth + 1)
    except Exception:  # noqa: BLE001  a foreign object may refuse in any way
        return bounded_repr(value)
    return bounded_repr(value)
