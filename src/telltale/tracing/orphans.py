"""Journals whose process has ended: ship what they still hold.

A lock file that can be locked has no owner any more. Segments carry their destination, so each
goes where its program meant it to go, and nowhere else.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from telltale.tracing.journal import is_named
from telltale.tracing.post import Away, Connection, Refused, Stranger
from telltale.tracing.shipment import Shipment


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
    connections: dict[str, Connection] = {}
    try:
        for journal_id in _journal_ids(folder):
            descriptor = _adopted(folder / f"{journal_id}.lock")
            if descriptor is None:
                continue
            try:
                segments = sorted(folder.glob(f"{journal_id}.[0-9]*"))
                shipments = [_ship(segment, connections, wanted) for segment in segments]
                shipped = [segment for segment in shipments if segment is not None]
                if len(shipped) == len(segments) and not any(s.problem for s in shipped):
                    (folder / f"{journal_id}.lock").unlink(missing_ok=True)
            finally:
                os.close(descriptor)
            yield from shipped
    finally:
        for connection in connections.values():
            connection.close()


def _journal_ids(folder: Path) -> list[str]:
    files = sorted(folder.glob("*.*"), key=_changed)
    return list(dict.fromkeys(path.name.partition(".")[0] for path in files))


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0  # A living process has unlinked it meanwhile.


def _adopted(lock: Path) -> int | None:
    """The descriptor of a lock that is ours now; None while its process lives."""
    descriptor = os.open(lock, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    if is_named(descriptor, lock):
        return descriptor
    os.close(descriptor)  # Somebody else was here first and has tidied up.
    return None


def _ship(
    path: Path, connections: dict[str, Connection], wanted: Callable[[str], bool]
) -> Shipped | None:
    shipment = Shipment(path)
    try:
        destination = shipment.destination
    except (OSError, ValueError) as error:
        if path.exists() and not path.stat().st_size:
            path.unlink()  # Its process died before it had written anything.
            return Shipped(path, "")
        return Shipped(path, "", str(error))
    if not wanted(destination):
        return None
    connection = connections.setdefault(destination, Connection(destination))
    try:
        shipment.ship(connection)
    except (Away, Stranger, Refused, OSError) as error:
        return Shipped(path, destination, str(error))
    path.unlink(missing_ok=True)
    return Shipped(path, destination)
