"""A SQLite file copied as it stands at one moment, while others go on writing to it.

SQLite's online backup reads from one snapshot, which is held until the end: a writer is not held
up and does not make the copy begin anew, only its log cannot shrink meanwhile. A copy is under
its name only when it is whole, checked and on the disk.
"""

import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from telltale.nouns.errors import StoreBroken

SPARE_BYTES = 16 << 20
"""Left free on the disk beside the copy."""
BUSY_TIMEOUT_S = 10
PAGES_AT_A_TIME = 2000
"""Some 16 MB: as long as Ctrl-C may have to wait."""
TELL_EVERY_S = 2.0

Tell = Callable[[str], None]
"""Hears, in a few words, how far it is."""


def copy_database(source: Path, target: Path, tell: Tell = lambda words: None) -> int:
    """Copy a database that may be in use; answer the size of the copy in bytes.

    Raises:
        StoreBroken: If there is not enough room, the source cannot be read, or the copy is not
            sound. Nothing is left behind.
    """
    _check_room(source, target)
    unfinished = target.with_name(target.name + ".part")
    try:
        _remove(unfinished)
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
        _copy(source, unfinished, tell)
        sync(unfinished)
        unfinished.rename(target)
        sync(target.parent)
        return target.stat().st_size
    except (sqlite3.Error, OSError) as error:
        raise _told(error, source, target, tell) from error
    finally:
        with suppress(OSError):  # Whatever made it fail is told already.
            _remove(unfinished)


class _CopyDamaged(sqlite3.DatabaseError):
    """The copy is not sound; the source may be."""


def _told(error: Exception, source: Path, target: Path, tell: Tell) -> StoreBroken:
    if _is_of_damage(error):
        tell(f"checking {source.name} itself")
        if fault := _fault_of(source):
            return StoreBroken(
                f"{source} is damaged ({fault}), and was not copied to {target}; restore an "
                "earlier backup, or save what can be read with `telltale traces export`"
            )
    remedy = "check the disk, its free space and the permissions"
    with suppress(OSError):
        if _is_read_only(source):
            remedy = f"its disk may only be read: copy {source.parent} to another, and back that up"
    return StoreBroken(f"{source} could not be copied to {target} ({error}); {remedy}")


def sync(path: Path) -> None:
    """Come back when a file's bytes, or a folder's names, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _check_room(source: Path, target: Path) -> None:
    try:
        needed = sum(
            path.stat().st_size for path in (source, *_companions(source)) if path.exists()
        )
        free = shutil.disk_usage(target.parent).free
    except OSError as error:
        raise StoreBroken(
            f"{source} cannot be copied to {target}: {error.strerror}; give a folder that can be "
            "written"
        ) from error
    if free < needed + SPARE_BYTES:
        raise StoreBroken(
            f"{source} cannot be copied to {target}: {free / 1e6:,.0f} MB are free there and "
            f"{(needed + SPARE_BYTES) / 1e6:,.0f} MB are needed; free some space"
        )


def _copy(source: Path, target: Path, tell: Tell) -> None:
    reading = _open(source)
    try:
        # From here on it sees one moment, however many steps the copying takes.
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM sqlite_master").fetchone()
        writing = sqlite3.connect(target, isolation_level=None)
        try:
            writing.execute("PRAGMA fullfsync=1")
            reading.backup(writing, pages=PAGES_AT_A_TIME, progress=_progress(source, tell))
            # Whoever opens it needs no log beside it, and it can be moved as one file.
            writing.execute("PRAGMA journal_mode=DELETE")
            tell(f"checking the copy of {source.name}")
            verdict = _check(writing)
        finally:
            writing.close()
    finally:
        reading.close()
    if verdict != "ok":
        raise _CopyDamaged(f"the copy is damaged: {verdict}")


def _check(connection: sqlite3.Connection) -> str:
    """`ok`, or the first fault in one line."""
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    return " ".join(str(verdict).split())


def _is_of_damage(error: Exception) -> bool:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return isinstance(error, _CopyDamaged) or code in (
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
    )


def _fault_of(source: Path) -> str:
    """How a file is damaged; empty where it is sound, or does not let itself be looked at."""
    try:
        connection = _open(source)
        try:
            verdict = _check(connection)
        finally:
            connection.close()
    except sqlite3.Error as error:
        return str(error) if _is_of_damage(error) else ""
    return "" if verdict == "ok" else verdict


def _open(source: Path) -> sqlite3.Connection:
    """Open a file for reading, also on a disk where nobody can write.

    SQLite reads a file that may have a log only where it can make the log's index. Where there is
    no log nobody has the file open, so SQLite may be told that it does not change.
    """
    is_still = _is_read_only(source) and not source.with_name(source.name + "-wal").exists()
    uri = f"{source.absolute().as_uri()}?mode=ro{'&immutable=1' if is_still else ''}"
    return sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None)


def _is_read_only(path: Path) -> bool:
    """Whether its disk is."""
    return hasattr(os, "statvfs") and bool(os.statvfs(path).f_flag & os.ST_RDONLY)


def _progress(source: Path, tell: Tell) -> Callable[[int, int, int], None]:
    told_s = time.monotonic()

    def progress(_: int, remaining: int, total: int) -> None:
        nonlocal told_s
        if remaining and time.monotonic() - told_s > TELL_EVERY_S:
            told_s = time.monotonic()
            tell(f"{source.name}: {(total - remaining) / total:.0%}")

    return progress


def _companions(path: Path) -> tuple[Path, ...]:
    return tuple(path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal"))


def _remove(path: Path) -> None:
    for left in (path, *_companions(path)):
        left.unlink(missing_ok=True)
