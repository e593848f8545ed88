"""What is around spans, log records and metrics in OTLP's protobuf: resources and scopes.

All three requests have the same envelope under the same field numbers. It is walked here, byte by
byte, and what is in it is left as it stands. So each span is decoded by itself: one that is faulty
takes no neighbours with it, and of a body made of ten million empty messages, two bytes each, no
object is made but the error.

https://protobuf.dev/programming-guides/encoding/
"""

from collections.abc import Iterator

import msgspec

from telltale.nouns.errors import BadInput

MOST_PARTS = 100_000
"""Spans, scopes and resources of one body. An exporter sends 512 spans at a time, a Collector
8,192."""
MOST_IN_A_SPAN = 1_000_000
"""Attributes, events and links of one span with all that is in them: vectors have a part for each
number."""
_VARINT, _EIGHT_BYTES, _BYTES, _FOUR_BYTES = 0, 1, 2, 5


class Group(msgspec.Struct, frozen=True):
    """What shares a resource and a scope."""

    resource: bytes
    """A `Resource` message."""
    scope: bytes
    """An `InstrumentationScope` message."""
    items: list[tuple[int, int]]
    """Where in the body each span, log record or metric begins and ends."""


def groups(body: bytes) -> list[Group]:
    """The groups of an export request, in their order.

    Raises:
        BadInput: If it is not framed as protobuf is, or has too many parts.
    """
    found: list[Group] = []
    parts = 0
    for number, begin, end in fields(body, 0, len(body)):
        if number != 1:
            continue
        resource, scopes = _split(body, begin, end)
        parts += 1 + len(scopes)
        for scope_begin, scope_end in scopes:
            scope, items = _split(body, scope_begin, scope_end)
            parts += len(items)
            found.append(Group(resource, scope, items))
            if parts > MOST_PARTS:
                raise _too_many(MOST_PARTS)
        if parts > MOST_PARTS:
            raise _too_many(MOST_PARTS)
    return found


def fields(
    body: bytes, begin: int, end: int, most: int = MOST_PARTS
) -> Iterator[tuple[int, int, int]]:
    """Fields of a message that are texts, bytes or messages: number, begin and end of each.

    Raises:
        BadInput: If it is not framed as protobuf is, or has too many.
    """
    at = begin
    passed = 0
    while at < end:
        passed += 1
        if passed > most:
            raise _too_many(most)
        tag, at = _varint(body, at, end)
        number, kind = tag >> 3, tag & 7
        if kind == _BYTES:
            size, at = _varint(body, at, end)
            if size > end - at:
                raise _torn(at, f"{size} bytes more, where {end - at} are left")
            yield number, at, at + size
            at += size
        elif kind == _VARINT:
            _, at = _varint(body, at, end)
        elif kind in (_EIGHT_BYTES, _FOUR_BYTES):
            at += 8 if kind == _EIGHT_BYTES else 4
            if at > end:
                raise _torn(end, "a number, where the message ends")
        else:
            raise _torn(at, f"wire type {kind}, which proto3 does not have")


def weigh_span(body: bytes) -> None:
    """Look how many parts a `Span` is made of, at any depth, before an object is made of each.

    Raises:
        BadInput: If they are too many, or it is not framed as protobuf is.
    """
    parts = 0
    ahead = [("span", 0, len(body))]
    while ahead:
        what, begin, end = ahead.pop()
        inside = _INSIDE[what]
        for number, at, to in fields(body, begin, end, MOST_IN_A_SPAN):
            parts += 1
            if number in inside:
                ahead.append((inside[number], at, to))
        if parts > MOST_IN_A_SPAN:
            raise _too_many(MOST_IN_A_SPAN)


_INSIDE = {
    "span": {9: "pair", 11: "event", 13: "link"},
    "event": {3: "pair"},
    "link": {4: "pair"},
    "pair": {2: "value"},
    "value": {5: "list", 6: "map"},
    "list": {1: "value"},
    "map": {1: "pair"},
}
"""What has parts of its own, by the numbers of its fields."""


def _split(body: bytes, begin: int, end: int) -> tuple[bytes, list[tuple[int, int]]]:
    """What comes first in a resource's or a scope's entry, and where the many are behind it."""
    head: list[bytes] = []
    many: list[tuple[int, int]] = []
    for number, at, to in fields(body, begin, end):
        if number == 1:
            head.append(body[at:to])
        elif number == 2:
            many.append((at, to))
    # A message that comes in two parts is one: protobuf reads them behind one another.
    return b"".join(head), many


def _varint(body: bytes, at: int, end: int) -> tuple[int, int]:
    """A number and where it ends."""
    value = shift = 0
    while at < end and shift < 70:
        byte = body[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise _torn(at, "a number that does not end")


def _torn(at: int, what: str) -> BadInput:
    return BadInput(
        f"OTLP protobuf: at byte {at} stands {what}; expected a whole export request; send what an "
        "OpenTelemetry exporter writes, or JSON as application/json",
        given=what,
        expected="an export request in protobuf",
        remedy="send what an OpenTelemetry exporter writes, or JSON as application/json",
    )


def _too_many(most: int) -> BadInput:
    return BadInput(
        f"OTLP protobuf: more than {most} parts where one request may have {MOST_PARTS} spans, "
        f"scopes and resources, and a span {MOST_IN_A_SPAN} attributes, values and events; "
        "send fewer at a time",
        given=f"more than {most}",
        expected=f"at most {most}",
        remedy="send fewer at a time",
    )
