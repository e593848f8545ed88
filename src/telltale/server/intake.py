"""How much is taken on at once: bodies lie in memory until they are stored.

Hundreds of programs may come back in the same moment, after the server was away for an hour. What
is beyond the bound is sent away before it is read, and comes again; its program keeps it meanwhile.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from telltale.server.counts import Counts
from telltale.server.problems import Refusal, problem

MOST_BYTES = 96 << 20
RETRY_AFTER_S = 2


class Intake:
    """Room for bodies; used on the event loop alone."""

    def __init__(self, counts: Counts, most_bytes: int = MOST_BYTES) -> None:
        self._counts = counts
        self._most_bytes = most_bytes
        self._bytes = 0

    @contextmanager
    def room(self, size: int) -> Iterator[None]:
        """Keep room for a body inside the block. One alone is always taken.

        Raises:
            Refusal: 503, where others take all of it.
        """
        if not size:
            yield
            return
        if self._bytes and self._bytes + size > self._most_bytes:
            self._counts.add("telltale_refused_total", label='reason="intake"')
            raise _full(self._bytes, self._most_bytes)
        self._add(size)
        try:
            yield
        finally:
            self._add(-size)

    def _add(self, size: int) -> None:
        self._bytes += size
        self._counts.set("telltale_intake_bytes", self._bytes)


def _full(held: int, most: int) -> Refusal:
    return Refusal(
        problem(
            503,
            "server-busy",
            "The server cannot take more now",
            f"{held} bytes of bodies are being stored, and {most} is the most at once; "
            f"send the same request again after {RETRY_AFTER_S} s",
            given=held,
            expected=f"at most {most} bytes at once",
            remedy=f"send the same request again after {RETRY_AFTER_S} s",
        ),
        # What is still on its way is not read, so the connection cannot be used again.
        {"Retry-After": str(RETRY_AFTER_S), "Connection": "close"},
    )
