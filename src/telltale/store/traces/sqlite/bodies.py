"""The raw span as it lies in the store: word for word, and apart from what its process shares.

The codec byte says how. It is written with each body, so that a store may hold several, and one
that this program does not know is refused by name and never guessed at.
"""

import hashlib
from typing import Any

import msgspec

from telltale.nouns.errors import BadInput, StoreBroken
from telltale.nouns.remedies import UPDATE_THIS
from telltale.nouns.span import RawEvent, RawLink, RawSpan
from telltale.nouns.text import sound
from telltale.store.traces.sqlite.border import fit_int, fit_value

MSGPACK = 0
"""msgpack map of `RawSpan` with field names, without its resource."""

UNREADABLE = (msgspec.MsgspecError, ValueError, TypeError, RecursionError)
"""What reading a row raises that a damaged disk has changed: msgspec lets through what Python's
own decoder of text says."""
OF_DAMAGE = "restore a backup; `telltale traces export --trace ID` saves other traces"

_encoder = msgspec.msgpack.Encoder()
_sorting_encoder = msgspec.msgpack.Encoder(order="deterministic")
_decoder = msgspec.msgpack.Decoder(RawSpan)
_resource_decoder = msgspec.msgpack.Decoder(dict[str, Any])


def encode_body(raw: RawSpan) -> bytes:
    """The span without its resource.

    Raises:
        BadInput: If it holds what no program can have read from a wire.
    """
    try:
        bare = msgspec.structs.replace(raw, resource={})
        try:
            return _encoder.encode(bare)
        except (OverflowError, UnicodeEncodeError, RecursionError):
            return _encoder.encode(_fitted(bare))
    except (TypeError, ValueError) as error:
        raise BadInput(
            f"span {raw.span_id!r} cannot be stored: {error}; "
            "attributes are texts, numbers, lists and maps",
            given=raw.name,
            expected="attributes of texts, numbers, lists and maps",
        ) from error


def decode_body(codec: int, body: bytes, resource: dict[str, Any], where: str) -> RawSpan:
    """The span as it was given to `encode_body`, its resource attached again.

    Args:
        where: What to call the span in an error.

    Raises:
        StoreBroken: If the codec is one of a later version, or the bytes are damaged.
    """
    if codec != MSGPACK:
        raise StoreBroken(
            f"{where}: body is written in codec {codec}, this Telltale reads {MSGPACK}; "
            f"{UPDATE_THIS}"
        )
    try:
        raw = _decoder.decode(body)
    except UNREADABLE as error:
        raise StoreBroken(f"{where}: body is damaged ({error}); {OF_DAMAGE}") from error
    return msgspec.structs.replace(raw, resource=resource) if resource else raw


class PackedResource(msgspec.Struct, frozen=True):
    """A process's resource and what it is known by."""

    hash: bytes
    body: bytes


def pack_resource(resource: dict[str, Any]) -> PackedResource:
    """Equal resources have equal bytes, whatever the order of their keys."""
    try:
        body = _sorting_encoder.encode(resource)
    except (OverflowError, UnicodeEncodeError, RecursionError):
        body = _sorting_encoder.encode(fit_value(resource))
    return PackedResource(hashlib.sha256(body).digest(), body)


def unpack_resource(body: bytes | None) -> dict[str, Any]:
    """The resource; empty where the span had none."""
    return _resource_decoder.decode(body) if body else {}


def _fitted(raw: RawSpan) -> RawSpan:
    return RawSpan(
        trace_id=raw.trace_id,
        span_id=raw.span_id,
        parent_id=raw.parent_id,
        name=sound(raw.name),
        start_ns=fit_int(raw.start_ns),
        end_ns=None if raw.end_ns is None else fit_int(raw.end_ns),
        span_kind=sound(raw.span_kind),
        status=raw.status,
        status_message=sound(raw.status_message),
        attributes=fit_value(raw.attributes),
        events=tuple(
            RawEvent(sound(e.name), fit_int(e.time_ns), fit_value(e.attributes)) for e in raw.events
        ),
        links=tuple(RawLink(x.trace_id, x.span_id, fit_value(x.attributes)) for x in raw.links),
        scope=sound(raw.scope),
        experiment=sound(raw.experiment),
    )
