"""Errors of SQLite in our words: what happened, to which file, and what to do."""

import logging
import sqlite3
from pathlib import Path

from telltale.nouns.errors import BadInput, StoreBroken, TelltaleError
from telltale.store.faults import file_fault

log = logging.getLogger(__name__)

_OF_VALUES = (
    sqlite3.IntegrityError,
    sqlite3.DataError,
    sqlite3.InterfaceError,
    OverflowError,
    UnicodeError,
)


def in_our_words(error: Exception, path: Path) -> TelltaleError:
    """The error that a caller of the store gets.

    Busy is another program that holds the file, bad input a value that no row can hold, which
    no second try will mend; everything else needs a person. What neither SQLite nor the system
    has raised is a fault of ours: it is logged, and never laid at the sender's door.
    """
    if isinstance(error, TelltaleError):
        return error
    if isinstance(error, _OF_VALUES):
        return BadInput(f"a span cannot be stored: {error}; the sender has to mend it")
    if not isinstance(error, sqlite3.Error | OSError):
        log.error("a fault in Telltale, at work on %s", path, exc_info=error)
        return StoreBroken(
            f"{path} was not changed, because of a fault in Telltale ({type(error).__name__}); "
            "the log has the traceback; please report it"
        )
    return file_fault(error, path) or StoreBroken(
        f"{path} cannot be used ({error}); check the disk, its free space and the permissions"
    )


def may_be_of_one(error: Exception) -> bool:
    """Whether one of several writes may be to blame, and the others do better without it."""
    return isinstance(error, (BadInput, *_OF_VALUES)) or not isinstance(
        error, sqlite3.Error | OSError | TelltaleError
    )
