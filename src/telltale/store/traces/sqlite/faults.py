"""Errors of SQLite in our words: what happened, to which file, and what to do."""

import sqlite3
from pathlib import Path

from telltale.nouns.errors import BadInput, StoreBroken, TelltaleError
from telltale.store.faults import file_fault

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
    return file_fault(error, path) or StoreBroken(
        f"{path} cannot be used ({error}); check the disk, its free space and the permissions"
    )
