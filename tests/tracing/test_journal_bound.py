"""The journal folder holds so much and no more; what had to go is counted and said."""

import errno
import os
from pathlib import Path

from journal_files import left_behind, record

from fakes.journal_server import JournalServer
from recording import NOWHERE
from telltale.tracing import bound
from telltale.tracing.bound import drop_oldest, read_dropped
from telltale.tracing.folder import journals
from telltale.tracing.journal import SEGMENT_BYTES, Journal
from telltale.tracing.shipper import Shipper
from testbed.waiting import wait_until

MOST = 3 * SEGMENT_BYTES


def aged(folder: Path, age_s: int, size: int = SEGMENT_BYTES) -> Path:
    """A segment of a process that died so long ago."""
    path = left_behind(folder, NOWHERE, record(f"{age_s} s old", size)).segment_path(0)
    changed = path.stat().st_mtime - age_s
    os.utime(path, (changed, changed))
    return path


def held(folder) -> int:
    """Bytes of all segments, while they come and go."""
    return sum(segment.size for journal in journals(folder) for segment in journal.segments)


def test_a_folder_within_its_bound_is_left_as_it_is(folder):
    aged(folder, 1)

    assert drop_oldest(folder, MOST) == []
    assert read_dropped(folder) == []
    assert drop_oldest(folder / "nowhere", MOST) == []


def test_the_oldest_go_first_and_only_as_many_as_must(folder):
    old, older, new = (aged(folder, age) for age in (50, 90, 10))

    dropped = drop_oldest(folder, int(2.2 * SEGMENT_BYTES))

    assert [one.segment for one in dropped] == [older.name]
    assert dropped[0].bytes > SEGMENT_BYTES
    assert (old.exists(), older.exists(), new.exists()) == (True, False, True)
    assert read_dropped(folder) == dropped


def test_what_a_living_process_writes_to_stays_however_large_it_is(folder):
    journal = Journal(folder, NOWHERE, {}, "")
    for n in range(3):
        journal.write(record(f"{n}", SEGMENT_BYTES))

    dropped = drop_oldest(folder, 100)

    assert [one.segment[-6:] for one in dropped] == ["000000", "000001", "000002"]
    assert [path.number for one in journals(folder) for path in one.segments] == [3]


def test_two_who_drop_at_once_do_not_drop_twice_as_much(folder, monkeypatch):
    """The other one drops when this one has listed the folder, and has not dropped yet."""
    paths = [aged(folder, age) for age in range(1, 5)]
    most_bytes = int(2.2 * SEGMENT_BYTES)
    others = []

    def listed(folder):
        found = journals(folder)
        monkeypatch.setattr(bound, "journals", journals)
        others.extend(drop_oldest(folder, most_bytes))
        return found

    monkeypatch.setattr(bound, "journals", listed)

    ours = drop_oldest(folder, most_bytes)

    assert (len(ours), len(others)) == (0, 2)
    assert sum(path.exists() for path in paths) == 2


def test_each_is_noted_before_the_next_goes(folder, monkeypatch):
    """Its owner, which ships from it, is told why it is gone."""
    for age in (90, 50, 10):
        aged(folder, age)
    noted = []
    unlink = Path.unlink

    def noting(path, *given, **more):
        if path.suffix != ".lock":
            noted.append(len(read_dropped(folder)))
        return unlink(path, *given, **more)

    monkeypatch.setattr(Path, "unlink", noting)

    dropped = drop_oldest(folder, 100)

    assert noted == list(range(len(dropped)))


def test_a_segment_that_cannot_be_removed_stays_and_hides_no_other(folder, monkeypatch, caplog):
    oldest, stubborn, newest = (aged(folder, age) for age in (90, 50, 10))
    unlink = Path.unlink

    def refuse(path, *arguments, **options):
        if path == stubborn:
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), str(path))
        unlink(path, *arguments, **options)

    monkeypatch.setattr(Path, "unlink", refuse)

    dropped = drop_oldest(folder, int(1.2 * SEGMENT_BYTES))

    assert [one.segment for one in dropped] == [oldest.name, newest.name]
    assert read_dropped(folder) == dropped
    assert stubborn.exists()
    assert "dropping the oldest spans" in caplog.text


def test_a_note_that_cannot_be_read_hides_no_other(folder):
    aged(folder, 1)
    drop_oldest(folder, 1000)
    with (folder / "dropped.log").open("ab") as log:
        log.write(b"rubbish\n")
    aged(folder, 1)
    drop_oldest(folder, 1000)

    assert len(read_dropped(folder)) == 2


def test_what_cannot_be_noted_is_counted_all_the_same(folder, caplog):
    aged(folder, 1)
    (folder / "dropped.log").mkdir()

    assert len(drop_oldest(folder, 1000)) == 1
    assert "noting what was dropped" in caplog.text


def test_a_program_without_a_server_drops_its_oldest_says_so_once_and_sums_up(folder, caplog):
    journal = Journal(folder, NOWHERE, {}, "")
    shipper = Shipper(journal, most_bytes=MOST)
    shipper.start()
    for n in range(8):
        journal.write(record(f"{n}", SEGMENT_BYTES))
        wait_until(lambda: held(folder) <= MOST)
    wait_until(lambda: len(read_dropped(folder)) >= 5)  # Noted behind the dropping.
    shipper.finish(2.0)

    said = [line for line in caplog.messages if "dropped" in line]
    assert len(said) == 2 and "12 MiB that no server came for" in said[0] and "in all" in said[1]
    assert "somebody deleted" not in caplog.text


def test_what_was_not_dropped_arrives_when_a_server_comes(folder):
    with JournalServer() as server:
        server.stop()
        journal = Journal(folder, server.url, {}, "")
        shipper = Shipper(journal, most_bytes=MOST)
        shipper.start()
        for n in range(5):
            journal.write(record(f"{n}", SEGMENT_BYTES))
        # What is dropped while it is on its way arrives as well.
        wait_until(lambda: held(folder) <= MOST)
        journal.write(record("last"))
        server.start()

        # The first is False where it is the first to find that some were dropped.
        wait_until(lambda: shipper.flush(20))
        shipper.finish(20.0)

    assert server.names[-1] == "last"
    assert len(server.names) + len(read_dropped(folder)) == 6
    assert [path.name for path in folder.iterdir()] == ["dropped.log"]
