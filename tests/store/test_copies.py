"""A database in use is copied as it stood at one moment, or not at all."""

import os
import shutil
import sqlite3
import subprocess
import sys
import threading

import pytest

from telltale.nouns.errors import StoreBroken
from telltale.store import copies
from telltale.store.copies import copy_database
from testbed.disks import needs_mount, small_disk

FULL_DISK = """
import pathlib, resource, sys
from telltale.nouns.errors import StoreBroken
from telltale.store.copies import copy_database
source, target = map(pathlib.Path, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_FSIZE, (source.stat().st_size // 2, resource.RLIM_INFINITY))
try:
    copy_database(source, target)
except StoreBroken as error:
    print(error)
"""


@pytest.fixture
def source(tmp_path):
    """A database in use, of some 400 pages, in which both tables have the same number of rows."""
    path = tmp_path / "source.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    for table in ("one", "other"):
        connection.execute(f"CREATE TABLE {table} (load BLOB)")
    insert_pairs(connection, 100)
    yield path
    connection.close()


@pytest.fixture
def target(tmp_path):
    (tmp_path / "there").mkdir()
    return tmp_path / "there" / "copy.db"


def insert_pairs(connection, count):
    connection.execute("BEGIN")
    for table in ("one", "other"):
        connection.executemany(
            f"INSERT INTO {table} VALUES (randomblob(8000))", [() for _ in range(count)]
        )
    connection.execute("COMMIT")


def counts(path):
    connection = sqlite3.connect(path)
    try:
        return [
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("one", "other")
        ]
    finally:
        connection.close()


def test_a_writer_that_does_not_rest_neither_waits_nor_makes_it_begin_anew(
    source, target, monkeypatch
):
    monkeypatch.setattr(copies, "PAGES_AT_A_TIME", 1)
    monkeypatch.setattr(copies, "TELL_EVERY_S", 0)
    told = []
    writer = sqlite3.connect(source, isolation_level=None)

    def write_meanwhile(words):
        # In the copier's own steps: between each two of them something is committed.
        insert_pairs(writer, 1)
        told.append(words)

    copy_database(source, target, write_meanwhile)
    writer.close()

    assert counts(target) == [100, 100]
    assert counts(source) == [100 + len(told)] * 2
    assert len(told) > 100
    assert told[0] == "source.db: 0%" and told[-2:] == [
        "source.db: 100%",
        "checking the copy of source.db",
    ]


def test_threads_that_write_lose_nothing(source, target):
    stop = threading.Event()

    def write():
        connection = sqlite3.connect(source, isolation_level=None, timeout=30)
        while not stop.is_set():
            connection.execute("BEGIN IMMEDIATE")
            for table in ("one", "other"):
                connection.execute(f"INSERT INTO {table} VALUES (x'00')")
            connection.execute("COMMIT")
        connection.close()

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    found = []
    try:
        for number in range(10):
            copy_database(source, target.with_name(f"{number}.db"))
            found.append(counts(target.with_name(f"{number}.db")))
    finally:
        stop.set()
        for thread in threads:
            thread.join()

    assert all(one == other for one, other in found)
    assert found == sorted(found)


def test_the_copy_is_one_file_for_its_owner(source, target):
    size = copy_database(source, target)

    assert list(target.parent.iterdir()) == [target]
    assert target.stat().st_mode & 0o777 == 0o600
    assert target.stat().st_size == size


def test_what_an_earlier_try_left_is_no_hindrance(source, target):
    unfinished = target.with_name("copy.db.part")
    unfinished.write_bytes(b"half of a copy" * 1000)
    target.with_name("copy.db.part-journal").write_bytes(b"its journal")

    copy_database(source, target)

    assert list(target.parent.iterdir()) == [target]
    assert counts(target) == [100, 100]


def test_a_disk_that_fills_up_meanwhile_leaves_nothing_behind(source, target):
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, source, target],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )

    assert "could not be copied to" in done.stdout and "free space" in done.stdout
    assert list(target.parent.iterdir()) == []
    assert counts(source) == [100, 100]


@needs_mount
def test_a_disk_that_may_only_be_read_is_told(source, tmp_path):
    with small_disk(tmp_path / "disk", "64m") as disk:
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)

        with pytest.raises(StoreBroken, match=r"could not be copied to .*permissions"):
            copy_database(source, disk / "copy.db")


def test_ctrl_c_leaves_nothing_behind(source, target, monkeypatch):
    monkeypatch.setattr(copies, "PAGES_AT_A_TIME", 1)
    monkeypatch.setattr(copies, "TELL_EVERY_S", 0)

    def interrupt(words):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy_database(source, target, interrupt)

    assert list(target.parent.iterdir()) == []


def test_a_damaged_database_is_not_passed_off_as_a_backup(source, target):
    connection = sqlite3.connect(source, isolation_level=None)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name='one'").fetchone()[0]
    size = connection.execute("PRAGMA page_size").fetchone()[0]
    connection.close()
    with source.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)

    with pytest.raises(StoreBroken) as told:
        copy_database(source, target)

    assert str(told.value).startswith(f"{source} is damaged (")
    assert "restore an earlier backup" in str(told.value)
    assert "telltale traces export" in str(told.value)
    assert "\n" not in str(told.value)
    assert list(target.parent.iterdir()) == []


def test_what_is_no_database_any_more_is_called_damaged(source, target):
    other = source.with_name("other.db")
    other.write_bytes(b"no database " * 1000)

    with pytest.raises(StoreBroken, match=r"other\.db is damaged \(file is not a database\)"):
        copy_database(other, target)


def test_a_copy_that_its_disk_damages_is_not_laid_at_the_sources_door(source, target):
    def damage_the_copy(words):
        if words.startswith("checking the copy"):
            with target.with_name("copy.db.part").open("r+b") as file:
                file.seek(4096)
                file.write(b"\xff" * 4096 * 50)

    with pytest.raises(
        StoreBroken, match=r"source\.db could not be copied .*copy is damaged.*disk"
    ):
        copy_database(source, target, damage_the_copy)

    assert list(target.parent.iterdir()) == []


@pytest.fixture
def read_only(tmp_path):
    """A disk that may only be read, with a file that was closed and one that was not."""
    with small_disk(tmp_path / "disk") as disk:
        connection = sqlite3.connect(disk / "closed.db", isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        for table in ("one", "other"):
            connection.execute(f"CREATE TABLE {table} (load BLOB)")
        insert_pairs(connection, 3)
        for end in ("", "-wal"):
            shutil.copy(disk / f"closed.db{end}", disk / f"killed.db{end}")
        connection.close()
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        yield disk


@needs_mount
def test_a_file_on_a_disk_that_may_only_be_read_is_copied(read_only, target):
    copy_database(read_only / "closed.db", target)

    assert counts(target) == [3, 3]


@needs_mount
def test_a_log_that_nobody_can_read_on_such_a_disk_is_not_left_behind(read_only, target):
    with pytest.raises(StoreBroken, match=r"may only be read: copy .*disk to another, and back"):
        copy_database(read_only / "killed.db", target)

    assert list(target.parent.iterdir()) == []
