"""Log records and metrics of an export request, counted; what is in them is not read.

Of log records those are told apart that are events of OpenTelemetry's GenAI conventions: a model's
messages, where a program sends them beside its spans, and evaluations.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from telltale.otlp.envelope import fields, groups
from telltale.otlp.wire import items, record

_GENAI = "gen_ai."
_OLD_NAME = "event.name"
"""The attribute that named an event before log records had a field for it (OTLP 1.5)."""
_ATTRIBUTES, _EVENT_NAME = 6, 12


class Counted(msgspec.Struct, frozen=True):
    """How many there are."""

    genai: int = 0
    other: int = 0


def count_protobuf(body: bytes) -> Counted:
    """Of an export request for logs or metrics.

    Raises:
        BadInput: If it is not framed as protobuf is.
    """
    names = [_event_name(body, *item) for group in groups(body) for item in group.items]
    return _counted(names)


def count_json(data: object, signal: str) -> Counted:
    """Of the same as JSON.

    Args:
        signal: `Logs` or `Metrics`, as the document's keys have it.

    Raises:
        BadInput: If it is not built as such a request is.
    """
    many = "logRecords" if signal == "Logs" else "metrics"
    names = [
        _event_name_in(record(item, many))
        for resource in items(record(data, f"{signal} data"), f"resource{signal}")
        for scope in items(record(resource, "resource"), f"scope{signal}")
        for item in items(record(scope, "scope"), many)
    ]
    return _counted(names)


def _counted(names: list[str]) -> Counted:
    genai = sum(name.startswith(_GENAI) for name in names)
    return Counted(genai, len(names) - genai)


def _event_name(body: bytes, begin: int, end: int) -> str:
    for number, at, to in fields(body, begin, end):
        if number == _EVENT_NAME:
            return body[at:to].decode("utf-8", "replace")
        if number == _ATTRIBUTES:
            pair = dict(_texts(body, at, to))
            if pair.get(1) == _OLD_NAME.encode():
                return dict(_texts(pair.get(2, b""), 0, None)).get(1, b"").decode(errors="replace")
    return ""


def _texts(body: bytes, begin: int, end: int | None) -> Iterator[tuple[int, bytes]]:
    stop = len(body) if end is None else end
    return ((number, body[at:to]) for number, at, to in fields(body, begin, stop))


def _event_name_in(log: dict[str, Any]) -> str:
    name = log.get("eventName") or log.get("event_name")
    for pair in () if name else items(log, "attributes"):
        if isinstance(pair, dict) and pair.get("key") == _OLD_NAME:
            name = record(pair.get("value"), "value").get("stringValue")
    return name if isinstance(name, str) else ""
