"""Work that may wait, in a thread of its own that ends when there is no more."""

import threading
from collections.abc import Callable

from telltale.nouns.errors import StoreBusy

AGAIN_S = 1.0
"""Where others have too much to write, it is tried again so much later."""


class Behind:
    """Rounds of some work, one after the other for as long as there is a reason."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._is_wanted = False
        self._is_running = False

    def begin(self) -> None:
        """See to it that a round begins after this moment; returns at once."""
        with self._lock:
            self._is_wanted = True
            if self._is_running:
                return
            self._is_running = True
        threading.Thread(target=self._run, name="telltale-behind", daemon=True).start()

    def _run(self) -> None:
        while self._takes_turn():
            try:
                self._work()
            except StoreBusy:
                threading.Event().wait(AGAIN_S)
                with self._lock:
                    self._is_wanted = True

    def _takes_turn(self) -> bool:
        with self._lock:
            self._is_running, self._is_wanted = self._is_wanted, False
            return self._is_running
