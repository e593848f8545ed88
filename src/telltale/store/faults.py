"""What a file, a disk or a lock is to blame for, in our words: what happened, and what to do.

Every database of ours that is a file fails in these ways, whoever speaks to it.
"""

import errno
import shutil
import sqlite3
from pathlib import Path

from telltale.nouns.errors import StoreBroken, StoreBusy, TelltaleError

_NO_ROOM_BYTES = 1 << 16
"""SQLite's -shm file takes 32 KiB, and where it cannot grow that is no SQLITE_FULL."""


def file_fault(error: Exception, path: Path) -> TelltaleError | None:
    """The error that a caller of the store gets; None where something else is to blame."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreBusy(f"{path} is locked by another program; try again, or stop that program")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreBroken(
            f"{path} is damaged ({error}); restore a backup, or move the file away to start anew"
        )
    if _is_of_room(error, code, path):
        remedy = "free some space on it"
        return StoreBroken(f"{path}: the disk is full; {remedy}", remedy=remedy)
    if code == sqlite3.SQLITE_READONLY or _number(error) in (errno.EROFS, errno.EACCES):
        return StoreBroken(
            f"{path} may not be written ({error}); let this user write the file and its folder, "
            "or give another home with --home or TELLTALE_HOME"
        )
    if code == sqlite3.SQLITE_CANTOPEN:
        return StoreBroken(
            f"{path} cannot be opened ({error}); check that its folder is there, and that this "
            "user may write it"
        )
    if code == sqlite3.SQLITE_IOERR:
        return StoreBroken(
            f"{path}: the disk failed ({error}); check it, its quota and the system's log"
        )
    return None


def _is_of_room(error: Exception, code: int, path: Path) -> bool:
    """Whether space is what is missing, whatever SQLite calls it."""
    if code == sqlite3.SQLITE_FULL or _number(error) in (errno.ENOSPC, errno.EDQUOT):
        return True
    if code not in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN):
        return False
    try:
        return shutil.disk_usage(path.parent).free < _NO_ROOM_BYTES
    except OSError:
        return False


def _number(error: Exception) -> int | None:
    return error.errno if isinstance(error, OSError) else None
