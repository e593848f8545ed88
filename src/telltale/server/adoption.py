"""Take in what programs recorded while no server was there, and left behind when they ended.

Only journals of dead processes, only from this server's home and from the user's own, and only
what was meant for the address that this server listens on.
"""

import logging
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from telltale.nouns.addresses import LOOPBACK, port_of
from telltale.server.counts import Count, Counts
from telltale.server.rounds import Rounds
from telltale.tracing.orphans import Orphans
from telltale.tracing.settings import programs_home

log = logging.getLogger(__name__)

LOOK_EVERY_S = 10.0


class Adoption:
    """Looks for orphans, at once and then from time to time."""

    def __init__(self, home: Path, url: str, counts: Counts) -> None:
        self._counts = counts
        self._port = port_of(url)
        self._said: set[str] = set()
        # Each folder once: this server's home is mostly the user's.
        folders = dict.fromkeys((home / "journal", programs_home().path / "journal"))
        looks = {
            f"{folder} cannot be looked through": partial(
                self._look_through, Orphans(folder, self._is_for_us)
            )
            for folder in folders
        }
        self._rounds = Rounds(
            "telltale-adoption", LOOK_EVERY_S, looks, counts, Count.ADOPTION_RETRIES
        )

    def start(self) -> None:
        """Begin; called when the server answers, since it is shipped to like any other."""
        self._rounds.start()

    def stop(self) -> None:
        """Look no more. What is on its way arrives or stays where it is."""
        self._rounds.stop()

    def _look_through(self, orphans: Orphans) -> None:
        for segment in orphans.ship():
            if self._rounds.is_ending:
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
