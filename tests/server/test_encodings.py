"""Whatever compressed a body, what it held comes out; and no more of it than was asked for."""

import gzip
import tracemalloc
import zlib
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telltale.nouns.errors import BadInput
from telltale.server.encodings import IDENTITY, PACKED, PIECE_BYTES, unpacking, zstd

TEXT = bytes(range(256)) * 5000
MADE = {
    "identity": (IDENTITY, lambda data: data),
    "gzip": ("gzip", gzip.compress),
    "two gzips": ("gzip", lambda data: gzip.compress(data[:7]) + gzip.compress(data[7:])),
    "deflate": ("deflate", zlib.compress),
    "bare deflate": ("deflate", lambda data: zlib.compress(data, wbits=-15)),
    "zstd": ("zstd", zstd.compress),
    "zstd, hardest": ("zstd", lambda data: zstd.compress(data, 19)),
    "two zstds": ("zstd", lambda data: zstd.compress(data[:7]) + zstd.compress(data[7:])),
}


def unpacked(encoding: str, body: bytes, step: int) -> bytes:
    """What a body holds that comes in chunks of so many bytes."""
    undo = unpacking(encoding)
    pieces = [
        piece for at in range(0, len(body), step) for piece in undo.pieces(body[at : at + step])
    ]
    undo.end()
    return b"".join(pieces)


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("step", [1, 1000, 1 << 20])
def test_what_was_compressed_comes_out(name, step):
    encoding, pack = MADE[name]
    body = pack(TEXT if step > 1 else TEXT[:2000])

    assert unpacked(encoding, body, step) == (TEXT if step > 1 else TEXT[:2000])


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(list(MADE)), st.binary(max_size=500), st.integers(1, 40))
def test_however_it_comes(name, data, step):
    encoding, pack = MADE[name]

    assert unpacked(encoding, pack(data), step) == data


@pytest.mark.parametrize("encoding", PACKED)
def test_nothing_holds_nothing(encoding):
    assert unpacked(encoding, b"", 1) == b""


@pytest.mark.parametrize("name", [name for name in MADE if name != "identity"])
def test_half_of_it_is_refused(name):
    encoding, pack = MADE[name]
    with pytest.raises(BadInput, match="half of what"):
        unpacked(encoding, pack(TEXT)[:-3], 1000)


@pytest.mark.parametrize("encoding", PACKED)
@pytest.mark.parametrize("body", [b"\xff" * 99, b"not compressed at all, as it seems"])
def test_what_is_of_no_such_encoding_is_refused_with_the_remedy(encoding, body):
    with pytest.raises(BadInput) as refused:
        unpacked(encoding, body, 1000)

    assert encoding in str(refused.value) and "uncompressed" in refused.value.remedy


@pytest.mark.parametrize("encoding", PACKED)
@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_damaged_body_is_read_or_refused_and_nothing_else(encoding, data):
    body = bytearray(MADE[encoding][1](b"some words, and some words more " * 9))
    at = data.draw(st.integers(0, len(body) - 1))
    body[at] ^= data.draw(st.integers(1, 255))
    with suppress(BadInput):
        unpacked(encoding, bytes(body), 64)


@pytest.mark.parametrize("name", [name for name in MADE if name != "identity"])
def test_a_bomb_grows_no_larger_than_it_is_let(name):
    encoding, pack = MADE[name]
    bomb = pack(bytes(200 << 20))
    tracemalloc.start()
    try:
        sizes = []
        for piece in unpacking(encoding).pieces(bomb):
            sizes.append(len(piece))
            if len(sizes) == 20:
                break
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert max(sizes) <= PIECE_BYTES
    assert most < 12 << 20


def test_a_window_larger_than_the_web_allows_is_not_opened():
    level = {zstd.CompressionParameter.window_log: 27}
    body = zstd.compress(bytes(range(251)) * 600_000, options=level)

    with pytest.raises(BadInput, match="zstd"):
        unpacked("zstd", body, 1 << 20)
