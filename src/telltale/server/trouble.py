"""What is wrong with the store or with what comes, said once: what is refused or cannot be read.

Every program sends again what was refused, and every open page asks again, many times a minute; a
line for each would fill the very disk that has no room.
"""

import logging
import threading
import time
from collections.abc import Callable

from telltale.nouns.errors import StoreBroken, StoreBusy

log = logging.getLogger(__name__)

MOST_SAID = 100
"""Faults of single rows; who has so many does not need another to know."""
QUIET_S = 60.0
"""After which the next that is too much is news; under a load that comes in waves, all of it is one
trouble."""


class Trouble:
    """Hears of what is refused, what is stored and what cannot be read, from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._since_s: float | None = None
        """None while all is well."""
        self._why = ""
        self._refused = 0
        self._smallest = 0
        """Bytes: where a disk is nearly full, what is small still gets in, and proves nothing."""
        self._busy_until_s = float("-inf")
        self._unreadable: set[str] = set()
        """What was said of it. A file that is damaged is mended only while no server runs."""
        self._bad: set[str] = set()
        """What was said of bad requests."""

    def refused(self, error: StoreBroken, size: int) -> None:
        """A piece of so many bytes could not be stored."""
        with self._lock:
            begins = self._since_s is None
            if self._since_s is None:
                self._since_s, self._refused, self._smallest = self._clock(), 0, size
            self._why = str(error)
            self._refused += 1
            self._smallest = min(self._smallest, size)
        if begins:
            log.warning(
                "spans cannot be stored now: %s; programs keep theirs and send them again", error
            )

    def refusal(self) -> str:
        """Why pieces are refused now; empty while none is."""
        with self._lock:
            return self._why if self._since_s is not None else ""

    def busy(self, error: StoreBusy) -> None:
        """A piece came at a time when the store could take no more."""
        with self._lock:
            now_s = self._clock()
            begins = now_s > self._busy_until_s
            self._busy_until_s = now_s + QUIET_S
        if begins:
            log.warning(
                "programs are sent away now: %s; they keep their spans and send them again, and "
                'telltale_refused_total{reason="store-busy"} in /metrics counts how often',
                error,
            )

    def unreadable(self, error: StoreBroken) -> None:
        """Something was asked that the store cannot read."""
        words = str(error)
        with self._lock:
            if words in self._unreadable or len(self._unreadable) >= MOST_SAID:
                return
            self._unreadable.add(words)
        log.error("an answer could not be given: %s", words)

    def bad(self, words: str) -> None:
        """A program sent what cannot be used, and may not show anybody what it is told."""
        with self._lock:
            if words in self._bad or len(self._bad) >= MOST_SAID:
                return
            self._bad.add(words)
        log.warning("what a program sent was not stored: %s", words)

    def stored(self, size: int) -> None:
        """A piece with spans was stored."""
        with self._lock:
            if self._since_s is None or size < self._smallest:
                return
            lasted_s, refused = self._clock() - self._since_s, self._refused
            self._since_s = None
        log.warning(
            "spans are stored again, after %.0f s in which %d pieces of journals were refused",
            lasted_s,
            refused,
        )
