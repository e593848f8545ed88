"""Journals whose process has ended: ship what they still hold.

A lock file that can be locked has no owner any more. Segments carry their destination, so each
goes where its program meant it to go, and nowhere else.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from telltale.tracing.folder import SegmentFile, as_it_lies, journals
from telltale.tracing.journal import is_named
from telltale.tracing.post import Away, Connection, Refused, Stranger
from telltale.tracing.records import is_torn_header
from telltale.tracing.shipment import Shipment

_MOST_HEADER_BYTES = 1 << 20

_held: set[int] = set()
"""Locks of other processes' journals that this one holds now."""


class Shipped(msgspec.Struct, frozen=True):
    """What became of one segment."""

    path: Path
    destination: str
    """Empty where the header cannot be read."""
    problem: str = ""
    """Why it still waits; empty when it has arrived and is gone."""


def ship_orphans(
    folder: Path, wanted: Callable[[str], bool] = lambda destination: True
) -> Iterator[Shipped]:
    """Ship the segments in a journal folder that nobody owns, oldest journal first.

    Args:
        wanted: Asked of each segment's destination; what is not wanted is left alone.
    """
    lines = _Lines()
    try:
        for journal in journals(folder):
            with _adopted(journal.lock) as is_ours:
                if not is_ours:
                    continue
                # Looked at anew: others may have shipped some before the lock was ours.
                segments = as_it_lies(journal)
                shipments = [_ship(one, lines, wanted) for one in segments]
                shipped = [segment for segment in shipments if segment is not None]
                if len(shipped) == len(shipments) and not any(one.problem for one in shipped):
                    journal.lock.unlink(missing_ok=True)
            yield from shipped
    finally:
        lines.close()


def has_orphans(folder: Path) -> bool:
    """Whether segments lie there whose process has ended."""
    return any(journal.segments and not journal.has_owner() for journal in journals(folder))


def forget_held() -> None:
    """In a forked child: the locks that its parent holds are none of its business."""
    while _held:
        os.close(_held.pop())


@contextmanager
def _adopted(lock: Path) -> Iterator[bool]:
    """Hold a journal's lock inside the block; False while its process lives."""
    try:
        descriptor = os.open(lock, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError:
        yield False  # Another user's, or none that could be one: it blocks nobody else's.
        return
    _held.add(descriptor)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Somebody else may have been here first and have tidied up.
        is_ours = is_named(descriptor, lock)
    except OSError:
        is_ours = False
    try:
        yield is_ours
    finally:
        if descriptor in _held:
            _held.discard(descriptor)
            os.close(descriptor)


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


def _ship(segment: SegmentFile, lines: _Lines, wanted: Callable[[str], bool]) -> Shipped | None:
    path = segment.path
    shipment = Shipment(path, is_orphan=True)
    try:
        destination = shipment.destination
    except FileNotFoundError:
        return Shipped(path, "")  # The folder was over its bound, and it was the oldest.
    except OSError as error:
        return Shipped(path, "", str(error))  # Another user's, perhaps.
    except ValueError as error:
        if segment.size <= _MOST_HEADER_BYTES and is_torn_header(path.read_bytes()):
            path.unlink(missing_ok=True)  # Its process died before it had written anything.
            return Shipped(path, "")
        return Shipped(path, "", str(error))
    if not wanted(destination):
        return None
    try:
        lines.ship(shipment)
    except (Away, Stranger, Refused, OSError) as error:
        return Shipped(path, destination, str(error))
    path.unlink(missing_ok=True)
    return Shipped(path, destination)
