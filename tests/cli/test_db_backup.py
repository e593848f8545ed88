"""`telltale db backup`: a home copied while its server runs."""

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
from testbed.disks import needs_mount, small_disk
from testbed.servers import RunningServer


def test_a_backup_is_told_in_one_line_and_is_a_home(stored, tmp_path):
    home, trace_id = stored

    ended = telltale("backup", tmp_path / "copies" / "monday", "--home", home)

    assert ended.returncode == 0, ended.stderr
    folder, _, what = ended.stdout.strip().partition(": ")
    assert folder == str(tmp_path / "copies" / "monday")
    assert what.startswith(f"{len(traces(home))} traces with ") and what.endswith("iB, checked")
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
