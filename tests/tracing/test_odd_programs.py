"""Programs that close, fork and clear away what is not theirs: their files stay theirs."""

import os

from journal_files import left_behind, names, record, segments

from fakes.journal_server import JournalServer
from programs import run_program
from recording import NOWHERE
from telltale.tracing.folder import journals
from telltale.tracing.handles import Handle
from telltale.tracing.journal import Journal
from telltale.tracing.orphans import Orphans
from telltale.tracing.post import Connection
from telltale.tracing.records import read_segment
from testbed.disks import fill, needs_mount, small_disk


def close(journal: Journal) -> None:
    """As a program does that closes every descriptor."""
    os.close(journal._file.number)
    os.close(journal.lock._handle.number)


def test_a_program_that_closes_every_descriptor_keeps_its_files_and_its_spans(home, tmp_path):
    with JournalServer() as server:
        program = run_program(
            f"""
            import os, telltale
            with telltale.start_span("before"): pass
            assert telltale.flush()
            os.closerange(3, 1024)
            mine = [open({str(tmp_path)!r} + f"/mine{{n}}", "wb") for n in range(150)]
            for n in range(5):
                with telltale.start_span(f"after {{n}}"): pass
            assert telltale.flush()
            """,
            home,
            server.url,
        )

    assert program.returncode == 0, program.stderr
    assert sum(path.stat().st_size for path in tmp_path.glob("mine*")) == 0
    assert server.names == ["before", *(f"after {n}" for n in range(5))]
    assert len(program.warnings) == 1 and "closed the descriptors" in program.warnings[0]
    assert list(program.recording.folder.iterdir()) == []


def test_a_closed_segment_is_followed_by_another(journal, caplog):
    journal.write(record("before"))
    close(journal)
    assert journal.write(record("after"))

    assert [names(path) for path in segments(journal)] == [["before"], ["after"]]
    assert journal.unwritten == 0
    assert caplog.text.count("closed the descriptors") == 1


def test_a_users_file_under_our_number_is_written_to_no_more_after_a_look(journal, tmp_path):
    close(journal)
    with (tmp_path / "mine").open("wb") as mine:
        os.dup2(mine.fileno(), journal._file.number)
        journal.mend()
        journal.write(record("ours"))

    assert (tmp_path / "mine").read_bytes() == b""
    assert names(journal.segment_path(1)) == ["ours"]


def test_a_number_that_is_a_users_by_now_is_not_closed(tmp_path):
    handle = Handle(tmp_path / "ours", os.O_CREAT | os.O_RDWR)
    with (tmp_path / "mine").open("wb") as mine:
        os.dup2(mine.fileno(), handle.number)
        handle.close()
        os.close(handle.number)  # It is open still.


def test_a_socket_that_is_a_users_by_now_gets_nothing(tmp_path):
    with JournalServer() as server:
        connection = Connection(server.url)
        connection.greet()
        number = connection._open.sock.fileno()
        with (tmp_path / "mine").open("w+b") as mine:
            os.dup2(mine.fileno(), number)
            connection.greet()
            connection.close()
            os.close(number)  # It is open still.

        assert (tmp_path / "mine").read_bytes() == b""
        assert len(server.asked) == 2


def test_a_lock_that_was_deleted_is_taken_again_before_anybody_adopts(journal):
    journal.lock.path.unlink()
    (found,) = journals(journal.folder)
    assert not found.has_owner()

    journal.mend()

    assert found.has_owner()
    assert list(Orphans(journal.folder).ship()) == []


def test_a_closed_lock_is_taken_again(journal):
    os.close(journal.lock._handle.number)
    (found,) = journals(journal.folder)
    assert not found.has_owner()

    journal.mend()

    assert found.has_owner()


def test_a_lock_that_somebody_adopts_is_taken_when_they_are_done(journal):
    journal.lock.path.unlink()
    other = Handle(journal.lock.path, os.O_CREAT | os.O_RDWR)
    assert other.lock()
    journal.mend()
    other.close()

    journal.mend()

    assert journals(journal.folder)[0].has_owner()


def test_a_lock_looks_used_as_long_as_its_process_lives(journal):
    os.utime(journal.lock.path, (1, 1))

    journal.lock.say_alive()

    assert journal.lock.path.stat().st_mtime > 1


@needs_mount
def test_a_destination_that_found_no_room_is_written_for_when_there_is_some(tmp_path):
    with small_disk(tmp_path / "disk", "8m") as disk:
        journal = Journal(disk / "journal", NOWHERE, {}, "")
        filler = fill(disk)
        journal.redirect("http://127.0.0.1:6000")
        journal.mend()
        filler.unlink()
        journal.mend()
        journal.mend()
        journal.write(record("for the new one"))

        read = [read_segment(path.read_bytes()) for path in segments(journal)]
        assert [(one.header.destination, len(one.spans)) for one in read] == [
            (NOWHERE, 0),
            ("http://127.0.0.1:6000", 1),
        ]
        journal.let_go()


def test_a_child_that_was_forked_lets_go_of_every_lock_that_its_parent_held(tmp_path):
    left_behind(tmp_path, NOWHERE, record("work"))
    (found,) = journals(tmp_path)
    asking = Handle(found.lock, os.O_RDONLY)
    assert asking.lock(shared=True)
    lives, stays = os.pipe(), os.pipe()
    if (child := os.fork()) == 0:
        os.write(lives[1], b"x")
        os.read(stays[0], 1)
        os._exit(0)
    os.read(lives[0], 1)
    asking.close()

    adopter = Handle(found.lock, os.O_RDWR)
    assert adopter.lock()

    adopter.close()
    os.write(stays[1], b"x")
    os.waitpid(child, 0)
    for descriptor in (*lives, *stays):
        os.close(descriptor)
