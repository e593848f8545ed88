"""What comes in between a backup is told with a remedy, and leaves nothing half behind."""

import os
import shutil
from pathlib import Path

import pytest
from store_records import record

from telltale.nouns.errors import BadInput, StoreBroken
from telltale.store import backup
from telltale.store.backup import back_up
from telltale.store.metadata import open_metadata
from telltale.store.traces import open_trace_store

LONG = "x" * 300
"""No name on any file system is as long."""


def silent(words):
    """Somebody who does not listen."""


@pytest.fixture
def home(tmp_path):
    """A home with a trace in it."""
    folder = tmp_path / "home"
    open_metadata(f"sqlite:///{folder / 'metadata.db'}").close()
    store = open_trace_store(folder / "traces.db", 1)
    store.write([record()])
    store.close()
    return folder


def test_a_home_is_copied_with_all_folders_above_it(home, tmp_path):
    made = back_up(home, tmp_path / "a" / "b" / "c", silent)

    assert (made.traces, made.spans, made.experiments) == (1, 1, 1)
    assert sorted(path.name for path in (tmp_path / "a" / "b" / "c").iterdir()) == [
        "metadata.db",
        "traces.db",
    ]


def test_a_folder_that_is_given_relative_to_where_we_are_will_do(home, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert back_up(home.relative_to(tmp_path), Path("copy"), silent).traces == 1


@pytest.mark.parametrize("name", ["traces.db", "metadata.db"])
def test_a_name_that_somebody_takes_meanwhile_is_told_and_no_half_of_it_left(home, tmp_path, name):
    target = tmp_path / "copy"

    def take(words):
        (target / name).mkdir(exist_ok=True)

    with pytest.raises(StoreBroken, match=r"copy cannot be written .*give a folder"):
        back_up(home, target, take)

    assert [path.name for path in target.iterdir()] == [name]
    assert (target / name).is_dir()


def test_a_home_that_goes_away_meanwhile_is_told(home, tmp_path):
    def remove(words):
        shutil.rmtree(home)

    with pytest.raises(StoreBroken, match=r"traces\.db could not be copied"):
        back_up(home, tmp_path / "copy", remove)

    assert not (tmp_path / "copy").exists()


def test_what_was_made_goes_again_and_what_was_there_stays(home, tmp_path):
    def interrupt(words):
        raise KeyboardInterrupt

    (tmp_path / "there").mkdir()
    for target in (tmp_path / "there", tmp_path / "there" / "a" / "b"):
        with pytest.raises(KeyboardInterrupt):
            back_up(home, target, interrupt)

    assert list((tmp_path / "there").iterdir()) == []


def test_another_backup_into_the_same_folder_is_refused_and_does_no_harm(home, tmp_path):
    target = tmp_path / "copy"

    def make_another(words):
        with pytest.raises(BadInput, match=r"another backup is being made there.* delete"):
            back_up(home, target, silent)

    assert back_up(home, target, make_another).traces == 1


@pytest.mark.parametrize("there", ["file", "folder"])
def test_a_backup_does_not_write_over_what_is_there(home, tmp_path, there):
    target = tmp_path / "copy"
    if there == "file":
        target.write_text("mine")
    else:
        target.mkdir()
        (target / "notes.txt").write_text("mine")

    with pytest.raises(BadInput, match="is there already"):
        back_up(home, target, silent)


def test_a_home_without_databases_cannot_be_backed_up(tmp_path):
    with pytest.raises(BadInput, match=r"it has no traces\.db"):
        back_up(tmp_path, tmp_path / "copy", silent)


def test_a_home_that_cannot_be_looked_into_is_told(tmp_path):
    with pytest.raises(StoreBroken, match=r"cannot be read: File name too long; give .* --home"):
        back_up(tmp_path / LONG, tmp_path / "copy", silent)


def test_a_target_that_cannot_be_is_told(home, tmp_path):
    with pytest.raises(StoreBroken, match="File name too long; give a folder"):
        back_up(home, tmp_path / LONG, silent)


def test_every_folder_that_was_made_is_on_the_disk(home, tmp_path, monkeypatch):
    """Seen by what is asked of the system: to cut the power takes a minute."""
    synced = []
    monkeypatch.setattr(backup, "sync", lambda path: synced.append(path))

    back_up(home, tmp_path / "a" / "b", silent)

    assert {tmp_path, tmp_path / "a", tmp_path / "a" / "b"} <= set(synced)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_home_is_told(home, tmp_path):
    home.chmod(0)
    try:
        with pytest.raises(StoreBroken, match="Permission denied"):
            back_up(home, tmp_path / "copy", silent)
    finally:
        home.chmod(0o700)
