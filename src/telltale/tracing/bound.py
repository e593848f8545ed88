"""Keep the journal folder within its bound: where nobody comes for them, the oldest spans go.

What goes is counted, in a file that `telltale doctor` reads, and said aloud by whoever removed it.
"""

import os
import time
from pathlib import Path

import msgspec

from telltale.tracing.folder import JournalFiles, SegmentFile, journals
from telltale.tracing.guard import fault

MOST_BYTES = 1 << 30
DROPPED = "dropped.log"
"""In the journal folder: one JSON line a dropped segment."""


class Dropped(msgspec.Struct, frozen=True):
    """A segment that had to go."""

    time_ns: int
    """Unix time, nanoseconds, at which it went."""
    segment: str
    """Name of its file."""
    bytes: int


def drop_oldest(folder: Path, most_bytes: int = MOST_BYTES) -> list[Dropped]:
    """Remove the oldest segments until the folder is within its bound; answer which.

    Segments that a living process still writes to stay. One that cannot be removed stays, too, and
    a newer one goes in its place.

    Raises:
        OSError: If the folder cannot be read.
    """
    everyone = journals(folder)
    excess = sum(s.size for journal in everyone for s in journal.segments) - most_bytes
    if excess <= 0:
        return []
    dropped = []
    for segment in sorted(_removable(everyone), key=lambda segment: segment.changed_ns):
        if excess <= 0:
            break
        try:
            segment.path.unlink()
        except FileNotFoundError:
            # It has arrived meanwhile, or another process was quicker, and counts it.
            excess -= segment.size
            continue
        except OSError as error:
            fault("dropping the oldest spans", error)
            continue
        excess -= segment.size
        gone = Dropped(time.time_ns(), segment.path.name, segment.size)
        dropped.append(gone)
        try:
            # At once: its owner finds it missing, and shall know why.
            _note(folder, gone)
        except OSError as error:
            # The disk may be full; it is counted and said all the same.
            fault("noting what was dropped", error)
    return dropped


def read_dropped(folder: Path) -> list[Dropped]:
    """What was dropped from a folder so far; lines that cannot be read are passed over."""
    try:
        lines = (folder / DROPPED).read_bytes().splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        try:
            found.append(msgspec.json.decode(line, type=Dropped))
        except msgspec.MsgspecError:
            continue
    return found


def _removable(everyone: list[JournalFiles]) -> list[SegmentFile]:
    return [
        segment
        for journal in everyone
        for segment in (journal.segments[:-1] if journal.has_owner() else journal.segments)
    ]


def _note(folder: Path, dropped: Dropped) -> None:
    descriptor = os.open(
        folder / DROPPED, os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC, 0o600
    )
    try:
        os.write(descriptor, msgspec.json.encode(dropped) + b"\n")
    finally:
        os.close(descriptor)
