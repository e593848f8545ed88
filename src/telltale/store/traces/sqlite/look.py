"""A look at a database file that changes nothing: neither the file nor what lies beside it.

SQLite makes a -wal and a -shm file even for a reader. So the file's header is read as bytes, and
SQLite is asked only where there is a log to be read with it, beside which both are there already.
"""

import sqlite3
from pathlib import Path

import msgspec

from telltale.store.traces.sqlite.connection import APPLICATION_ID, OLDEST_SQLITE
from telltale.store.traces.sqlite.faults import in_our_words
from telltale.store.traces.sqlite.upgrade import VERSION

_MAGIC = b"SQLite format 3\0"
_LAYOUT_AT = slice(60, 64)
_APPLICATION_ID_AT = slice(68, 72)
_BUSY_S = 1.0


class Look(msgspec.Struct, frozen=True):
    """What a database file is, from outside."""

    size: int
    """Bytes of the file itself."""
    wal_size: int
    """Bytes of the write-ahead log beside it; 0 where there is none."""
    is_database: bool
    """Whether SQLite wrote it; a file without a byte becomes one when it is used."""
    is_ours: bool
    """Whether it says that it holds Telltale's traces."""
    layout: int
    """Version of its layout; 0 where it is not ours."""


class Sqlite(msgspec.Struct, frozen=True):
    """The SQLite that this Python brings."""

    version: str
    oldest: str
    """The oldest that the store works with."""
    is_new_enough: bool


KNOWN_LAYOUT = VERSION
"""The layout that this Telltale reads and writes."""


def look_at(path: Path) -> Look | None:
    """What lies at a path; None where nothing does.

    Raises:
        OSError, TelltaleError: If it cannot be read.
    """
    if not path.exists():
        return None
    wal_size = size_of(path.with_name(path.name + "-wal"))
    with path.open("rb") as file:
        header = file.read(100)
    is_database = header.startswith(_MAGIC)
    found, layout = 0, 0
    if is_database and wal_size and path.with_name(path.name + "-shm").exists():
        # What was written last may stand in the log only.
        found, layout = _asked(path)
    elif is_database:
        found = int.from_bytes(header[_APPLICATION_ID_AT])
        layout = int.from_bytes(header[_LAYOUT_AT], signed=True)
    is_ours = found == APPLICATION_ID
    return Look(
        size=size_of(path),
        wal_size=wal_size,
        is_database=is_database,
        is_ours=is_ours,
        layout=layout if is_ours else 0,
    )


def found_sqlite() -> Sqlite:
    """Which SQLite is loaded, and whether it will do."""
    return Sqlite(
        version=sqlite3.sqlite_version,
        oldest=".".join(map(str, OLDEST_SQLITE)),
        is_new_enough=sqlite3.sqlite_version_info >= OLDEST_SQLITE,
    )


def size_of(path: Path) -> int:
    """Bytes of a file; 0 where there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _asked(path: Path) -> tuple[int, int]:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_BUSY_S, isolation_level=None
    )
    try:
        return (
            connection.execute("PRAGMA application_id").fetchone()[0],
            connection.execute("PRAGMA user_version").fetchone()[0],
        )
    except sqlite3.Error as error:
        raise in_our_words(error, path) from error
    finally:
        connection.close()
