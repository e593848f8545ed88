"""Homes with databases, and `telltale db` over them; fixtures that its tests share."""

import os
import sqlite3
import subprocess
import sys

import pytest

from journals import crew, llm_call, piece


def telltale(*arguments, **env):
    return subprocess.run(
        [sys.executable, "-m", "telltale.cli", "db", *map(str, arguments)],
        capture_output=True,
        text=True,
        env=os.environ | {"COLUMNS": "120"} | env,
        check=False,
    )


def change(path, statement):
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.fixture
def stored(server, http):
    """The home of a running server, and the id of a trace that it has."""
    root = crew(experiment="backed up")
    assert http.post("/api/v1/journal", content=piece([root, llm_call(root)])).status_code == 200
    return server.home, root.trace_id.hex()


@pytest.fixture
def old(tmp_path, stored):
    """A home that no server holds, with a database of layout 1."""
    assert telltale("backup", tmp_path / "old", "--home", stored[0]).returncode == 0
    connection = sqlite3.connect(tmp_path / "old" / "traces.db", isolation_level=None)
    for later in ("open_spans", "facets", "trace_facets", "unread_traces"):
        connection.execute(f"DROP TABLE {later}")
    indexes = "SELECT name FROM sqlite_master WHERE name GLOB 'traces_*by_*' AND type = 'index'"
    for (index,) in connection.execute(indexes).fetchall():
        connection.execute(f"DROP INDEX {index}")
    connection.execute("ALTER TABLE spans DROP COLUMN seen_ns")
    connection.execute("PRAGMA user_version=1")
    connection.close()
    return tmp_path / "old"
