"""How much is taken on at once: bodies lie in memory until they are stored.

Hundreds of programs may come back in the same moment, after the server was away for an hour. What
is beyond the bound is sent away, and comes again; its program keeps it meanwhile. Room is taken by
what has come and not by what was announced: who sends a head and then nothing takes none.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from telltale.server.counts import Count, Counts
from telltale.server.problems import Refusal, problem

MOST_BYTES = 96 << 20
RETRY_AFTER_S = 2

Take = Callable[[int], None]
"""Takes so many bytes more for one body.

Raises:
    Refusal: 503, where other bodies take the rest.
"""


class Intake:
    """Room for bodies; used on the event loop alone."""

    def __init__(
        self,
        counts: Counts,
        refusing: Callable[[], None] = lambda: None,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        """Begin empty.

        Args:
            refusing: Called when a body is sent away, whoever it is of.
        """
        self._counts = counts
        self._refusing = refusing
        self._most_bytes = most_bytes
        self._bytes = 0

    @contextmanager
    def room(self) -> Iterator[Take]:
        """Keep what a body takes until the end of the block. One alone is always taken."""
        held = 0

        def take(size: int) -> None:
            nonlocal held
            if self._bytes > held and self._bytes + size > self._most_bytes:
                self._refusing()
                raise _full(self._bytes, self._most_bytes)
            held += size
            self._add(size)

        try:
            yield take
        finally:
            if held:
                self._add(-held)

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
