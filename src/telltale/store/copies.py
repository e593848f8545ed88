"""A SQLite file copied as it stands at one moment, while others go on writing to it.

One step of SQLite's online backup takes all pages from one snapshot: the writer is not held up,
only its log cannot shrink meanwhile. A copy has its name only when it is whole and on the disk.
"""

import os
import shutil
import sqlite3
from pathlib import Path

from telltale.nouns.errors import StoreBroken

SPARE_BYTES = 16 << 20
"""Left free on the disk beside the copy."""
BUSY_TIMEOUT_S = 10


def copy_database(source: Path, target: Path) -> int:
    """Copy a database that may be in use; answer the size of the copy in bytes.

    Raises:
        StoreBroken: If there is not enough room, the source cannot be read, or the copy is not
            sound. Nothing is left behind.
    """
    _check_room(source, target)
    unfinished = target.with_name(target.name + ".part")
    try:
        os.close(os.open(unfinished, os.O_CREAT | os.O_TRUNC | os.O_RDWR | os.O_CLOEXEC, 0o600))
        _copy(source, unfinished)
        _sync(unfinished)
        unfinished.rename(target)
        _sync(target.parent)
    except (sqlite3.Error, OSError) as error:
        raise StoreBroken(
            f"{source} could not be copied to {target} ({error}); check the disk, its free space "
            "and the permissions"
        ) from error
    finally:
        for left in (unfinished, *_companions(unfinished)):
            left.unlink(missing_ok=True)
    return target.stat().st_size


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


def _copy(source: Path, target: Path) -> None:
    uri = f"{source.absolute().as_uri()}?mode=ro"
    reading = sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_S)
    try:
        writing = sqlite3.connect(target, isolation_level=None)
        try:
            reading.backup(writing)
            # Whoever opens it needs no log beside it, and it can be moved as one file.
            writing.execute("PRAGMA journal_mode=DELETE")
            (verdict,) = writing.execute("PRAGMA quick_check(1)").fetchone()
        finally:
            writing.close()
    finally:
        reading.close()
    if verdict != "ok":
        raise sqlite3.DatabaseError(f"the copy is damaged: {verdict}")


def _companions(path: Path) -> tuple[Path, ...]:
    return tuple(path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal"))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
