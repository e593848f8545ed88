"""Look after the journal folder on the side: its bound, and what dead processes left in it.

A server on this machine takes orphans in by itself. For one elsewhere, the next process that
speaks to it brings them along, in a thread of its own so that nobody waits for them.
"""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from telltale.tracing.bound import DROPPED, MOST_BYTES, drop_oldest
from telltale.tracing.guard import background, fault, say_once
from telltale.tracing.orphans import Orphans, has_orphans

LOOK_EVERY_S = 10.0
"""And whenever a segment is full."""
ADOPT_EVERY_S = 30.0


class Keeper:
    """One process's share in looking after the folder.

    The watchman's thread holds it to its bound; the shipper's tells of servers that answer.
    """

    def __init__(
        self,
        folder: Path,
        most_bytes: int = MOST_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.dropped_segments = 0
        self.dropped_bytes = 0
        self._folder = folder
        self._most_bytes = most_bytes
        self._clock = clock
        self._next_look = 0.0
        self._segment = 0
        self._adopted_at: dict[str, float] = {}
        self._adopting: threading.Thread | None = None
        self._orphans: dict[str, Orphans] = {}
        """By destination."""

    def look_after(self, segment: int) -> None:
        """Hold the folder to its bound, where it is time for a look.

        Args:
            segment: The one that is written now.

        Raises:
            OSError: If the folder cannot be read.
        """
        if self._clock() < self._next_look and segment == self._segment:
            return
        self._segment, self._next_look = segment, self._clock() + LOOK_EVERY_S
        dropped = drop_oldest(self._folder, self._most_bytes)
        if not dropped:
            return
        self.dropped_segments += len(dropped)
        self.dropped_bytes += sum(one.bytes for one in dropped)
        say_once(
            "journal over its bound",
            "Telltale: %s holds more than %d MiB that no server came for: the oldest spans are "
            "dropped, %d segments so far, each noted in %s there. Start the server, or run "
            "`telltale doctor`.",
            self._folder,
            self._most_bytes >> 20,
            self.dropped_segments,
            DROPPED,
        )

    def answered(self, destination: str) -> None:
        """A server takes what we send: it shall have what dead processes left for it, too."""
        if self._clock() < self._adopted_at.get(destination, 0.0):
            return
        if self._adopting is not None and self._adopting.is_alive():
            return
        self._adopted_at[destination] = self._clock() + ADOPT_EVERY_S
        try:
            if has_orphans(self._folder):
                self._adopting = background("telltale-orphans", self._adopt, destination)
                self._adopting.start()
        except RuntimeError:
            pass  # The interpreter is ending; the next process looks for them.
        except OSError as error:
            fault("looking for orphans", error)

    def sum_up(self) -> None:
        """At the end of the program: how much was dropped in all."""
        if self.dropped_segments > 1:
            say_once(
                "segments dropped in all",
                "Telltale: %d segments (%.1f MiB) of recorded spans were dropped in all.",
                self.dropped_segments,
                self.dropped_bytes / (1 << 20),
            )

    def _adopt(self, destination: str) -> None:
        try:
            for _ in self._left_for(destination).ship():
                pass  # What could not be sent waits for the next look.
        except Exception as error:  # noqa: BLE001  the user's program comes first
            fault("shipping orphans", error)

    def _left_for(self, destination: str) -> Orphans:
        if destination not in self._orphans:
            self._orphans[destination] = Orphans(self._folder, lambda to: to == destination)
        return self._orphans[destination]
