"""A clock that stands still, and a shipper that can be waited for."""

import itertools

from telltale.tracing.shipper import Shipper
from testbed.waiting import wait_until


class Clock:
    """A clock that stands still until it is told."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.looks = itertools.count()
        self.looked = 0

    def __call__(self) -> float:
        self.looked = next(self.looks)
        return self.now

    def wait_for_looks(self, count: int) -> None:
        """Wait until somebody has asked for the time so many times more."""
        goal = self.looked + count
        wait_until(lambda: self.looked >= goal)


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
