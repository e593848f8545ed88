"""Take in what programs recorded while no server was there, and left behind when they ended.

Only journals of dead processes, only from this server's home and from the user's own, and only
what was meant for the address that this server listens on.
"""

import logging
from collections import Counter
from functools import partial
from pathlib import Path
from shlex import join
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
        self._home = home
        self._url = url
        self._port = port_of(url)
        self._said: set[str] = set()
        self._elsewhere: Counter[str] = Counter()
        """Segments of our home by where on this machine they wait to go."""
        self._has_told = False
        """Of those: once is enough."""
        ours, users = home / "journal", programs_home().path / "journal"
        looks = {_complaint(ours): partial(self._look_at_home, Orphans(ours, self._is_wanted))}
        if users != ours:
            # What lies there is mostly for a server that has another home: it is not told of.
            looks[_complaint(users)] = partial(self._look_through, Orphans(users, self._is_for_us))
        self._rounds = Rounds(
            "telltale-adoption", LOOK_EVERY_S, looks, counts, Count.ADOPTION_RETRIES
        )

    def start(self) -> None:
        """Begin; called when the server answers, since it is shipped to like any other."""
        self._rounds.start()

    def stop(self) -> None:
        """Look no more. What is on its way arrives or stays where it is."""
        self._rounds.stop()

    def _look_at_home(self, orphans: Orphans) -> None:
        self._elsewhere.clear()
        self._look_through(orphans)
        if self._has_told or self._rounds.is_ending:
            return
        for address, count in self._elsewhere.items():
            log.warning("%s", self._of_those_elsewhere(count, address))
        self._has_told = True

    def _of_those_elsewhere(self, count: int, address: str) -> str:
        options = ["--instead-of", address, "--to", self._url]
        if self._home.absolute() != programs_home().path.absolute():
            options = ["--home", str(self._home), *options]
        what, wait = ("segment", "waits") if count == 1 else ("segments", "wait")
        command = join(["telltale", "flush", *options])
        return (
            f"{count} {what} in {self._home / 'journal'} {wait} for {address}, where this server "
            f"does not listen; start a server there, or bring them here with `{command}`"
        )

    def _look_through(self, orphans: Orphans) -> None:
        waiting: dict[str, list[Path]] = {}
        for segment in orphans.ship():
            if self._rounds.is_ending:
                return  # Nothing answers any more: that is no fault of what still lies there.
            if not segment.problem:
                self._counts.add(Count.ADOPTED)
            else:
                self._counts.add(Count.ADOPTION_RETRIES)
                waiting.setdefault(segment.problem, []).append(segment.path)
        for problem, (first, *others) in waiting.items():
            stays = f"and {len(others)} more stay where they are" if others else "stays where it is"
            self._say(f"{first} {stays}: {problem}")

    def _say(self, warning: str) -> None:
        """Once: it is looked at again every few seconds."""
        if warning not in self._said:
            self._said.add(warning)
            log.warning("%s", warning)

    def _is_wanted(self, destination: str) -> bool:
        """Whether it is for us. Asked of each segment once in a look, and so the place to count."""
        is_for_us = self._is_for_us(destination)
        if not is_for_us and _is_of_this_machine(destination):
            self._elsewhere[destination] += 1
        return is_for_us

    def _is_for_us(self, destination: str) -> bool:
        return _is_of_this_machine(destination) and port_of(destination) == self._port


def _complaint(folder: Path) -> str:
    return f"{folder} cannot be looked through"


def _is_of_this_machine(destination: str) -> bool:
    parts = urlsplit(destination)
    return parts.scheme == "http" and parts.hostname in LOOPBACK
