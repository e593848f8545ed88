"""`telltale db`: a home copied while its server runs, and brought up to date."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys

import pytest

from disks import needs_mount, small_disk
from journals import crew, llm_call, piece
from servers import RunningServer
from telltale.client.client import Client
from telltale.store.traces.sqlite.upgrade import VERSION


def telltale(*arguments, **env):
    return subprocess.run(
        [sys.executable, "-m", "telltale.cli", "db", *map(str, arguments)],
        capture_output=True,
        text=True,
        env=os.environ | {"COLUMNS": "120"} | env,
        check=False,
    )


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
    connection.execute("DROP TABLE open_spans")
    connection.execute("ALTER TABLE spans DROP COLUMN seen_ns")
    connection.execute("PRAGMA user_version=1")
    connection.close()
    return tmp_path / "old"


def test_a_backup_is_told_in_one_line_and_is_a_home(stored, tmp_path):
    home, trace_id = stored

    ended = telltale("backup", tmp_path / "copies" / "monday", "--home", home)

    assert ended.returncode == 0, ended.stderr
    folder, _, what = ended.stdout.strip().partition(": ")
    assert folder == str(tmp_path / "copies" / "monday")
    assert what.startswith(f"{len(traces(home))} traces with ") and what.endswith(" MB, checked")
    assert [line.split(",")[0] for line in ended.stderr.splitlines()] == [
        "copying traces.db",
        "checking the copy of traces.db",
        "copying metadata.db",
        "checking the copy of metadata.db",
    ]
    with RunningServer(tmp_path / "copies" / "monday") as copy, Client(copy.base_url) as client:
        assert client.trace(trace_id).spans == 2
        assert "backed up" in {experiment.name for experiment in client.experiments()}
    assert (tmp_path / "copies" / "monday").stat().st_mode & 0o777 == 0o700


def traces(home):
    connection = sqlite3.connect(home / "traces.db")
    try:
        return connection.execute("SELECT trace_id FROM traces").fetchall()
    finally:
        connection.close()


def test_the_home_is_taken_from_the_environment_and_the_folder_may_be_empty(stored, tmp_path):
    ended = telltale("backup", tmp_path, TELLTALE_HOME=str(stored[0]))

    assert ended.returncode == 0, ended.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"traces.db", "metadata.db"}


@needs_mount
def test_a_backup_to_a_full_disk_leaves_nothing(stored, tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        ended = telltale("backup", disk / "copy", "--home", stored[0])

        assert (ended.returncode, ended.stdout) == (1, "")
        assert "MB are needed; free some space" in ended.stderr
        assert list((disk / "copy").iterdir()) == []


def test_a_backup_of_something_else_is_refused_and_leaves_nothing(tmp_path):
    home, target = tmp_path / "home", tmp_path / "copy"
    home.mkdir()
    for name in ("traces.db", "metadata.db"):
        connection = sqlite3.connect(home / name)
        connection.execute("CREATE TABLE notes (text TEXT)")
        connection.close()

    ended = telltale("backup", target, "--home", home)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert "no such table: traces" in ended.stderr and "--home" in ended.stderr
    assert list(target.iterdir()) == []


def test_a_home_is_upgraded_and_the_copy_named(old):
    first, second = telltale("upgrade", "--home", old), telltale("upgrade", "--home", old)

    copy = old / "traces.db.layout-1"
    assert (first.returncode, second.returncode) == (0, 0)
    assert first.stdout == (
        f"{old / 'traces.db'}: layout 1 is now {VERSION}; as it was, it is kept as {copy}\n"
    )
    assert copy.is_file()
    assert second.stdout == f"{old} is up to date\n"


def test_json_is_an_array_of_what_was_upgraded(old):
    first, second = (telltale("upgrade", "--json", "--home", old) for _ in "12")

    (upgraded,) = json.loads(first.stdout)
    assert upgraded == {
        "database": str(old / "traces.db"),
        "before": 1,
        "after": VERSION,
        "copy": str(old / "traces.db.layout-1"),
    }
    assert json.loads(second.stdout) == []


def test_a_server_upgrades_when_it_starts_and_says_so(old, stored):
    with RunningServer(old) as server, Client(server.base_url) as client:
        assert client.trace(stored[1]).spans == 2
        log = server.log()

    assert log.count("layout 1 is now") == 1
    assert str(old / "traces.db.layout-1") in log


def test_a_home_whose_server_runs_is_not_upgraded(stored, server):
    ended = telltale("upgrade", "--home", stored[0])

    assert (ended.returncode, ended.stdout) == (1, "")
    assert f"process {server.pid}" in ended.stderr and "stop it" in ended.stderr


def test_a_newer_home_says_what_to_update(old):
    connection = sqlite3.connect(old / "traces.db", isolation_level=None)
    connection.execute(f"PRAGMA user_version={VERSION + 1}")
    connection.close()

    ended = telltale("upgrade", "--home", old)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert "pip install -U" in ended.stderr


@pytest.mark.parametrize(
    ("make", "words"),
    [(lambda home: None, "no such folder"), (lambda home: home.mkdir(), "there is no database")],
)
def test_where_there_is_no_database_none_is_made(tmp_path, make, words):
    home = tmp_path / "home"
    make(home)

    ended = telltale("upgrade", "--home", home)

    assert (ended.returncode, ended.stdout) == (3, "")
    assert words in ended.stderr
    assert not (home / "traces.db").exists()


@pytest.mark.parametrize("command", [[], ["backup"], ["upgrade"]])
def test_help_documents_the_exit_codes(command):
    ended = telltale(*command, "--help")

    words = " ".join(ended.stdout.split())
    assert ended.returncode == 0
    for meaning in ("0 done", "1 failed", "2 used wrongly", "3 not found"):
        assert meaning in words


def test_a_backup_onto_something_is_used_wrongly(stored, tmp_path):
    shutil.copy(__file__, tmp_path / "mine.py")

    ended = telltale("backup", tmp_path, "--home", stored[0])

    assert (ended.returncode, ended.stdout) == (2, "")
    assert "something is there already" in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.py"]
