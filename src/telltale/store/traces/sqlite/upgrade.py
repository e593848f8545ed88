"""Bring a file of an older layout up to date: a copy first, then all missing steps or none."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from telltale.nouns.errors import StoreBroken
from telltale.nouns.remedies import UPDATE_THIS
from telltale.store.layouts import Upgraded, kept_copy
from telltale.store.traces.sqlite.look import LAYOUT

_MIGRATIONS = Path(__file__).with_name("migrations")


def upgrade(connection: sqlite3.Connection, path: Path) -> Upgraded | None:
    """Run the migrations that are missing; None where there are none.

    Raises:
        StoreBroken: If the file is newer than this program, there is no room for the copy, or a
            step fails. The file is as it was.
        sqlite3.Error: If another program holds the file.
    """
    if _layout(connection, path) == LAYOUT:
        return None

    def is_changed() -> bool:
        # What is not committed will be taken back.
        return not connection.in_transaction and _layout(connection, path) == LAYOUT

    # Nobody else writes from here on, so the copy is what the steps begin with. Immediate and
    # not exclusive: the copy is read over a connection of its own.
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have been first while this one waited for the lock.
        before = _layout(connection, path)
        if before == LAYOUT:
            return None
        with kept_copy(path, before, is_changed) as copy:
            _migrate(connection, path, before)
        return Upgraded(str(path), before, LAYOUT, str(copy))
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def statements(script: str) -> Iterator[str]:
    """The statements of a script; `executescript` would commit, and half of it could stay."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _migrate(connection: sqlite3.Connection, path: Path, before: int) -> None:
    """Run the steps from a layout on, and commit."""
    try:
        for number in range(before + 1, LAYOUT + 1):
            script = (_MIGRATIONS / f"{number}.sql").read_text(encoding="utf-8")
            for statement in statements(script):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version={LAYOUT}")
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise StoreBroken(
            f"{path} has layout {before} and could not be brought to {LAYOUT} ({error}), so it "
            "is left as it was; free some space on its disk and start again, or use the older "
            "Telltale meanwhile"
        ) from error


def _layout(connection: sqlite3.Connection, path: Path) -> int:
    layout = connection.execute("PRAGMA user_version").fetchone()[0]
    if layout > LAYOUT:
        raise StoreBroken(
            f"{path} has layout {layout}, this Telltale knows {LAYOUT}: a newer one wrote it; "
            f"{UPDATE_THIS}"
        )
    return layout
