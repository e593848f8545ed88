"""The database file: made, recognised, and opened for the one writer and for many readers.

A file that is not ours is refused and never written, because `--store` may be given the name of
somebody's database.
"""

import logging
import os
import sqlite3
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from telltale.nouns.errors import StoreBroken, TelltaleError
from telltale.store.layouts import Upgraded
from telltale.store.traces.sqlite.faults import in_our_words
from telltale.store.traces.sqlite.look import (
    APPLICATION_ID,
    LAYOUT,
    OLDEST_SQLITE,
    dotted,
    look_at,
)
from telltale.store.traces.sqlite.upgrade import statements, upgrade

log = logging.getLogger(__name__)

BUSY_TIMEOUT_MS = 10_000
IDLE_READERS = 8
"""Connections kept open between questions; each holds up to 2 MB of pages."""

_SCHEMA = Path(__file__).with_name("schema.sql")


def open_writer(path: Path) -> sqlite3.Connection:
    """Open the store for writing, made if there is none; the connection may change its thread.

    Raises:
        StoreBroken: As `open_file`.
    """
    connection, upgraded = open_file(path)
    if upgraded:
        log.warning("%s", upgraded)
    return connection


def open_file(path: Path) -> tuple[sqlite3.Connection, Upgraded | None]:
    """The same, and what was done to a file of an older layout.

    Raises:
        StoreBroken: If SQLite is too old, or the file is not ours, newer, or unusable. One of an
            older layout is brought up to date after a copy.
    """
    check_sqlite(sqlite3.sqlite_version_info)
    connection = None
    try:
        _make_private(path)
        _recognise(path)
        connection = _connect(path, "rw")
        _make_durable(connection)
        _lay_out(connection)
        upgraded = upgrade(connection, path)
        _write_ahead(connection)
    except (sqlite3.Error, OSError, TelltaleError) as error:
        if connection is not None:
            connection.close()
        raise in_our_words(error, path) from error
    return connection, upgraded


def check_sqlite(found: tuple[int, ...]) -> None:
    """Refuse a SQLite that would fail later, and less clearly.

    Raises:
        StoreBroken: If it is older than what the layout needs.
    """
    if found < OLDEST_SQLITE:
        raise StoreBroken(
            f"SQLite {dotted(found)} is too old, {dotted(OLDEST_SQLITE)} is needed; "
            "use a newer Python, which brings its own"
        )


class Readers:
    """Connections for reading, lent to one question at a time.

    A pool and not one a thread: a server's threads come and go, and idle ones hold memory.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: deque[sqlite3.Connection] = deque()
        self._closed = False

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one moment of the store, however many statements it runs."""
        connection = self._take()
        try:
            connection.execute("BEGIN")
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            # Whatever state it is in, the next question does not inherit it.
            connection.close()
            raise
        self._give_back(connection)

    def close(self) -> None:
        """Close what is idle now, and what is still lent when it comes back."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()

    def _take(self) -> sqlite3.Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return _connect(self._path, "ro")

    def _give_back(self, connection: sqlite3.Connection) -> None:
        if self._closed or len(self._idle) >= IDLE_READERS:
            connection.close()
        else:
            self._idle.append(connection)


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=BUSY_TIMEOUT_MS / 1000,
        isolation_level=None,  # BEGIN and COMMIT stand in our code
        check_same_thread=False,
    )


def _make_private(path: Path) -> None:
    """Make an empty file where there is none, for its owner only; its -wal and -shm follow it."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _recognise(path: Path) -> None:
    """Refuse what is neither empty nor ours, without touching it in any way."""
    if not path.is_file():
        raise StoreBroken(f"{path} is not a file; give the path of a file, new or Telltale's own")
    look = look_at(path)
    if look is not None and look.size and look.strangeness:
        raise StoreBroken(
            f"{path} {look.strangeness}, and is left as it is; give the path of a new file or of "
            "Telltale's own"
        )


def _lay_out(connection: sqlite3.Connection) -> None:
    """Make the tables, all or none, if the file is empty; another process may do so at once."""
    if connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID:
        return
    # These two hold only if they are said before the first page is written.
    connection.execute("PRAGMA page_size=8192")
    connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
    connection.execute("BEGIN EXCLUSIVE")
    try:
        if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            for statement in statements(_SCHEMA.read_text(encoding="utf-8")):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version={LAYOUT}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _make_durable(connection: sqlite3.Connection) -> None:
    """An acknowledged write survives the loss of power."""
    connection.execute("PRAGMA synchronous=FULL")
    if sys.platform == "darwin":
        # fsync there leaves the data in the drive's cache.
        connection.execute("PRAGMA fullfsync=1")
        connection.execute("PRAGMA checkpoint_fullfsync=1")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """A commit is one fsync, and readers do not wait for it."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA cache_size=-32000")
    # After a burst the log gives its space back.
    connection.execute("PRAGMA journal_size_limit=67108864")
