"""OpenTelemetry's form of failing: `google.rpc.Status`, in the encoding of the request.

https://opentelemetry.io/docs/specs/otlp/#failures-1. Some exporters print the message and none
does more with it, so what was given, what was expected and what to do stand there. They
send again after 429, 502, 503 and 504 only: a full disk, which will not stay full, is told as 503.
"""

from collections.abc import Mapping

import msgspec

from telltale.nouns.answers import Problem
from telltale.server.forms import Form, Told

JSON = "application/json"
PROTOBUF = "application/x-protobuf"
_CODES = {
    400: 3,  # INVALID_ARGUMENT
    403: 7,  # PERMISSION_DENIED
    404: 5,  # NOT_FOUND
    405: 12,  # UNIMPLEMENTED
    408: 4,  # DEADLINE_EXCEEDED
    413: 8,  # RESOURCE_EXHAUSTED
    415: 3,
    500: 13,  # INTERNAL
    503: 14,  # UNAVAILABLE
    507: 14,
}
_UNKNOWN = 2


class RpcStatus(msgspec.Struct, frozen=True):
    """Why a request failed, as gRPC has it."""

    code: int
    """https://github.com/grpc/grpc/blob/master/doc/statuscodes.md"""
    message: str


def media_of(headers: Mapping[str, str]) -> str:
    """The media type of a request's body, without parameters; empty where none is named."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def encode_status(status: RpcStatus) -> bytes:
    """`google.rpc.Status` in protobuf: two fields, for which no package need be installed."""
    message = status.message.encode("utf-8", "replace")
    return b"\x08" + _varint(status.code) + b"\x12" + _varint(len(message)) + message


def _tell(problem: Problem, asked_with: Mapping[str, str]) -> Told:
    words = problem.detail
    if problem.remedy and problem.remedy not in words:
        words = f"{words}; {problem.remedy}"
    status = RpcStatus(_CODES.get(problem.status, _UNKNOWN), words)
    if media_of(asked_with) == PROTOBUF:
        return Told(encode_status(status), PROTOBUF)
    return Told(msgspec.json.encode(status), JSON)


def _varint(number: int) -> bytes:
    said = bytearray()
    while number > 0x7F:
        said.append(number & 0x7F | 0x80)
        number >>= 7
    said.append(number)
    return bytes(said)


RPC_STATUS = Form(
    tell=_tell,
    shape=RpcStatus,
    media=(JSON, PROTOBUF),
    becomes={507: 503},
    again_after_s=30,
    # Python's (1.45) prints "Bad Request", and of a partial success nothing.
    is_shown=False,
)
