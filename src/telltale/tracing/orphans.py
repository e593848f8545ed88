"""Journals whose process has ended: ship what they still hold.

A lock file that can be locked has no owner any more. Segments carry their destination, so each
goes where its program meant it to go, and nowhere else but where its owner sends it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import Enum, auto
from pathlib import Path

import msgspec

from telltale.tracing.folder import JournalFiles, SegmentFile, journals, segments_now
from telltale.tracing.handles import Handle
from telltale.tracing.lock import LOCK_FLAGS
from telltale.tracing.post import Away, Connection, Refused, Stranger
from telltale.tracing.shipment import Shipment

_AS_MEANT: Mapping[str, str] = {}


class Shipped(msgspec.Struct, frozen=True):
    """What became of one segment that was there to be shipped."""

    path: Path
    destination: str
    """Empty where the header cannot be read."""
    problem: str = ""
    """Why it still waits; empty when it has arrived and is gone."""


class Fate(Enum):
    """What became of a segment of which there is nothing to tell."""

    UNWANTED = auto()
    EMPTY = auto()
    """Dropped meanwhile, or its process died before it had written anything."""


class Orphans:
    """What dead processes left in one folder, and may go to one server or to all.

    The dead write no more: a journal that held nothing that is wanted is not opened again.
    """

    def __init__(
        self,
        folder: Path,
        wanted: Callable[[str], bool] = lambda destination: True,
        instead: Mapping[str, str] = _AS_MEANT,
    ) -> None:
        """Ship nothing yet.

        Args:
            wanted: Asked of each segment's destination; what is not wanted is left alone.
            instead: Addresses to send to in place of others: their owner knows that they have
                moved, or were mistyped.
        """
        self.folder = folder
        self._instead = instead
        self._wanted = wanted
        self._left_alone: set[str] = set()
        """Ids of journals."""

    def ship(self) -> Iterator[Shipped]:
        """Ship the segments that nobody owns, oldest journal first; tell of each what became of it.

        Raises:
            OSError: If the folder cannot be read.
        """
        servers = _Servers(self._instead)
        try:
            for journal in journals(self.folder):
                if journal.id not in self._left_alone:
                    yield from self._ship_journal(journal, servers)
        finally:
            servers.close()

    def _ship_journal(self, journal: JournalFiles, servers: "_Servers") -> list[Shipped]:
        with _adopted(journal.lock) as is_ours:
            if not is_ours:
                return []
            # Looked at anew: others may have shipped some before the lock was ours.
            there = [_looked_at(one, self._wanted) for one in segments_now(journal)]
            for shipment in [one for one in there if isinstance(one, Shipment)][-1:]:
                shipment.is_last = True
            became = [_ship(one, servers) if isinstance(one, Shipment) else one for one in there]
            told = [one for one in became if isinstance(one, Shipped)]
            if Fate.UNWANTED not in became and not any(one.problem for one in told):
                journal.lock.unlink(missing_ok=True)
            elif all(one is Fate.UNWANTED for one in became):
                self._left_alone.add(journal.id)
        return told


def has_orphans(folder: Path) -> bool:
    """Whether segments lie there whose process has ended."""
    return any(journal.segments and not journal.has_owner() for journal in journals(folder))


@contextmanager
def _adopted(lock: Path) -> Iterator[bool]:
    """Hold a journal's lock inside the block; False while its process lives."""
    try:
        handle = Handle(lock, LOCK_FLAGS)
    except OSError:
        yield False  # Another user's, or none that could be one: it blocks nobody else's.
        return
    try:
        # Somebody else may have been here first and have tidied up.
        is_ours = handle.lock() and handle.is_named()
    except OSError:
        is_ours = False
    try:
        yield is_ours
    finally:
        handle.close()


class _Servers:
    """A connection to each server, and none any more to one that did not answer.

    A thousand segments for a server that hangs would else take a thousand time-outs.
    """

    def __init__(self, instead: Mapping[str, str]) -> None:
        self._instead = instead
        self._connections: dict[str, Connection] = {}
        self._away: dict[str, Away] = {}

    def ship(self, shipment: Shipment) -> None:
        """Send a segment.

        Raises:
            Away, Stranger, Refused, OSError: As `Shipment.ship`.
        """
        to = self._instead.get(shipment.destination, shipment.destination)
        if to in self._away:
            raise self._away[to]
        try:
            shipment.ship(self._connections.setdefault(to, Connection(to)))
        except Away as error:
            self._away[to] = error
            raise

    def close(self) -> None:
        """Hang up."""
        for connection in self._connections.values():
            connection.close()


def _looked_at(segment: SegmentFile, wanted: Callable[[str], bool]) -> Shipment | Shipped | Fate:
    """A segment to be shipped, or what is to be said of it without."""
    path = segment.path
    shipment = Shipment(path, is_orphan=True)
    try:
        return shipment if wanted(shipment.destination) else Fate.UNWANTED
    except FileNotFoundError:
        return Fate.EMPTY
    except OSError as error:
        return Shipped(path, "", str(error))  # Another user's, perhaps.
    except ValueError as error:
        if shipment.is_stillborn():
            path.unlink(missing_ok=True)
            return Fate.EMPTY
        return Shipped(path, "", str(error))


def _ship(shipment: Shipment, servers: _Servers) -> Shipped:
    path, destination = shipment.path, shipment.destination
    try:
        servers.ship(shipment)
    except (Away, Stranger, Refused, OSError) as error:
        return Shipped(path, destination, str(error))
    if shipment.refusal:
        return Shipped(path, destination, shipment.refusal)
    path.unlink(missing_ok=True)
    return Shipped(path, destination)
