"""Who lives: an open span runs as long as its process is heard of, and is lost when it is not.

Every piece of a journal is a sign of life of the process that wrote it, whatever it holds and
whether or not it can be stored; a process that has nothing to tell sends a beat. What its owner
left behind, and somebody else brings, is the sign that it is dead. Kept in memory: a server that
was started anew gives everybody the same time to be heard again.

Whose post it is stands in its head, so that a process is heard of while a large piece of it comes
over a thin line, and when it is sent away because the intake is full.
"""

import threading
import time
from collections.abc import Callable

from telltale.server.counts import Count, Counts
from telltale.server.rounds import Rounds
from telltale.store.questions import OpenJournals, TraceStore

SILENCE_S = 45.0
"""Four beats that did not come; with one look more this is at most a minute."""
LOOK_EVERY_S = 5.0


class Liveness:
    """Hears processes, and marks the spans of those that have fallen silent."""

    def __init__(
        self,
        store: TraceStore,
        counts: Counts,
        ring: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin with nobody heard.

        Args:
            ring: Called when spans have changed their state.
        """
        self._store = store
        self._counts = counts
        self._ring = ring
        self._clock = clock
        self._began_s = clock()
        self._lock = threading.Lock()
        """Around what follows, and never held while the store is asked."""
        self._heard_s: dict[bytes, float] = {}
        self._lost: set[bytes] = set()
        self._rounds = Rounds(
            "telltale-liveness",
            LOOK_EVERY_S,
            {"silent processes could not be marked": self.look},
            counts,
            Count.LIVENESS_RETRIES,
        )

    def start(self) -> None:
        """Begin to look for those who have fallen silent."""
        self._lost.update(j for j, lost in self._store.read(OpenJournals()).items() if lost)
        self._rounds.start()

    def stop(self) -> None:
        """Look no more."""
        self._rounds.stop()

    def hear(self, journal: bytes) -> None:
        """Its process lives. If its spans were taken for lost, they run again."""
        with self._lock:
            self._heard_s[journal] = self._clock()
            is_lost = journal in self._lost
        if is_lost:
            self._find(journal)

    def sense(self, journal: bytes) -> None:
        """Something of its process is on its way. Waits for nothing: no store is asked."""
        with self._lock:
            self._heard_s[journal] = self._clock()

    def expect(self, journal: bytes) -> None:
        """Its process has ended, and what it said last is still on its way."""
        with self._lock:
            if journal not in self._lost:
                self._heard_s[journal] = self._clock()

    def bury(self, journal: bytes, seen_ns: int) -> None:
        """Its process has ended, and what is open will not be ended by it.

        Args:
            seen_ns: Unix time, nanoseconds, of the last thing that it said.
        """
        with self._lock:
            self._heard_s.pop(journal, None)
        self._lose(journal, seen_ns)

    def look(self) -> None:
        """Call those lost whose processes have been silent for too long.

        And those running who spoke in the moment in which they were called lost, or whose pieces
        are sent away.
        """
        with self._lock:
            lost_before = set(self._lost)
        open_journals = self._store.read(OpenJournals())
        self._counts.set(Count.OPEN_PROCESSES, len(open_journals))
        now_s = self._clock()
        with self._lock:
            heard_s = dict(self._heard_s)
        for journal, is_lost in open_journals.items():
            last_s = heard_s.get(journal, self._began_s)
            is_silent = _is_silent(last_s, now_s)
            if is_silent and not is_lost:
                self._lose(journal, time.time_ns() - int((now_s - last_s) * 1e9))
            elif is_lost and not is_silent and journal in heard_s:
                self._find(journal)
        with self._lock:
            for journal, last_s in heard_s.items():
                is_silent = _is_silent(last_s, now_s)
                if is_silent and self._heard_s.get(journal) == last_s:
                    del self._heard_s[journal]
            self._lost -= lost_before - open_journals.keys()

    def _lose(self, journal: bytes, seen_ns: int) -> None:
        # Before the store is told: who is heard meanwhile takes it back.
        with self._lock:
            self._lost.add(journal)
        count = self._store.mark_lost(journal, seen_ns)
        self._counts.add(Count.LOST_SPANS, count)
        if count:
            self._ring()

    def _find(self, journal: bytes) -> None:
        count = self._store.mark_running(journal)
        with self._lock:
            self._lost.discard(journal)
        self._counts.add(Count.FOUND_SPANS, count)
        if count:
            self._ring()


def _is_silent(last_s: float, now_s: float) -> bool:
    """Whether nothing came for too long since a sign."""
    return now_s - last_s > SILENCE_S
