"""What was acknowledged is on disk, and a disk that refuses breaks nothing for good."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

from store_records import record, trace_id

from telltale.store.questions import CountTraces, ReadTrace
from telltale.store.traces import open_trace_store

CHILD = Path(__file__).with_name("writing_child.py")


def writing_child(folder, *limit):
    return subprocess.Popen(
        [sys.executable, CHILD, folder, *map(str, limit)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def is_sound(path):
    with sqlite3.connect(path) as connection:
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_acknowledged_writes_outlive_a_killed_process(tmp_path):
    with writing_child(tmp_path) as child:
        lines = [child.stdout.readline() for _ in range(30)]
        child.send_signal(signal.SIGKILL)
        lines += child.stdout.readlines()
    acknowledged = [int(line.split()[1]) for line in lines if line.endswith("\n")]

    store = open_trace_store(tmp_path / "traces.db", reading_version=1)
    missing = [n for n in acknowledged if store.read(ReadTrace(trace_id(n))) is None]
    store.close()
    assert len(acknowledged) >= 30
    assert missing == []
    assert is_sound(tmp_path / "traces.db")


def test_a_full_disk_refuses_the_write_and_the_store_goes_on(tmp_path):
    with writing_child(tmp_path, 1 << 20) as child:
        lines = child.stdout.read().splitlines()
    refused = [line for line in lines if line.startswith("refused")]
    stored = [int(line.split()[1]) for line in lines if line.startswith("stored")]

    assert child.returncode == 0
    assert len(refused) == 1
    assert "disk" in refused[0]
    store = open_trace_store(tmp_path / "traces.db", reading_version=1)
    assert store.read(CountTraces()) == {0: len(stored)}
    assert stored[-1] == len(stored), "the write after the refused one took its place"
    store.close()
    assert is_sound(tmp_path / "traces.db")


def test_two_stores_may_write_the_same_file(tmp_path):
    first, second = (open_trace_store(tmp_path / "traces.db", reading_version=1) for _ in "12")
    seqs = [
        store.write([record(trace=n)])
        for n, store in enumerate([first, second, second, first, second], start=1)
    ]

    assert seqs == sorted(set(seqs))
    assert first.read(CountTraces()) == {0: 5}
    first.close()
    assert second.read(CountTraces()) == {0: 5}
    second.close()
