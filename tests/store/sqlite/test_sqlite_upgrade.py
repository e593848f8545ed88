"""A file of an older layout is copied, then brought up to date, whole or not at all."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from store_records import record, trace_id

from telltale.nouns.errors import StoreBroken
from telltale.nouns.span import State
from telltale.store.questions import FindTraces, OpenJournals, ReadSpans, ReadTrace
from telltale.store.traces import open_trace_store, upgrade_trace_store
from telltale.store.traces.sqlite.connection import APPLICATION_ID
from telltale.store.traces.sqlite.upgrade import VERSION

LAYOUT_1 = Path(__file__).with_name("layout_1.sql")


@pytest.fixture
def old(tmp_path) -> Path:
    """A file of layout 1 with a trace that ended, and one that ran when it was last used."""
    new, path = tmp_path / "new.db", tmp_path / "traces.db"
    store = open_trace_store(new, 1)
    store.write([record(trace=1, name="ended", tags={"a": "b"}), record(trace=1, span=2, parent=1)])
    store.write([record(trace=2, name="ran", end_ms=None)])
    store.close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA page_size=8192")
    connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
    connection.executescript(LAYOUT_1.read_text())
    connection.execute("ATTACH ? AS new", (str(new),))
    connection.execute("DELETE FROM counter")
    for table in ("counter", "traces", "spans", "bodies", "resources", "trace_facts", "trace_tags"):
        names = ", ".join(
            name
            for _, name, *_, hidden in connection.execute(f"PRAGMA main.table_xinfo({table})")
            if not hidden
        )
        connection.execute(f"INSERT INTO main.{table} ({names}) SELECT {names} FROM new.{table}")
    connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
    connection.execute("PRAGMA user_version=1")
    connection.close()
    new.unlink()
    return path


def layout(path: Path) -> list[tuple]:
    """Everything that the file is laid out as, without the spelling of a statement."""
    with sqlite3.connect(path) as connection:
        things = connection.execute(
            "SELECT type, name, tbl_name FROM sqlite_master WHERE name NOT LIKE 'text_index%'"
        ).fetchall()
        columns = [
            (table, *column)
            for kind, table, _ in things
            if kind == "table"
            for column in connection.execute(f"PRAGMA table_xinfo({table})")
        ]
    connection.close()
    return sorted(things) + sorted(columns, key=str)


def version(path: Path) -> int:
    connection = sqlite3.connect(path)
    try:
        return connection.execute("PRAGMA user_version").fetchone()[0]
    finally:
        connection.close()


def test_an_upgraded_file_is_laid_out_as_a_new_one(old, tmp_path):
    open_trace_store(old, 1).close()
    open_trace_store(tmp_path / "fresh.db", 1).close()

    assert layout(old) == layout(tmp_path / "fresh.db")
    assert version(old) == version(tmp_path / "fresh.db") == VERSION


def test_what_was_stored_reads_as_before_and_what_ran_is_lost(old):
    store = open_trace_store(old, 1)
    try:
        assert [trace.name for trace in store.read(FindTraces()).traces] == ["ran", "ended"]
        ended = store.read(ReadTrace(trace_id(1)))
        assert (ended.state, ended.spans, ended.tags) == (State.ENDED, 2, {"a": "b"})
        assert store.read(ReadTrace(trace_id(2))).state is State.LOST
        assert store.read(OpenJournals()) == {}

        store.write([record(trace=2, end_ms=30)])
        (span,) = store.read(ReadSpans(trace_id=trace_id(2)))
        assert (span.reading.state, span.ordinal) == (State.ENDED, 0)
    finally:
        store.close()


def test_the_file_as_it_was_lies_beside_it_and_no_copy_is_written_over(old, caplog):
    before = layout(old)

    upgraded = upgrade_trace_store(old)

    assert (upgraded.before, upgraded.after) == (1, VERSION)
    copy = Path(upgraded.copy)
    assert (version(copy), layout(copy)) == (1, before)
    assert copy.stat().st_mode & 0o777 == 0o600
    assert str(copy) in caplog.text
    assert upgrade_trace_store(old) is None
    old.unlink()
    copy.rename(old)
    copy.touch()
    assert upgrade_trace_store(old).copy != str(copy)
    assert copy.read_bytes() == b""


def test_a_step_that_fails_leaves_the_file_as_it_was(old):
    connection = sqlite3.connect(old, isolation_level=None)
    connection.execute("CREATE TABLE open_spans (somebody TEXT)")
    connection.close()
    before = layout(old)

    with pytest.raises(StoreBroken, match="open_spans"):
        open_trace_store(old, 1)

    assert (version(old), layout(old)) == (1, before)


def test_a_newer_file_is_left_alone(old):
    connection = sqlite3.connect(old, isolation_level=None)
    connection.execute(f"PRAGMA user_version={VERSION + 1}")
    connection.close()

    with pytest.raises(StoreBroken, match="a newer one wrote it"):
        open_trace_store(old, 1)

    assert list(old.parent.iterdir()) == [old]


@pytest.mark.parametrize("statement", range(1, 6))
def test_an_upgrade_that_is_killed_half_way_has_not_happened(old, statement):
    """Killed before each of its statements, by the program that is killed itself."""
    code = f"""
import os, pathlib, signal, sys
from telltale.store.traces.sqlite import upgrade
split, left = upgrade.statements, [{statement}]
def counted(script):
    for one in split(script):
        left[0] -= 1
        if not left[0]: os.kill(os.getpid(), signal.SIGKILL)
        yield one
upgrade.statements = counted
from telltale.store.traces import upgrade_trace_store
upgrade_trace_store(pathlib.Path({str(old)!r}))
"""
    killed = subprocess.run([sys.executable, "-c", code], env=os.environ, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert version(old) == 1

    open_trace_store(old, 1).close()
    assert version(old) == VERSION
