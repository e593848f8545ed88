"""The journal folder as others than its writers see it: whose segments lie there, and who lives."""

import fcntl
import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

_ID_DIGITS = 32


class SegmentFile(NamedTuple):
    """A segment as it lies on the disk."""

    path: Path
    number: int
    size: int
    """Bytes."""
    changed_ns: int
    """Unix time, nanoseconds, of the last write."""


class JournalFiles(NamedTuple):
    """The files of one process."""

    id: str
    """32 hex digits."""
    lock: Path
    segments: tuple[SegmentFile, ...]
    """In their order; none where the process has written nothing, or everything has arrived."""

    @property
    def changed_ns(self) -> int:
        """When it last grew; 0 where there are no segments."""
        return max((segment.changed_ns for segment in self.segments), default=0)

    def has_owner(self) -> bool:
        """Whether the process that writes it lives, or somebody ships it right now."""
        try:
            descriptor = os.open(self.lock, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            # Shared, so that two who ask at once do not take each other for the owner.
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False


def journals(folder: Path) -> list[JournalFiles]:
    """The journals in a folder, the one that was written to last at the end.

    A folder that is not there holds none.

    Raises:
        OSError: If the folder cannot be read.
    """
    found: dict[str, list[Path]] = {}
    for path in _files(folder):
        journal_id, _, kind = path.name.partition(".")
        segments = found.setdefault(journal_id, [])
        if kind.isdigit():
            segments.append(path)
    files = [
        JournalFiles(journal_id, folder / f"{journal_id}.lock", _as_they_lie(paths))
        for journal_id, paths in found.items()
    ]
    return sorted(files, key=lambda journal: journal.changed_ns)


def segments_of(lock: Path) -> tuple[SegmentFile, ...]:
    """The segments beside a lock, in their order, as they lie there now."""
    return _as_they_lie(lock.parent.glob(f"{lock.stem}.[0-9]*"))


def _as_they_lie(paths: Iterable[Path]) -> tuple[SegmentFile, ...]:
    segments = []
    for path in paths:
        try:
            stat = path.stat()
        except FileNotFoundError:
            continue  # It has arrived and was unlinked meanwhile.
        number = int(path.suffix[1:])
        segments.append(SegmentFile(path, number, stat.st_size, stat.st_mtime_ns))
    return tuple(sorted(segments, key=lambda segment: segment.number))


def _files(folder: Path) -> list[Path]:
    """Lock files and segments; whatever else somebody put there is not ours."""
    try:
        return [path for path in folder.iterdir() if _is_ours(path.name)]
    except FileNotFoundError:
        return []


def _is_ours(name: str) -> bool:
    journal_id, _, kind = name.partition(".")
    return len(journal_id) == _ID_DIGITS and (kind == "lock" or kind.isdigit())
