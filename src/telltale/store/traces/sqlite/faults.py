"""Errors of SQLite in our words: what happened, to which file, and what to do."""

import sqlite3
from pathlib import Path

from telltale.nouns.errors import BadInput, StoreBroken, StoreBusy, TelltaleError

_OF_VALUES = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.InterfaceError)


def in_our_words(error: Exception, path: Path) -> TelltaleError:
    """The error that a caller of the store gets.

    Busy is another program that holds the file, bad input a value that no row can hold, which
    no second try will mend; everything else needs a person.
    """
    if isinstance(error, TelltaleError):
        return error
    if isinstance(error, _OF_VALUES) or not isinstance(error, sqlite3.Error | OSError):
        return BadInput(f"a span cannot be stored: {error}; the sender has to mend it")
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreBusy(f"{path} is locked by another program; try again, or stop that program")
    if code == sqlite3.SQLITE_FULL:
        return StoreBroken(f"{path}: the disk is full; free some space or delete old traces")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreBroken(
            f"{path} is damaged ({error}); restore a backup, or move the file away to start anew"
        )
    return StoreBroken(
        f"{path} cannot be used ({error}); check the disk, its free space and the permissions"
    )
