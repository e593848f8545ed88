"""Keep one journal in order, and say that its process lives, however long a server takes.

In a thread of its own: whoever ships may wait for a slow server, and meanwhile others close our
descriptors, delete our files, fill the disk.
"""

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from msgspec.structs import replace

from telltale.tracing.guard import background, sheltered
from telltale.tracing.journal import Journal
from telltale.tracing.keeper import Keeper
from telltale.tracing.records import Beat, encode_beat

LOOK_EVERY_S = 0.1
BEAT_S = 10.0
"""A server that hears nothing for four of them takes the process for dead."""


class Traffic(NamedTuple):
    """What the shipping has come to."""

    retries: int
    waiting_bytes: int


class Watchman:
    """The thread that looks after one journal."""

    def __init__(
        self,
        journal: Journal,
        keeper: Keeper,
        traffic: Callable[[], Traffic],
        tell: Callable[[bytes], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._journal = journal
        self._keeper = keeper
        self._traffic = traffic
        self._tell = tell
        """Bring a record to the server that the disk has refused."""
        self._clock = clock
        self._next_beat = clock() + BEAT_S
        self._stopping = threading.Event()
        self._thread = background("telltale-watch", self._run)

    def start(self) -> None:
        """Begin to look; a second time does nothing.

        Raises:
            RuntimeError: If the interpreter is ending.
        """
        if self._thread.ident is None:
            self._thread.start()

    def stop(self, timeout_s: float) -> None:
        """Look no more, and say that this process ends."""
        self.give_up()
        if self._thread.is_alive():
            # Else a beat of its own might come behind the last one, and take it back.
            self._thread.join(timeout_s)
        self._say(last=True)

    def give_up(self) -> None:
        """Look no more: another journal is written by now."""
        self._stopping.set()

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_EVERY_S):
            # Each by itself: a process that says nothing is taken for dead.
            with sheltered("mending the journal"):
                self._journal.mend()
            with sheltered("looking after the journal folder"):
                self._journal.reached(lambda: self._keeper.look_after(self._journal.segment))
            with sheltered("saying that the program lives"):
                self._beat()

    def _beat(self) -> None:
        if self._clock() >= self._next_beat:
            self._next_beat = self._clock() + BEAT_S
            self._journal.lock.say_alive()
            self._say()

    def _say(self, *, last: bool = False) -> None:
        traffic = self._traffic()
        beat = Beat(
            time_ns=time.time_ns(),
            last=last,
            unwritten=self._journal.unwritten,
            dropped_segments=self._keeper.dropped_segments,
            dropped_bytes=self._keeper.dropped_bytes,
            retries=traffic.retries,
            waiting_bytes=traffic.waiting_bytes,
        )
        record, unwritten = encode_beat(beat), self._journal.unwritten
        self._journal.write(record)
        if self._journal.unwritten > unwritten:
            # A full disk makes no living process look dead, and what it costs is counted.
            beat = replace(beat, unwritten=self._journal.unwritten)
            self._tell(encode_beat(beat))
