"""How much is taken on at once: bodies lie in memory until they are stored.

Hundreds of programs may come back in the same moment, after the server was away for an hour. What
is beyond the bound is sent away, and comes again; its program keeps it meanwhile. Room is taken by
what has come and not by what was announced: who sends a head and then nothing takes none.

Nobody keeps room that others need by sending drop by drop: where there is none left, a body that
has not kept pace makes room, the largest first. While there is enough, a thin line may be as slow
as it likes.

What a body becomes while it is read and stored takes several times its own size. So of large ones
a few are worked on at once, which is as fast: they are decoded under one lock of Python's, and
written by one thread.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

from starlette.concurrency import run_in_threadpool

from telltale.server.counts import Count, Counts
from telltale.server.memory import give_back
from telltale.server.problems import Refusal, problem

MOST_BYTES = 96 << 20
RETRY_AFTER_S = 2
PACE_BYTES = 256 << 10
"""What a body has to bring in each stretch of `pace_s` to be sure of its place."""
PACE_S = 5.0
"""Long enough for a thread that keeps the event loop waiting not to make everybody look slow."""
LARGE_BYTES = 1 << 20
"""Our SDK sends less at a time, unless one record is larger; older ones send 4 MiB."""
LARGE_AT_ONCE = 2


class Room:
    """What one body takes, and may lose to others while it is slow to come."""

    def __init__(self, intake: "Intake") -> None:
        self._intake = intake
        self._stretch_began_s = intake.now_s()
        self._stretch_bytes = 0
        self._give_up: Callable[[], None] | None = None
        self.held = 0
        """Bytes."""
        self.is_lost = False
        """Whether it went to others."""

    def take(self, size: int) -> None:
        """Take room for so many bytes more, before they are kept.

        Raises:
            Refusal: 503, where others take the rest.
        """
        self._intake.take(self, size)
        self._stretch_bytes += size
        if self._stretch_bytes >= PACE_BYTES:
            self._stretch_began_s, self._stretch_bytes = self._intake.now_s(), 0

    @contextmanager
    def being_filled(self, give_up: Callable[[], None]) -> Iterator[None]:
        """Only within may it be lost to others.

        Args:
            give_up: Called then, to wait no more.
        """
        self._give_up = give_up
        try:
            yield
        finally:
            self._give_up = None

    def is_slow(self, pace_s: float) -> bool:
        """Whether it waits for more, and too little has come lately."""
        return self._give_up is not None and self._intake.now_s() - self._stretch_began_s > pace_s

    def lose(self) -> None:
        """Make room: whoever waits for the rest of the body gives up."""
        assert self._give_up is not None
        self.is_lost = True
        self._give_up()
        self._give_up = None


class Intake:
    """Room for bodies; used on the event loop alone."""

    def __init__(
        self,
        counts: Counts,
        most_bytes: int = MOST_BYTES,
        pace_s: float = PACE_S,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin empty.

        Args:
            pace_s: Seconds in which a body brings `PACE_BYTES`, or may lose its place.
        """
        self.now_s = now_s
        self._counts = counts
        self._most_bytes = most_bytes
        self._pace_s = pace_s
        self._bytes = 0
        self._rooms: set[Room] = set()
        self._large = asyncio.Semaphore(LARGE_AT_ONCE)

    @contextmanager
    def room(self) -> Iterator[Room]:
        """Keep what a body takes until the end of the block. One alone is always taken."""
        room = Room(self)
        self._rooms.add(room)
        try:
            yield room
        finally:
            self._rooms.discard(room)
            self._free(room)

    def take(self, room: Room, size: int) -> None:
        """Count so many bytes more to one body, at the cost of slow ones where no room is left.

        Raises:
            Refusal: 503, where none of them makes enough.
        """
        while self._bytes > room.held and self._bytes + size > self._most_bytes:
            slow = [r for r in self._rooms if r is not room and r.held and r.is_slow(self._pace_s)]
            if not slow:
                raise _full(self._bytes, self._most_bytes)
            loser = max(slow, key=lambda one: one.held)
            loser.lose()
            self._free(loser)
        room.held += size
        self._add(size)

    @asynccontextmanager
    async def turn(self, size: int) -> AsyncIterator[None]:
        """Within, a body of so many bytes is worked on. Small ones need not wait."""
        if size < LARGE_BYTES:
            yield
            return
        async with self._large:
            try:
                yield
            finally:
                await run_in_threadpool(give_back)

    def _free(self, room: Room) -> None:
        if room.held:
            self._add(-room.held)
            room.held = 0

    def _add(self, size: int) -> None:
        self._bytes += size
        self._counts.set(Count.INTAKE_BYTES, self._bytes)


def _full(held: int, most: int) -> Refusal:
    return Refusal(
        problem(
            503,
            "server-busy",
            "The server cannot take more now",
            f"{held} bytes of bodies are being read or stored, and {most} is the most at once; "
            f"send the same request again after {RETRY_AFTER_S} s",
            given=held,
            expected=f"at most {most} bytes at once",
            remedy=f"send the same request again after {RETRY_AFTER_S} s",
        ),
        # What is still on its way is not read, so the connection cannot be used again.
        {"Retry-After": str(RETRY_AFTER_S), "Connection": "close"},
    )
