"""Content-Encoding undone while a body comes in, a bounded piece at a time.

A few bytes may stand for gigabytes. So nothing is decompressed that nobody has asked for: who
reads the pieces counts them, and stops. Nor does a body choose how much memory its decompressor
takes: gzip and deflate have 32 KiB, and of zstd's windows no larger one is opened than RFC 9659
lets a sender use, 8 MiB.
"""

import sys
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from telltale.nouns.errors import BadInput

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PIECE_BYTES = 256 << 10
IDENTITY = "identity"
_WINDOW_LOG = 23
_GZIP, _ZLIB, _RAW = 31, 15, -15
"""Window bits, as zlib's authors number its three wrappings."""


class Unpacking(Protocol):
    """A body on its way out of its encoding."""

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """What so many bytes more of the body hold, at most `PIECE_BYTES` each.

        Raises:
            BadInput: If they are not of this encoding.
        """
        ...

    def end(self) -> None:
        """The body is over.

        Raises:
            BadInput: If what it holds is not.
        """
        ...


class _Plain:
    def pieces(self, data: bytes) -> Iterator[bytes]:
        yield data

    def end(self) -> None:
        pass


class _Packed:
    """One stream behind the other, as `cat a.gz b.gz` makes them."""

    def __init__(self, encoding: str, stream: Callable[[bytes], Any]) -> None:
        self._encoding = encoding
        self._open = stream
        self._stream: Any = None

    def pieces(self, data: bytes) -> Iterator[bytes]:
        try:
            while data:
                if self._stream is None:
                    self._stream = self._open(data)
                yield from self._pieces(data)
                data = b""
                if self._stream.eof:
                    data, self._stream = self._stream.unused_data, None
        except (zlib.error, zstd.ZstdError) as error:
            raise _unreadable(
                self._encoding, f"bytes that are not {self._encoding}: {error}"
            ) from (error)

    def _pieces(self, data: bytes) -> Iterator[bytes]:
        stream = self._stream
        while not stream.eof:
            piece = stream.decompress(data, PIECE_BYTES)
            if piece:
                yield piece
            # zlib hands back what it has not looked at; zstd keeps it.
            data = getattr(stream, "unconsumed_tail", b"")
            if not data and len(piece) < PIECE_BYTES:
                break

    def end(self) -> None:
        if self._stream is not None:
            raise _unreadable(self._encoding, f"half of what {self._encoding} made")


def _deflated(data: bytes) -> Any:
    # RFC 9110 means zlib's wrapping; some clients send the bare stream, and always did.
    is_wrapped = data[0] & 0x0F == 8 and data[0] >> 4 <= 7
    return zlib.decompressobj(_ZLIB if is_wrapped else _RAW)


_STREAMS: dict[str, Callable[[bytes], Any]] = {
    "gzip": lambda _: zlib.decompressobj(_GZIP),
    "deflate": _deflated,
    "zstd": lambda _: zstd.ZstdDecompressor(
        options={zstd.DecompressionParameter.window_log_max: _WINDOW_LOG}
    ),
}
PACKED = tuple(_STREAMS)
"""What can be undone here, besides a body as it is."""


def unpacking(encoding: str) -> Unpacking:
    """How to undo an encoding: `IDENTITY`, or one of `PACKED`."""
    return _Plain() if encoding == IDENTITY else _Packed(encoding, _STREAMS[encoding])


def _unreadable(encoding: str, what: str) -> BadInput:
    return BadInput(
        f"a body with Content-Encoding {encoding!r} holds {what}; expected the whole of one that "
        f"{encoding} has compressed; name the encoding that was used, or send it uncompressed",
        given=what,
        expected=f"a body that {encoding} has compressed",
        remedy="name the encoding that was used, or send it uncompressed",
    )
