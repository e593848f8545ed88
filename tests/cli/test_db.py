"""`telltale db`: a home copied while its server runs, and brought up to date."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys

import pytest

from disks import needs_mount, small_disk
from journals import crew, llm_call, piece
from servers import RunningServer
from telltale.client.client import Client
from telltale.nouns.remedies import UPDATE
from telltale.store.traces import LAYOUT


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
        assert list(disk.iterdir()) == []


def test_folders_that_were_there_stay_and_those_that_were_made_go(tmp_path):
    """As the two before: whatever made it fail."""
    home, target = tmp_path / "home", tmp_path / "a" / "b"
    target.mkdir(parents=True)
    home.mkdir()
    for name in ("traces.db", "metadata.db"):
        (home / name).write_text("a diary")

    for folder in (target, target / "c" / "d"):
        ended = telltale("backup", folder, "--home", home)
        assert (ended.returncode, ended.stdout) == (1, "")

    assert list(target.iterdir()) == []


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_backup_with_one_line_and_leaves_nothing(old, tmp_path, by):
    change(old / "traces.db", "CREATE TABLE large AS SELECT zeroblob(150000000)")
    command = [sys.executable, "-m", "telltale.cli", "db", "backup", tmp_path / "copy"]
    with subprocess.Popen(
        [*command, "--home", old], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr.readline().startswith("copying traces.db")
        process.send_signal(by)
        told, said = process.communicate()

    assert (process.returncode, told) == (128 + by, "")
    assert said.splitlines()[-1] == f"telltale: stopped, and nothing is left at {tmp_path / 'copy'}"
    assert "Traceback" not in said
    assert not (tmp_path / "copy").exists()


def test_what_a_killed_backup_has_left_is_named(stored, tmp_path):
    (tmp_path / "copy" / "unfinished").mkdir(parents=True)

    ended = telltale("backup", tmp_path / "copy", "--home", stored[0])

    assert (ended.returncode, ended.stdout) == (2, "")
    assert "a backup that was not finished" in ended.stderr and "delete" in ended.stderr


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
    assert not target.exists()


def test_a_home_is_upgraded_and_the_copy_named(old):
    first, second = telltale("upgrade", "--home", old), telltale("upgrade", "--home", old)

    copy = old / "traces.db.layout-1"
    assert (first.returncode, second.returncode) == (0, 0)
    assert first.stdout == (
        f"{old / 'traces.db'}: layout 1 is now {LAYOUT}; as it was, it is kept as {copy}\n"
    )
    assert copy.is_file()
    assert second.stdout == f"{old} is up to date\n"


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_an_upgrade_with_one_line_and_leaves_it_as_it_was(old, by):
    change(old / "traces.db", "CREATE TABLE large AS SELECT zeroblob(150000000)")
    command = [sys.executable, "-m", "telltale.cli", "db", "upgrade", "--home", old]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert "copied first" in process.stderr.readline()
        process.send_signal(by)
        told, said = process.communicate()

    assert (process.returncode, told) == (128 + by, "")
    assert said.startswith("telltale: stopped; each database is as it was")
    assert len(said.splitlines()) == 1
    assert {path.name for path in old.iterdir()} <= {"traces.db", "metadata.db", "server.lock"}


def test_json_is_an_array_of_what_was_upgraded(old):
    first, second = (telltale("upgrade", "--json", "--home", old) for _ in "12")

    (upgraded,) = json.loads(first.stdout)
    assert upgraded == {
        "database": str(old / "traces.db"),
        "before": 1,
        "after": LAYOUT,
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
    assert f"process {server.pid}" in ended.stderr and server.base_url in ended.stderr
    assert "brought it up to date when it started" in ended.stderr
    # What helps a second server does not help here.
    assert "folder of its own" not in ended.stderr


def test_a_newer_home_says_what_to_update(old):
    connection = sqlite3.connect(old / "traces.db", isolation_level=None)
    connection.execute(f"PRAGMA user_version={LAYOUT + 1}")
    connection.close()

    ended = telltale("upgrade", "--home", old)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert "a newer one wrote it" in ended.stderr and UPDATE in ended.stderr
    assert sorted(old.iterdir()) == [old / "metadata.db", old / "traces.db"]


def test_where_there_is_no_home_none_is_made(tmp_path):
    ended = telltale("upgrade", "--home", tmp_path / "home")

    assert (ended.returncode, ended.stdout) == (3, "")
    assert "no such folder" in ended.stderr
    assert not (tmp_path / "home").exists()


def change(path, statement):
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


NO_DATABASES = {
    "nothing": (lambda path: None, 3, "{path}: there is no database"),
    "empty": (lambda path: path.touch(), 3, "{path} is empty"),
    "text": (lambda path: path.write_text("a diary"), 1, "{path} is not a SQLite database"),
    "folder": (lambda path: path.mkdir(), 1, "{path} is not a file"),
}


@pytest.mark.parametrize("what", NO_DATABASES)
@pytest.mark.parametrize("name", ["traces.db", "metadata.db"])
def test_what_is_no_database_is_named_and_stays_as_it_is(old, name, what):
    make, code, words = NO_DATABASES[what]
    (old / name).unlink()
    make(old / name)
    before = contents(old)

    ended = telltale("upgrade", "--home", old)

    assert (ended.returncode, ended.stdout) == (code, "")
    assert words.format(path=old / name) in ended.stderr
    assert "--home" in ended.stderr and "Traceback" not in ended.stderr
    # Not even a lock: it is no home of ours, perhaps.
    assert contents(old) == before


def test_a_database_of_another_program_is_named_and_stays_as_it_is(tmp_path):
    change(tmp_path / "traces.db", "CREATE TABLE theirs (x)")
    change(tmp_path / "metadata.db", "CREATE TABLE theirs (x)")
    before = contents(tmp_path)

    ended = telltale("upgrade", "--home", tmp_path)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert f"{tmp_path / 'traces.db'} is a database of another program" in ended.stderr
    assert contents(tmp_path) == before


def contents(folder):
    return {path.name: path.read_bytes() if path.is_file() else None for path in folder.iterdir()}


def test_a_layout_that_no_telltale_has_written_is_not_upgraded(old):
    change(old / "traces.db", "PRAGMA user_version=0")
    before = contents(old)

    ended = telltale("upgrade", "--home", old)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert "has layout 0, which no Telltale has written" in ended.stderr
    assert "check the disk" not in ended.stderr
    assert contents(old) == before


def test_a_home_that_may_not_be_written_is_told_with_what_helps(ordinary, old):
    home = ordinary.folder / "home"
    shutil.copytree(old, home)
    home.chmod(0o500)

    ended = ordinary.telltale("db", "upgrade", "--home", home)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert "may write" in ended.stderr and "Traceback" not in ended.stderr


def test_a_database_that_may_not_be_read_is_told_with_what_helps(ordinary, old):
    home = ordinary.folder / "home"
    shutil.copytree(old, home)
    (home / "traces.db").chmod(0)

    ended = ordinary.telltale("db", "upgrade", "--home", home)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert f"{home / 'traces.db'} cannot be read" in ended.stderr


@pytest.mark.parametrize("command", [[], ["backup"], ["upgrade"]])
def test_help_documents_the_exit_codes(command):
    ended = telltale(*command, "--help")

    words = " ".join(ended.stdout.split())
    assert ended.returncode == 0
    for meaning in ("0 done", "1 failed", "2 used wrongly", "3 not found"):
        assert meaning in words
    assert ("130 stopped by Ctrl-C, 143 by SIGTERM" in words) == bool(command)


def test_a_backup_onto_something_is_used_wrongly(stored, tmp_path):
    shutil.copy(__file__, tmp_path / "mine.py")

    ended = telltale("backup", tmp_path, "--home", stored[0])

    assert (ended.returncode, ended.stdout) == (2, "")
    assert "something is there already" in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.py"]
