"""Connections to the metadata database, SQLite or PostgreSQL."""

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from telltale.nouns.errors import StoreBroken, TelltaleError
from telltale.store.faults import file_fault

IMMEDIATE = "telltale_immediate"
"""Execution option of a connection whose transaction takes SQLite's write lock at its start."""
BUSY_TIMEOUT_S = 10


def connect(url: str) -> Engine:
    """An engine for the URL; a SQLite file is made if there is none, for its owner only.

    Raises:
        StoreBroken: If it cannot be made.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True)
    _make_private(parsed)
    engine = create_engine(parsed, connect_args={"timeout": BUSY_TIMEOUT_S})
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    return engine


def file_of(engine: Engine) -> Path | None:
    """The file that an engine's database is; None where it is none."""
    return _file_at(engine.url)


@contextmanager
def told_as_ours(engine: Engine) -> Iterator[None]:
    """What the database refuses within becomes an error of ours.

    Raises:
        StoreBroken: Naming the database, what it said, and what to do.
        StoreBusy: If another program holds the file.
    """
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        said = error.orig if isinstance(error, DBAPIError) else error
        raise _told(said, engine.url) from error


def _told(said: BaseException | None, url: URL) -> TelltaleError:
    path = _file_at(url)
    known = None
    if path is not None and isinstance(said, sqlite3.Error | OSError):
        known = file_fault(said, path)
    where = url.render_as_string(hide_password=True)
    return known or StoreBroken(
        f"{where} cannot be used ({said}); check the address, the permissions and the disk"
    )


def _file_at(url: URL) -> Path | None:
    is_file = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
    return Path(url.database or "") if is_file else None


def _make_private(url: URL) -> None:
    path = _file_at(url)
    if path is None:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise _told(error, url) from error


def _set_up(connection: Any, _: object) -> None:
    # Python's own transactions begin too late for DDL, so that half a migration could stay.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=FULL")
    if sys.platform == "darwin":
        connection.execute("PRAGMA fullfsync=1")


def _begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get(IMMEDIATE)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
