"""Bring a file of an older layout up to date: a copy first, then all missing steps or none."""

import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec

from telltale.nouns.errors import StoreBroken
from telltale.store.copies import copy_database

log = logging.getLogger(__name__)

VERSION = 2
"""Of the layout in schema.sql; a migration raises it."""
_MIGRATIONS = Path(__file__).with_name("migrations")


class Upgraded(msgspec.Struct, frozen=True):
    """A file that was brought up to date."""

    path: str
    before: int
    after: int
    copy: str
    """The file as it was; the old Telltale opens it."""


def upgrade(connection: sqlite3.Connection, path: Path) -> Upgraded | None:
    """Run the migrations that are missing; None where there are none.

    Raises:
        StoreBroken: If the file is newer than this program, or there is no room for the copy.
        sqlite3.Error: If a step fails. The file is as it was.
    """
    before = _version(connection)
    if before > VERSION:
        raise StoreBroken(
            f"{path} has layout {before}, this Telltale knows {VERSION}: a newer one wrote it; "
            "update with `pip install -U telltale-ai`"
        )
    if before == VERSION:
        return None
    copy = _free_name(path, before)
    copy_database(path, copy)
    connection.execute("BEGIN EXCLUSIVE")
    try:
        # Another process may have been first while this one waited for the lock.
        for number in range(_version(connection) + 1, VERSION + 1):
            script = (_MIGRATIONS / f"{number}.sql").read_text(encoding="utf-8")
            for statement in statements(script):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version={VERSION}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    log.warning("%s had layout %d and has %d now; as it was, it is %s", path, before, VERSION, copy)
    return Upgraded(str(path), before, VERSION, str(copy))


def statements(script: str) -> Iterator[str]:
    """The statements of a script; `executescript` would commit, and half of it could stay."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _version(connection: sqlite3.Connection) -> int:
    return connection.execute("PRAGMA user_version").fetchone()[0]


def _free_name(path: Path, layout: int) -> Path:
    """Beside the file; an earlier copy is somebody's only way back, and stays."""
    name = f"{path.name}.layout-{layout}"
    taken = len(list(path.parent.glob(f"{name}*")))
    return path.with_name(f"{name}.{taken}" if taken else name)
