"""A file that cannot be used is named, with why and what to do."""

import os
import re
import sqlite3
import subprocess

import pytest
from store_records import record

from telltale.nouns.errors import BadInput, StoreBroken
from telltale.store.traces import open_trace_store
from telltale.store.traces.sqlite.faults import in_our_words
from testbed.disks import fill, needs_mount, small_disk


@needs_mount
def test_a_disk_that_may_only_be_read(tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        open_trace_store(disk / "traces.db", 1).close()
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)

        with pytest.raises(StoreBroken, match=r"traces\.db (may not be written|cannot be opened)"):
            open_trace_store(disk / "traces.db", 1).write([record()])


@needs_mount
def test_a_disk_without_room_for_the_index_of_the_log(tmp_path):
    """SQLite calls it an I/O error."""
    with small_disk(tmp_path / "disk") as disk:
        store = open_trace_store(disk / "traces.db", 1)
        store.write([record()])
        store.close()
        fill(disk)

        with pytest.raises(StoreBroken, match=r"traces\.db: the disk is full; free some space"):
            open_trace_store(disk / "traces.db", 1)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_file_of_another_user(tmp_path):
    path = tmp_path / "traces.db"
    open_trace_store(path, 1).close()
    path.chmod(0o400)

    with pytest.raises(StoreBroken, match="may not be written"):
        open_trace_store(path, 1).write([record()])


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(StoreBroken, match=r"traces\.db cannot be used .*check the disk"):
        open_trace_store(tmp_path / "file" / "folder" / "traces.db", 1)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (sqlite3.SQLITE_FULL, "the disk is full; free some space"),
        (sqlite3.SQLITE_IOERR_FSYNC, "the disk failed .*check it, its quota"),
        (sqlite3.SQLITE_CANTOPEN_ISDIR, "cannot be opened .*folder"),
        (sqlite3.SQLITE_READONLY_DBMOVED, "may not be written .*--home"),
        (sqlite3.SQLITE_CORRUPT_INDEX, "is damaged .*restore a backup"),
        (sqlite3.SQLITE_NOMEM, "cannot be used .*check the disk"),
    ],
)
def test_each_code_has_its_words(tmp_path, code, words):
    error = sqlite3.OperationalError("what SQLite said")
    error.sqlite_errorcode = code

    told = in_our_words(error, tmp_path / "traces.db")

    assert isinstance(told, StoreBroken)
    assert str(told).startswith(str(tmp_path / "traces.db"))
    assert re.search(words, str(told))


@pytest.mark.parametrize(
    "error",
    [
        sqlite3.IntegrityError("cannot store TEXT value in INTEGER column"),
        OverflowError("Python int too large to convert to SQLite INTEGER"),
        UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_value_that_no_row_holds_is_its_senders(tmp_path, error):
    told = in_our_words(error, tmp_path / "traces.db")

    assert type(told) is BadInput
    assert "the sender has to mend it" in str(told)
