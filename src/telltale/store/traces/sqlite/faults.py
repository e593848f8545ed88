"""Errors of SQLite in our words: what happened, to which file, and what to do."""

import errno
import shutil
import sqlite3
from pathlib import Path

from telltale.nouns.errors import BadInput, StoreBroken, StoreBusy, TelltaleError

_OF_VALUES = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.InterfaceError)
_NO_ROOM_BYTES = 1 << 16
"""SQLite's -shm file takes 32 KiB, and where it cannot grow that is no SQLITE_FULL."""


def in_our_words(error: Exception, path: Path) -> TelltaleError:
    """The error that a caller of the store gets.

    Busy is another program that holds the file, bad input a value that no row can hold, which
    no second try will mend; everything else needs a person.
    """
    if isinstance(error, TelltaleError):
        return error
    if isinstance(error, _OF_VALUES) or not isinstance(error, sqlite3.Error | OSError):
        return BadInput(f"a span cannot be stored: {error}; the sender has to mend it")
    return of_the_file(error, path) or StoreBroken(
        f"{path} cannot be used ({error}); check the disk, its free space and the permissions"
    )


def of_the_file(error: Exception, path: Path) -> TelltaleError | None:
    """The same for what file, disk or lock are to blame for; None for anything else."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreBusy(f"{path} is locked by another program; try again, or stop that program")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreBroken(
            f"{path} is damaged ({error}); restore a backup, or move the file away to start anew"
        )
    if _is_of_room(error, code, path):
        return StoreBroken(f"{path}: the disk is full; free some space on it")
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
