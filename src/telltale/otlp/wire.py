"""The pieces of OTLP's JSON encoding: keys, ids, times, `AnyValue`.

A value maps as it is: text, bool, 64-bit integer, float (NaN and infinities too), bytes, list,
dict, None. What OTLP cannot hold becomes text: an integer beyond 64 bits, a foreign object.
"""

import json
import math
import re
from base64 import b64decode, b64encode
from binascii import Error as BinasciiError
from functools import cache
from typing import Any

import msgspec

from telltale.nouns.errors import BadInput

MOST_BRACKETS = 2_000_000
"""In one document: `{}` takes three bytes as text and thirty times that as a dict. Spans with the
shortest of attributes have one in twenty bytes, and a body of 24 MiB no more than this."""
_NOT_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_HUMP = re.compile("([A-Z])")


def parse(body: bytes) -> Any:
    """What a body of JSON text holds.

    Raises:
        BadInput: If it is no JSON, or would take many times its size.
    """
    try:
        return decode(body)
    except ValueError as error:
        raise BadInput(
            f"OTLP JSON: a body of {len(body)} bytes is no JSON: {error}; expected an object as "
            "opentelemetry-proto's JSON encoding writes it; if it is protobuf, send it as "
            "application/x-protobuf",
            given=body[:40].decode("utf-8", "replace"),
            expected="JSON text",
            remedy="send JSON, or name the type that it is of",
        ) from error


def decode(body: bytes) -> Any:
    """The same, where what is to be said of a text that is no JSON is for the caller.

    Raises:
        ValueError: If it is no JSON.
        BadInput: If it would take many times its size.
    """
    brackets = body.count(b"{") + body.count(b"[")
    if brackets > MOST_BRACKETS:
        raise BadInput(
            f"OTLP JSON: {brackets} objects and lists in one document: expected at most "
            f"{MOST_BRACKETS}; send fewer at a time",
            given=brackets,
            expected=f"at most {MOST_BRACKETS} objects and lists",
            remedy="send fewer at a time",
        )
    try:
        try:
            return msgspec.json.decode(body)
        except msgspec.DecodeError:
            # JavaScript writes half a surrogate pair where a text was cut, Python NaN.
            return json.loads(body)
    except RecursionError as error:
        raise ValueError(str(error)) from error


def to_attributes(values: dict[str, Any]) -> list[dict[str, Any]]:
    """A dict as a list of `KeyValue`."""
    return [{"key": key, "value": to_value(value)} for key, value in values.items()]


def to_value(value: object) -> dict[str, Any]:
    """A value as `AnyValue`; None is the empty one."""
    if value is None:
        return {}
    if isinstance(value, str):
        return {"stringValue": value}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)} if _fits(value) else {"stringValue": f"{value:#x}"}
    if isinstance(value, float):
        if math.isfinite(value):
            return {"doubleValue": value}
        return {
            "doubleValue": "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
        }
    if isinstance(value, bytes | bytearray | memoryview):
        return {"bytesValue": b64encode(value).decode()}
    if isinstance(value, dict):
        return {"kvlistValue": {"values": to_attributes({str(k): v for k, v in value.items()})}}
    if isinstance(value, list | tuple):
        return {"arrayValue": {"values": [to_value(item) for item in value]}}
    return {"stringValue": str(value)}


def from_attributes(holder: dict[str, Any], key: str = "attributes") -> dict[str, Any]:
    """The list of `KeyValue` under a key as a dict; of two with one name the later counts."""
    pairs = (record(pair, "attribute") for pair in items(holder, key))
    return {text(pair, "key"): from_value(record(pair.get("value"), "value")) for pair in pairs}


def from_value(value: dict[str, Any]) -> Any:
    """What an `AnyValue` holds.

    Raises:
        BadInput: If it is not one; a kind of value that is not known here is None.
    """
    for key, held in value.items():
        read = _READERS.get(key)
        if read is not None and held is not None:
            return read(held)
    return None


def items(holder: dict[str, Any], key: str) -> list[Any]:
    """The list under a key; absent is empty."""
    value = field(holder, key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise malformed(key, value, "a list")
    return value


def record(value: object, what: str) -> dict[str, Any]:
    """The value as an object; absent is empty."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise malformed(what, value, "an object")
    return value


def text(holder: dict[str, Any], key: str) -> str:
    """The text under a key; absent is empty."""
    value = field(holder, key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise malformed(key, value, "a string")
    return value


def moment(holder: dict[str, Any], key: str) -> int:
    """Unix nanoseconds under a key, which OTLP writes as text; absent is zero."""
    value = field(holder, key)
    return 0 if value is None else _integer(value, key)


def trace_id(holder: dict[str, Any], key: str) -> bytes:
    """The trace id under a key."""
    return _id(holder, key, 16)


def span_id(holder: dict[str, Any], key: str) -> bytes:
    """The span id under a key."""
    return _id(holder, key, 8)


def field(holder: dict[str, Any], key: str) -> Any:
    """The value under a camelCase key, or under the same in snake_case; None where absent."""
    value = holder.get(key)
    return holder.get(_snake_case(key)) if value is None else value


@cache
def _snake_case(key: str) -> str:
    return _HUMP.sub(r"_\1", key).lower()


def malformed(what: str, given: object, expected: str) -> BadInput:
    """The error for a part of a document that is not what OTLP has there."""
    try:
        shown = repr(given)
    except ValueError:  # Python writes out no more than 4,300 digits.
        shown = "a number of thousands of digits"
    shown = shown if len(shown) <= 80 else f"{shown[:80]}…"
    return BadInput(
        f"OTLP JSON: {what} {shown}: expected {expected}; see the OTLP/JSON encoding",
        given=shown,
        expected=expected,
        remedy="send what opentelemetry-proto's JSON encoding writes",
    )


def _fits(value: int) -> bool:
    return -(2**63) <= value < 2**63


def _integer(value: object, what: str) -> int:
    number: object = value
    if isinstance(value, str) and len(value) <= 20:
        try:
            number = int(value)
        except ValueError:
            number = None
    if isinstance(number, bool) or not isinstance(number, int) or not _fits(number):
        raise malformed(what, value, "a 64-bit integer, as a string")
    return number


def _id(holder: dict[str, Any], key: str, size: int) -> bytes:
    digits = text(holder, key)
    try:
        # protobuf's own JSON writes bytes as base64; OTLP says hex, and not everybody listens.
        value = (
            bytes.fromhex(digits) if len(digits) == 2 * size else b64decode(digits, validate=True)
        )
    except (ValueError, BinasciiError):
        value = b""
    if len(value) != size or not any(value):
        raise malformed(key, digits, f"{2 * size} hexadecimal digits, not all zero")
    return value


def _text(value: object) -> str:
    return text({"stringValue": value}, "stringValue")


def _bool(value: object) -> bool:
    if not isinstance(value, bool):
        raise malformed("boolValue", value, "true or false")
    return value


def _double(value: object) -> float:
    if isinstance(value, str) and value in _NOT_FINITE:
        return _NOT_FINITE[value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise malformed("doubleValue", value, "a number")
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _bytes(value: object) -> bytes:
    try:
        return b64decode(_text(value), validate=True)
    except (ValueError, BinasciiError):
        raise malformed("bytesValue", value, "base64") from None


def _list(value: object) -> list[Any]:
    return [from_value(record(v, "value")) for v in items(record(value, "arrayValue"), "values")]


def _dict(value: object) -> dict[str, Any]:
    return from_attributes(record(value, "kvlistValue"), "values")


_READERS = {
    "stringValue": _text,
    "intValue": lambda value: _integer(value, "intValue"),
    "boolValue": _bool,
    "doubleValue": _double,
    "arrayValue": _list,
    "kvlistValue": _dict,
    "bytesValue": _bytes,
}
_READERS |= {_snake_case(key): read for key, read in _READERS.items()}
