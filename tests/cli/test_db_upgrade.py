"""`telltale db upgrade`: a home brought up to date, after a copy."""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys

import pytest
from homes import change, telltale
from homes import old as old
from homes import stored as stored

from telltale.client.client import Client
from telltale.nouns.remedies import UPDATE
from telltale.server.home import Home
from telltale.store.traces import LAYOUT
from testbed.servers import RunningServer


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


def test_where_its_server_runs_nothing_is_left_to_do(stored, server):
    ended, as_json = (telltale("upgrade", *more, "--home", stored[0]) for more in ([], ["--json"]))

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith(f"{stored[0]} is up to date; ")
    assert f"process {server.pid}" in ended.stdout and server.base_url in ended.stdout
    assert (as_json.returncode, json.loads(as_json.stdout)) == (0, [])


def test_a_home_that_an_older_telltale_serves_is_to_be_stopped_first(old):
    held = Home(old)
    ended = telltale("upgrade", "--home", old)
    held.leave()

    assert (ended.returncode, ended.stdout) == (1, "")
    assert "older Telltale: stop it first (kill" in ended.stderr


def test_a_home_without_databases_has_one_code(tmp_path):
    for command in (["upgrade"], ["backup", tmp_path / "copy"]):
        assert telltale(*command, "--home", tmp_path).returncode == 3
        assert "A home without databases is not found" in " ".join(
            telltale(command[0], "--help").stdout.split()
        )


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
