"""Journals whose process has ended: ship what they still hold.

A lock file that can be locked has no owner any more. Segments carry their destination, so each
goes where its program meant it to go, and nowhere else.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from telltale.tracing.folder import SegmentFile, as_it_lies, journals
from telltale.tracing.handles import Handle
from telltale.tracing.journal import LOCK
from telltale.tracing.post import Away, Connection, Refused, Stranger
from telltale.tracing.records import is_torn_header
from telltale.tracing.shipment import Shipment

_MOST_HEADER_BYTES = 1 << 20


class Shipped(msgspec.Struct, frozen=True):
    """What became of one segment that was there to be shipped."""

    path: Path
    destination: str
    """Empty where the header cannot be read."""
    problem: str = ""
    """Why it still waits; empty when it has arrived and is gone."""


def ship_orphans(
    folder: Path,
    wanted: Callable[[str], bool] = lambda destination: True,
    left_alone: set[str] | None = None,
) -> Iterator[Shipped]:
    """Ship the segments in a journal folder that nobody owns, oldest journal first.

    Args:
        wanted: Asked of each segment's destination; what is not wanted is left alone.
        left_alone: Ids of journals that held nothing that was wanted when this was called before:
            the dead write no more, so they are not opened again. New ones are added.
    """
    left_alone = set() if left_alone is None else left_alone
    lines = _Lines()
    try:
        for journal in journals(folder):
            if journal.id in left_alone:
                continue
            with _adopted(journal.lock) as is_ours:
                if not is_ours:
                    continue
                # Looked at anew: others may have shipped some before the lock was ours.
                segments = as_it_lies(journal)
                became = [_ship(one, lines, wanted) for one in segments]
                if not any(one is _UNWANTED or one.problem for one in became):
                    journal.lock.unlink(missing_ok=True)
                elif all(one is _UNWANTED for one in became):
                    left_alone.add(journal.id)
            yield from (one for one in became if one is not _UNWANTED and one is not _EMPTY)
    finally:
        lines.close()


def has_orphans(folder: Path) -> bool:
    """Whether segments lie there whose process has ended."""
    return any(journal.segments and not journal.has_owner() for journal in journals(folder))


@contextmanager
def _adopted(lock: Path) -> Iterator[bool]:
    """Hold a journal's lock inside the block; False while its process lives."""
    try:
        handle = Handle(lock, LOCK)
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


class _Lines:
    """A connection to each server, and none any more to one that did not answer.

    A thousand segments for a server that hangs would else take a thousand time-outs.
    """

    def __init__(self) -> None:
        self._connections: dict[str, Connection] = {}
        self._away: dict[str, Away] = {}

    def ship(self, shipment: Shipment) -> None:
        """Send a segment.

        Raises:
            Away, Stranger, Refused, OSError: As `Shipment.ship`.
        """
        to = shipment.destination
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


_UNWANTED = Shipped(Path(), "")
_EMPTY = Shipped(Path(), "")
"""Dropped meanwhile, or its process died before it had written anything."""


def _ship(segment: SegmentFile, lines: _Lines, wanted: Callable[[str], bool]) -> Shipped:
    path = segment.path
    shipment = Shipment(path, is_orphan=True)
    try:
        destination = shipment.destination
    except FileNotFoundError:
        return _EMPTY
    except OSError as error:
        return Shipped(path, "", str(error))  # Another user's, perhaps.
    except ValueError as error:
        if segment.size <= _MOST_HEADER_BYTES and is_torn_header(path.read_bytes()):
            path.unlink(missing_ok=True)
            return _EMPTY
        return Shipped(path, "", str(error))
    if not wanted(destination):
        return _UNWANTED
    try:
        lines.ship(shipment)
    except (Away, Stranger, Refused, OSError) as error:
        return Shipped(path, destination, str(error))
    path.unlink(missing_ok=True)
    return Shipped(path, destination)
