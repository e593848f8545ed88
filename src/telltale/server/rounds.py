"""A thread that looks after something from time to time, and that no failure ends."""

import logging
import threading
from collections.abc import Callable, Mapping

from telltale.nouns.errors import TelltaleError
from telltale.server.counts import Count, Counts

log = logging.getLogger(__name__)


class Rounds:
    """Takes its looks at once, and then again and again, until it is stopped."""

    def __init__(
        self,
        name: str,
        every_s: float,
        looks: Mapping[str, Callable[[], None]],
        counts: Counts,
        failed: Count,
    ) -> None:
        """Get ready.

        Args:
            looks: By what a failure of each is called in the log. Of one that fails the others
                know nothing, and it is taken again in the next round.
            failed: Counts the failures.
        """
        self._every_s = every_s
        self._looks = looks
        self._counts = counts
        self._failed = failed
        self._said: dict[str, str] = {}
        """What each failed by, as long as it fails."""
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def is_ending(self) -> bool:
        """Whether no look is wanted any more."""
        return self._ending.is_set()

    def start(self) -> None:
        """Begin with the first round."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more. Nobody is waited for."""
        self._ending.set()

    def _run(self) -> None:
        while not self.is_ending:
            for complaint, look in self._looks.items():
                self._take(complaint, look)
            self._ending.wait(self._every_s)

    def _take(self, complaint: str, look: Callable[[], None]) -> None:
        try:
            look()
            self._said.pop(complaint, None)
        except (TelltaleError, OSError) as error:
            # The disk is full, or a folder may not be read: in the next round, then.
            self._counts.add(self._failed)
            if self._said.get(complaint) != str(error):
                self._said[complaint] = str(error)
                log.warning("%s: %s", complaint, error)
        except Exception:
            # The thread's outermost edge: without it nobody would look any more.
            self._counts.add(self._failed)
            log.exception("%s", complaint)
