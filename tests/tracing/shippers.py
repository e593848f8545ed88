"""A clock that stands still, and a shipper that can be waited for."""

import threading
from collections import Counter

from telltale.tracing.shipper import Shipper
from testbed.waiting import wait_until

PATIENT = "from telltale.tracing import state; state.EXIT_TIMEOUT_S = 30"
"""Said by a program whose last words have to arrive, however slow the machine is."""


class Clock:
    """A clock that stands still until it is told."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._looks: Counter[str] = Counter()
        """By the thread that looked."""

    def __call__(self) -> float:
        self._looks[threading.current_thread().name] += 1
        return self.now

    def wait_for_looks(self, count: int, *threads: str) -> None:
        """Wait until each of these threads has asked for the time so many times more."""
        goal = {name: self._looks[name] + count for name in threads}
        wait_until(lambda: all(self._looks[name] >= goal[name] for name in threads))


class WatchedShipper(Shipper):
    """A shipper whose looks at the journal can be waited for, each with a try at what waits."""

    rounds = 0

    def _look(self) -> None:
        self.rounds += 1
        super()._look()

    def wait_for_rounds(self, count: int = 1) -> None:
        """Wait until so many that begin from now on are over."""
        # The one that is under way may have looked at the time before.
        goal = self.rounds + 1 + count
        wait_until(lambda: self.rounds >= goal)
