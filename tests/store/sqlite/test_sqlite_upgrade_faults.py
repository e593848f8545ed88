"""An upgrade that cannot be finished has not happened, and leaves nothing behind."""

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from older import layout, make_large, make_old, version

from telltale.nouns.errors import StoreBroken, StoreBusy
from telltale.store.traces import LAYOUT, open_trace_store, upgrade_trace_store
from telltale.store.traces.sqlite import connection as connections
from telltale.store.traces.sqlite import upgrade as upgrades
from testbed.disks import fill, needs_mount, small_disk


@pytest.fixture
def old(tmp_path) -> Path:
    return make_old(tmp_path / "traces.db")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_step_that_fails_leaves_the_file_as_it_was_and_no_copy(old, tmp_path):
    by_hand = sqlite3.connect(old, isolation_level=None)
    by_hand.execute("CREATE TABLE open_spans (somebody TEXT)")
    by_hand.close()
    before = layout(old)

    with pytest.raises(
        StoreBroken, match=rf"layout 1 .* {LAYOUT} \(table open_spans already exists\)"
    ):
        open_trace_store(old, 1)

    assert (version(old), layout(old)) == (1, before)
    assert names(tmp_path) == ["traces.db"]


@needs_mount
def test_without_room_for_the_copy_nothing_is_touched(tmp_path):
    with small_disk(tmp_path / "disk", "16m") as disk:
        old = make_old(disk / "traces.db")
        before = old.read_bytes()

        with pytest.raises(StoreBroken, match=r"MB are free there and .* needed; free some space"):
            open_trace_store(old, 1)

        assert old.read_bytes() == before
        assert names(disk) == ["traces.db"]


@needs_mount
def test_a_disk_that_fills_up_in_the_middle_is_told_and_it_goes_on_with_more(tmp_path):
    """Room for the copy and not for the log: each span is written again."""
    with small_disk(tmp_path / "disk", "128m") as disk:
        old = make_old(disk / "traces.db")
        make_large(old, 30)
        filler = fill(disk)
        with filler.open("r+b") as file:
            file.truncate(filler.stat().st_size - old.stat().st_size - (18 << 20))

        with pytest.raises(StoreBroken, match=r"disk is full.*left as it was; free some space"):
            open_trace_store(old, 1)
        assert version(old) == 1
        assert names(disk) == ["filler", "traces.db"]

        filler.unlink()
        open_trace_store(old, 1).close()
        assert version(old) == LAYOUT


def test_several_processes_at_once_upgrade_it_once(old, tmp_path):
    make_large(old, 10)
    code = "import sys, pathlib; from telltale.store.traces import upgrade_trace_store; input()\n"
    code += "print(upgrade_trace_store(pathlib.Path(sys.argv[1])))"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, old],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate()[0].strip() for process in processes]

    assert [process.returncode for process in processes] == [0] * 4
    assert sorted(line == "None" for line in said) == [False, True, True, True]
    assert names(tmp_path) == ["traces.db", "traces.db.layout-1"]
    assert version(tmp_path / "traces.db.layout-1") == 1


def test_a_file_that_another_program_writes_is_not_upgraded(old, tmp_path, monkeypatch):
    monkeypatch.setattr(connections, "BUSY_TIMEOUT_MS", 1)
    other = sqlite3.connect(old, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreBusy, match="locked by another program"):
        upgrade_trace_store(old)

    other.execute("ROLLBACK")
    other.close()
    assert version(old) == 1
    assert names(tmp_path) == ["traces.db"]


@pytest.mark.parametrize("statement", range(1, 8))
def test_an_upgrade_that_is_killed_half_way_has_not_happened(old, statement):
    """Killed before each of its statements, and before the commit, by itself."""
    code = f"""
import os, pathlib, signal
from telltale.store.traces.sqlite import upgrade
split, left = upgrade.statements, [{statement}]
def counted(script):
    for one in [*split(script), "SELECT 'the last one has run'"]:
        left[0] -= 1
        if not left[0]: os.kill(os.getpid(), signal.SIGKILL)
        yield one
upgrade.statements = counted
from telltale.store.traces import upgrade_trace_store
upgrade_trace_store(pathlib.Path({str(old)!r}))
"""
    for _ in range(3):
        killed = subprocess.run([sys.executable, "-c", code], check=False)
        assert killed.returncode == -signal.SIGKILL
        assert version(old) == 1

    open_trace_store(old, 1).close()
    assert version(old) == LAYOUT
    # Somebody who starts it again and again does not fill the disk with copies.
    assert names(old.parent) == ["traces.db", "traces.db.layout-1"]


def test_ctrl_c_that_comes_behind_the_commit_leaves_the_way_back(old, tmp_path, monkeypatch):
    """A large commit takes seconds, and Python hears of the signal only after it."""
    migrate = upgrades._migrate

    def interrupted(*arguments):
        migrate(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(upgrades, "_migrate", interrupted)
    with pytest.raises(KeyboardInterrupt):
        upgrade_trace_store(old)

    assert version(old) == LAYOUT
    assert version(tmp_path / "traces.db.layout-1") == 1
