"""What a database file is, told by a look that changes neither it nor what lies beside it.

SQLite makes a -wal and a -shm file even for a reader. So the file's header is read as bytes, and
SQLite is asked only where both are there already: then somebody has it open, perhaps this process,
and to close a file that was opened beside SQLite drops the process's POSIX locks on it. What was
written last may stand in the log only, too.
"""

import sqlite3
from pathlib import Path

import msgspec

from telltale.store.traces.sqlite.faults import in_our_words

APPLICATION_ID = int.from_bytes(b"TELT")
LAYOUT = 4
"""Version of the layout in schema.sql, which this Telltale reads and writes; a migration raises
it."""
OLDEST_LAYOUT = 1
OLDEST_SQLITE = (3, 37, 0)
"""STRICT tables."""

_MAGIC = b"SQLite format 3\0"
_LAYOUT_AT = slice(60, 64)
_APPLICATION_ID_AT = slice(68, 72)
_BUSY_S = 10.0


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

    @property
    def strangeness(self) -> str:
        """Why it cannot be a database of ours, as the end of a sentence; empty where it can."""
        if not self.is_database:
            return "is not a SQLite database"
        if not self.is_ours:
            return "is a database of another program"
        if self.layout < OLDEST_LAYOUT:
            return f"has layout {self.layout}, which no Telltale has written"
        return ""


class Sqlite(msgspec.Struct, frozen=True):
    """The SQLite that this Python brings."""

    version: str
    oldest: str
    """The oldest that the store works with."""
    is_new_enough: bool


def look_at(path: Path) -> Look | None:
    """What lies at a path; None where nothing does.

    Raises:
        OSError, TelltaleError: If it cannot be read.
    """
    if not path.exists():
        return None
    size, wal = size_of(path), path.with_name(path.name + "-wal")
    is_open = size and wal.exists() and path.with_name(path.name + "-shm").exists()
    wal_size = size_of(wal)
    read = _asked(path, wal_size) if is_open else _read(path)
    found, layout = read or (0, 0)
    is_ours = found == APPLICATION_ID
    return Look(
        size=size,
        wal_size=wal_size,
        is_database=read is not None,
        is_ours=is_ours,
        layout=layout if is_ours else 0,
    )


def found_sqlite() -> Sqlite:
    """Which SQLite is loaded, and whether it will do."""
    return Sqlite(
        version=sqlite3.sqlite_version,
        oldest=dotted(OLDEST_SQLITE),
        is_new_enough=sqlite3.sqlite_version_info >= OLDEST_SQLITE,
    )


def dotted(version: tuple[int, ...]) -> str:
    """A version as people write it."""
    return ".".join(map(str, version))


def size_of(path: Path) -> int:
    """Bytes of a file; 0 where there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _read(path: Path) -> tuple[int, int] | None:
    """Application id and layout in a file's header; None where it is no database."""
    with path.open("rb") as file:
        header = file.read(100)
    if not header.startswith(_MAGIC):
        return None
    return (
        int.from_bytes(header[_APPLICATION_ID_AT]),
        int.from_bytes(header[_LAYOUT_AT], signed=True),
    )


def _asked(path: Path, wal_size: int) -> tuple[int, int] | None:
    """The same from SQLite, which has to be asked while a file is in use."""
    # With an empty log all stands in the file, and to read that alone touches nothing beside it.
    how = "mode=ro" if wal_size else "immutable=1"
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{how}", uri=True, timeout=_BUSY_S, isolation_level=None
    )
    try:
        return (
            connection.execute("PRAGMA application_id").fetchone()[0],
            connection.execute("PRAGMA user_version").fetchone()[0],
        )
    except sqlite3.Error as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_NOTADB:
            return None
        raise in_our_words(error, path) from error
    finally:
        connection.close()
