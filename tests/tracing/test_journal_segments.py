"""The journal's files: modes, lock, rotation, and the one descriptor."""

import errno
import fcntl
import os
import stat
import threading
from pathlib import Path

import pytest
from journal_files import names, record, segments

from telltale.tracing.journal import SEGMENT_BYTES, Journal
from telltale.tracing.records import read_segment

THREADS = 8
DESTINATION = "http://127.0.0.1:5000"


@pytest.fixture
def journal(tmp_path):
    opened = Journal(tmp_path / "home" / "journal", DESTINATION, {"service.name": "trips"}, "1.2")
    yield opened
    opened.let_go()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def descriptors() -> dict[str, str]:
    found = {}
    for link in Path("/proc/self/fd").iterdir():
        try:
            found[link.name] = str(link.readlink())
        except OSError:
            continue  # The descriptor of the listing itself.
    return found


def test_nobody_else_may_read_what_is_recorded(journal):
    assert mode(journal.folder) == 0o700
    assert {path.name.partition(".")[2]: mode(path) for path in journal.folder.iterdir()} == {
        "lock": 0o600,
        "000000": 0o600,
    }


def test_modes_do_not_depend_on_the_programs_umask(tmp_path):
    before = os.umask(0)
    try:
        journal = Journal(tmp_path / "journal", DESTINATION, {}, "")
    finally:
        os.umask(before)

    assert mode(journal.folder) == 0o700
    assert {mode(path) for path in journal.folder.iterdir()} == {0o600}
    journal.let_go()


def test_the_lock_is_held_while_the_journal_lives(journal):
    descriptor = os.open(journal.lock.path, os.O_RDWR)
    with pytest.raises(BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    journal.lock.abandon()

    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(descriptor)


def test_each_segment_says_who_writes_it_and_for_whom(journal):
    for number in range(3):
        journal.write(record(f"span {number}", SEGMENT_BYTES))

    headers = [read_segment(path.read_bytes()).header for path in segments(journal)]

    assert [header.segment for header in headers] == [0, 1, 2, 3]
    assert {header.journal_id for header in headers} == {journal.id}
    assert len(journal.id) == 16
    first = headers[0]
    assert (first.destination, first.pid, first.sdk_version, first.resource) == (
        DESTINATION,
        os.getpid(),
        "1.2",
        {"service.name": "trips"},
    )


def test_two_journals_of_one_folder_do_not_meet(tmp_path):
    first, second = (Journal(tmp_path, DESTINATION, {}, "") for _ in range(2))
    first.write(record("one"))
    second.write(record("two"))

    assert names(first.segment_path(0)) == ["one"]
    assert names(second.segment_path(0)) == ["two"]
    first.let_go()
    second.let_go()


def test_a_segment_is_left_once_it_is_past_its_size_and_by_one_record_at_most(journal):
    for number in range(9):
        journal.write(record(f"{number}", 1024 * 1024))

    sizes = [path.stat().st_size for path in segments(journal)]

    assert [name for path in segments(journal) for name in names(path)] == [*"012345678"]
    assert all(SEGMENT_BYTES < size < SEGMENT_BYTES + 1024 * 1024 + 200 for size in sizes[:-1])
    assert len(sizes) == 3


def test_a_rotation_under_many_threads_keeps_every_record_once(journal):
    barrier = threading.Barrier(THREADS)

    def write(thread: int) -> None:
        barrier.wait()
        for number in range(40):
            journal.write(record(f"{thread}-{number}", 60_000))

    threads = [threading.Thread(target=write, args=(thread,)) for thread in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = [name for path in segments(journal) for name in names(path)]
    assert sorted(found) == sorted(f"{t}-{n}" for t in range(THREADS) for n in range(40))
    # How many, is chance: who begins the next one waits for Python's lock while others write on.
    assert len(segments(journal)) > 1
    assert [read_segment(path.read_bytes()).damaged for path in segments(journal)] == [0] * len(
        segments(journal)
    )


def test_rotation_keeps_the_number_of_the_descriptor_and_opens_no_more(journal):
    before = descriptors()
    for _ in range(3):
        journal.write(record("big", SEGMENT_BYTES))

    after = descriptors()

    assert after.keys() == before.keys()
    changed = [number for number in after if after[number] != before[number]]
    assert [after[number] for number in changed] == [str(journal.segment_path(3))]


def test_no_descriptor_is_inherited_by_a_program_that_is_started(journal):
    journal.write(record("big", SEGMENT_BYTES))
    ours = [int(n) for n, path in descriptors().items() if path.startswith(str(journal.folder))]

    assert len(ours) == 2
    assert [os.get_inheritable(number) for number in ours] == [False, False]


def test_a_new_destination_begins_a_new_segment(journal):
    journal.write(record("before"))
    journal.redirect("http://127.0.0.1:6000")
    journal.write(record("after"))

    read = [read_segment(path.read_bytes()) for path in segments(journal)]

    assert [(one.header.destination, [s.name for s in one.spans]) for one in read] == [
        (DESTINATION, ["before"]),
        ("http://127.0.0.1:6000", ["after"]),
    ]


def test_a_next_segment_that_cannot_be_opened_costs_no_span(journal, caplog, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no room")

    monkeypatch.setattr("telltale.tracing.journal.Handle", full)
    for number in range(3):
        journal.write(record(f"{number}", SEGMENT_BYTES - 100))

    assert names(journal.segment_path(0)) == ["0", "1", "2"]
    assert "next segment" in caplog.text


def test_a_write_that_fails_is_said_once_and_never_raised(journal, caplog):
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, journal._file.number)
    os.close(full)

    journal.write(record("lost"))
    journal.write(record("lost too"))

    assert caplog.text.count("spans are being lost") == 1
