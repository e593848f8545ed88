"""The disk that the home lies on: room and inodes."""

import os
from collections.abc import Iterator
from pathlib import Path

from telltale.cli.checks.finding import Finding, Level, Topic
from telltale.cli.measures import many, size

LITTLE_BYTES = 1 << 30
TOO_LITTLE_BYTES = 100_000_000
FEW_INODES = 1_000


def check_disk(home: Path) -> Iterator[Finding]:
    """What is left, for this user."""
    place = next((path for path in (home, *home.parents) if path.exists()), None)
    if place is None:
        return
    found = os.statvfs(place)
    free = found.f_bavail * found.f_frsize
    if free < LITTLE_BYTES:
        yield Finding(
            Topic.HOME,
            Level.PROBLEM if free < TOO_LITTLE_BYTES else Level.WARNING,
            f"{size(free)} free on the disk of {home}: once it is full, spans are lost",
            "free some space, or set TELLTALE_HOME to a folder on another disk",
        )
    # Some file systems have no fixed number, and say 0.
    if found.f_files and found.f_favail < FEW_INODES:
        yield Finding(
            Topic.HOME,
            Level.PROBLEM if not found.f_favail else Level.WARNING,
            f"room for {many(found.f_favail, 'more file')} on the disk of {home}",
            "delete files that nobody needs: their number counts, not their size",
        )
    elif free >= LITTLE_BYTES:
        yield Finding(Topic.HOME, Level.OK, f"{size(free)} free on the disk of {home}")
