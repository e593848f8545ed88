"""Take in what programs recorded while no server was there, and left behind when they ended.

Only journals of dead processes, only from this server's home and from the user's own, and only
what was meant for the address that this server listens on.
"""

import logging
import threading
from pathlib import Path
from urllib.parse import urlsplit

from telltale.nouns.addresses import LOOPBACK, port_of
from telltale.server.counts import Count, Counts
from telltale.tracing.orphans import Orphans
from telltale.tracing.settings import programs_home

log = logging.getLogger(__name__)

LOOK_EVERY_S = 10.0


class Adoption:
    """A thread that looks for orphans, at once and then from time to time."""

    def __init__(self, home: Path, url: str, counts: Counts) -> None:
        self._counts = counts
        # Each folder once: this server's home is mostly the user's.
        folders = dict.fromkeys((home / "journal", programs_home().path / "journal"))
        self._orphans = [Orphans(folder, self._is_for_us) for folder in folders]
        self._said: set[str] = set()
        self._port = port_of(url)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="telltale-adoption", daemon=True)

    def start(self) -> None:
        """Begin; called when the server answers, since it is shipped to like any other."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more. What is on its way arrives or stays where it is."""
        self._ending.set()

    def _run(self) -> None:
        while not self._ending.is_set():
            for orphans in self._orphans:
                try:
                    self._look_through(orphans)
                except OSError as error:
                    self._counts.add(Count.ADOPTION_RETRIES)
                    self._say(f"{orphans.folder} cannot be looked through: {error}")
                except Exception:
                    # The thread's outermost edge: at the next look, then.
                    self._counts.add(Count.ADOPTION_RETRIES)
                    log.exception("%s cannot be looked through", orphans.folder)
            self._ending.wait(LOOK_EVERY_S)

    def _look_through(self, orphans: Orphans) -> None:
        for segment in orphans.ship():
            if self._ending.is_set():
                return  # Nothing answers any more: that is no fault of what still lies there.
            if not segment.problem:
                self._counts.add(Count.ADOPTED)
            else:
                self._counts.add(Count.ADOPTION_RETRIES)
                self._say(f"{segment.path} stays where it is: {segment.problem}")

    def _say(self, warning: str) -> None:
        """Once: it is looked at again every few seconds."""
        if warning not in self._said:
            self._said.add(warning)
            log.warning("%s", warning)

    def _is_for_us(self, destination: str) -> bool:
        parts = urlsplit(destination)
        return (
            parts.scheme == "http"
            and parts.hostname in LOOPBACK
            and port_of(destination) == self._port
        )
