"""A request's body as it comes in: bounded in bytes, in time, and by what all bodies take together.

It is decompressed on its way: what is held and counted is what it holds, never both.

Nobody is waited for for ever. Who sends a head and then stalls, or drips, would hold memory that
others need; it is told so, at once where they do need it, and keeps what it has until it can send
it.

Who sends no head, or half of one, holds a descriptor for as long as it likes, and little memory:
uvicorn (0.54) counts `timeout_keep_alive` from an answer on, has no setting for what comes before
the first, and calls the app once a head is whole. Only programs of this machine get as far.
"""

import asyncio
import io
from collections.abc import AsyncIterator

from telltale.server.encodings import Unpacking
from telltale.server.intake import PACE_BYTES, Room
from telltale.server.problems import Refusal, problem
from telltale.server.settings import Patience


async def read_body(
    stream: AsyncIterator[bytes],
    limit: int,
    declared: str,
    patience: Patience,
    room: Room,
    unpacking: Unpacking,
) -> bytes:
    """A body of at most `limit` bytes, whatever its Content-Length says, out of its encoding.

    Args:
        limit: Holds for the bytes that come, and for those that they stand for.
        declared: Content-Length; empty where there is none.
        room: Taken by what has come, before it is kept.

    Raises:
        BadInput: If it is not in its encoding, or ends before it.
        Refusal: 408 when patience has an end, or others need the room of a body that is slow; 413
            before more than `limit` bytes are held; 503 where there is no room.
    """
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(int(declared), limit)
    # Unlike a bytearray, it gives its bytes away without a copy.
    body = io.BytesIO()
    came = 0
    now_s = asyncio.get_running_loop().time
    whole_by_s = now_s() + patience.whole_s
    try:
        async with asyncio.timeout(min(patience.silent_s, patience.whole_s)) as wait:
            with room.being_filled(lambda: None if wait.expired() else wait.reschedule(now_s())):
                async for chunk in stream:
                    came += len(chunk)
                    if came > limit:
                        raise _too_large(came, limit)
                    if not room.is_lost:
                        for piece in unpacking.pieces(chunk):
                            _keep(piece, body, limit, room)
                        wait.reschedule(min(now_s() + patience.silent_s, whole_by_s))
    except TimeoutError as error:
        raise _too_slow(came, patience, is_lost=room.is_lost) from error
    if room.is_lost:
        raise _too_slow(came, patience, is_lost=True)
    unpacking.end()
    return body.getvalue()


def _keep(piece: bytes, body: io.BytesIO, limit: int, room: Room) -> None:
    size = body.tell() + len(piece)
    if size > limit:
        raise _too_large(size, limit)
    room.take(len(piece))
    body.write(piece)


def _too_large(size: int, limit: int) -> Refusal:
    return Refusal(
        problem(
            413,
            "too-large",
            "The body is too large",
            f"a body of {size} bytes or more: this route takes at most {limit}, uncompressed",
            given=size,
            expected=f"at most {limit} bytes",
            remedy="send fewer records at a time",
        ),
        # What is still on its way is not read, so the connection cannot be used again.
        {"Connection": "close"},
    )


def _too_slow(came: int, patience: Patience, *, is_lost: bool) -> Refusal:
    expected = (
        f"{PACE_BYTES} bytes each {patience.pace_s:g} s while others need the room"
        if is_lost
        else f"more of it within {patience.silent_s:g} s, and all of it within "
        f"{patience.whole_s:g} s"
    )
    remedy = "send the same request again; over a slow line, send fewer records at a time"
    return Refusal(
        problem(
            408,
            "too-slow",
            "The body did not come in time",
            f"{came} bytes of a body came, and it was not whole: expected {expected}; {remedy}",
            given=f"{came} bytes",
            expected=expected,
            remedy=remedy,
        ),
        {"Connection": "close"},
    )
