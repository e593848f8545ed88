"""The journal folder as others than its writers see it: whose segments lie there, and who lives."""

import os
from collections.abc import Iterable
from pathlib import Path
from stat import S_ISREG
from typing import NamedTuple

from telltale.tracing.handles import Handle
from telltale.tracing.records import JOURNAL_ID_BYTES

_ID_DIGITS = 2 * JOURNAL_ID_BYTES
_HEX = frozenset("0123456789abcdef")


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
            lock = Handle(self.lock, os.O_RDONLY)
        except FileNotFoundError:
            return False
        except OSError:
            return True  # Another user's: not ours to touch.
        try:
            # Shared, so that two who ask at once do not take each other for the owner.
            return not lock.lock(shared=True)
        finally:
            lock.close()


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
        JournalFiles(journal_id, folder / f"{journal_id}.lock", _read_segments(paths))
        for journal_id, paths in found.items()
    ]
    return sorted(files, key=lambda journal: journal.changed_ns)


def segments_now(journal: JournalFiles) -> tuple[SegmentFile, ...]:
    """The segments of a journal that was listed before, in their order, as they lie there now.

    Without listing the folder once more: there may be thousands of journals in it.
    """
    paths = [segment.path for segment in journal.segments]
    number = journal.segments[-1].number if journal.segments else -1
    while (path := journal.lock.with_suffix(f".{(number := number + 1):06d}")).exists():
        paths.append(path)
    return _read_segments(paths)


def _read_segments(paths: Iterable[Path]) -> tuple[SegmentFile, ...]:
    segments = []
    for path in paths:
        try:
            stat = path.stat()
        except FileNotFoundError:
            continue  # It has arrived and was unlinked meanwhile.
        if not S_ISREG(stat.st_mode):
            continue  # Whatever it is, no journal has written it.
        number = int(path.suffix[1:])
        segments.append(SegmentFile(path, number, stat.st_size, stat.st_mtime_ns))
    return tuple(sorted(segments, key=lambda segment: segment.number))


def _files(folder: Path) -> list[Path]:
    """Lock files and segments; whatever else somebody put there is not ours."""
    try:
        return [path for path in folder.iterdir() if is_journal_file(path.name)]
    except FileNotFoundError:
        return []


def is_journal_file(name: str) -> bool:
    """Whether a file of this name is a journal's lock or segment."""
    journal_id, _, kind = name.partition(".")
    is_id = len(journal_id) == _ID_DIGITS and _HEX.issuperset(journal_id)
    return is_id and (kind == "lock" or (kind.isascii() and kind.isdigit()))
