"""Programs that close, fork and clear away what is not theirs: their files stay theirs."""

import os
import socket
import tempfile
import threading
from pathlib import Path

import pytest
from journal_files import left_behind, names, record, segments
from shippers import PATIENT

import telltale
from fakes.journal_server import JournalServer
from programs import run_program
from recording import NOWHERE
from telltale.tracing.folder import journals
from telltale.tracing.handles import Handle
from telltale.tracing.journal import Journal
from telltale.tracing.orphans import Orphans
from telltale.tracing.post import Connection, Refused
from telltale.tracing.records import read_segment
from telltale.tracing.watch import BEAT_S
from testbed.disks import fill, needs_mount, small_disk
from testbed.waiting import wait_until


def close(journal: Journal) -> None:
    """As a program does that closes every descriptor."""
    os.close(journal._file.number)
    os.close(journal.lock._handle.number)


def test_a_program_that_closes_every_descriptor_keeps_its_files_and_its_spans(home, tmp_path):
    with JournalServer() as server:
        program = run_program(
            f"""
            import os, telltale
            {PATIENT}
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
        number = connection._wire._http.sock.fileno()
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


def test_an_interrupt_between_two_segments_costs_no_later_one(journal, monkeypatch):
    journal.write(record("before"))
    monkeypatch.setattr(Handle, "become", interrupted)
    with pytest.raises(KeyboardInterrupt):
        journal.redirect("http://127.0.0.1:6000")
    monkeypatch.undo()

    journal.mend()
    journal.write(record("after"))

    read = [read_segment(path.read_bytes()) for path in segments(journal)]
    assert [(one.header.segment, [span.name for span in one.spans]) for one in read] == [
        (0, ["before"]),
        (1, []),
        (2, ["after"]),
    ]
    assert journal.segment == 2
    assert read[2].header.destination == "http://127.0.0.1:6000"


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_server_that_is_named_while_the_first_span_starts_gets_the_spans(recording, monkeypatch):
    made = Journal.__init__

    def slowly(journal: Journal, *args: object) -> None:
        made(journal, *args)
        monkeypatch.setattr(Journal, "__init__", made)
        telltale.set_tracking_uri("http://127.0.0.1:6000")

    monkeypatch.setattr(Journal, "__init__", slowly)
    with telltale.start_span("work"):
        pass

    (segment,) = [one for one in recording.segments if one.spans]
    assert segment.header.destination == "http://127.0.0.1:6000"


def test_a_child_ends_a_span_that_another_thread_was_writing_to(home):
    program = run_program(
        """
        import os, threading, telltale
        with telltale.start_span("shared") as span:
            going = True
            def write():
                while going:
                    span.set_attribute("a", 1)
            threading.Thread(target=write).start()
            for _ in range(40):
                if (pid := os.fork()) == 0:
                    span.end()
                    os._exit(0)
                assert os.waitpid(pid, 0)[1] == 0
            going = False
        """,
        home,
    )

    assert program.returncode == 0, program.stderr


def test_a_handler_may_write_to_the_span_that_it_interrupts(home):
    program = run_program(
        """
        import signal, telltale
        left = 200
        def tick(*_):
            global left
            left -= 1
            span.set_attribute("ticks", left)
        signal.signal(signal.SIGALRM, tick)
        with telltale.start_span("interrupted") as span:
            signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
            while left > 0:
                span.set_attribute("a", 1)
            signal.setitimer(signal.ITIMER_REAL, 0)
        """,
        home,
    )

    assert program.returncode == 0, program.stderr
    assert program.recording.one.name == "interrupted"


@pytest.fixture
def linked(tmp_path):
    """A folder that is there by a link, which one step can change."""
    (tmp_path / "linked").mkdir()
    (tmp_path / "journal").symlink_to(tmp_path / "linked")
    return tmp_path / "linked"


def test_a_folder_out_of_reach_for_a_while_stops_no_beats(
    linked, shipper, journal, server, folder, clock
):
    assert journal.folder == folder
    journal.write(record("before"))
    assert shipper.flush(20)
    (linked.parent / "file").write_text("in its place")
    (linked.parent / "file").replace(folder)  # Whoever asks for a file below it gets ENOTDIR.
    clock.now += BEAT_S

    kept = linked / journal.segment_path(0).name
    wait_until(lambda: read_segment(kept.read_bytes()).beats)
    for _ in range(3):
        shipper.flush(1)
    assert shipper._traffic().waiting_bytes == 0
    (linked.parent / "link").symlink_to(linked)
    (linked.parent / "link").replace(folder)

    journal.write(record("after"))
    wait_until(lambda: shipper.flush(20))
    assert server.names == ["before", "after"]


def test_a_refusal_that_comes_before_the_body_is_heard(tmp_path):
    """As proxies do that look at a body's length and hang up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=refuse_early, args=(listener,), daemon=True).start()
        connection = Connection(f"http://127.0.0.1:{listener.getsockname()[1]}")
        with pytest.raises(Refused, match="413"):
            connection.ship(b"", b"x" * 8_000_000, 0)


def refuse_early(listener: socket.socket) -> None:
    version = b'{"name": "telltale", "version": "0", "journal": [1]}'
    answers = (b"200 OK", version), (b"413 Too Large", b"too large")
    client, _ = listener.accept()
    with client:
        for status, body in answers:
            client.recv(65536)
            length = str(len(body)).encode()
            client.sendall(b"HTTP/1.1 %s\r\nContent-Length: %s\r\n\r\n%s" % (status, length, body))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_program_that_becomes_another_user_goes_on_in_a_home_of_that_users(home):
    with JournalServer() as server, tempfile.TemporaryDirectory(dir="/tmp") as open_to_all:
        Path(open_to_all).chmod(0o777)
        program = run_program(
            """
            import os, telltale, time
            from telltale.tracing import keeper, watch
            from telltale.tracing.state import TRACING
            keeper.LOOK_EVERY_S = 0
            with telltale.start_span("as root"): pass
            assert telltale.flush()
            first = TRACING.settings.home
            os.setuid(65534)
            while TRACING.settings.home == first:
                with telltale.start_span("in between"): pass
            with telltale.start_span("as another"): pass
            assert telltale.flush()
            time.sleep(3 * watch.LOOK_EVERY_S)
            """,
            home,
            server.url,
            TMPDIR=open_to_all,
        )

        assert program.returncode == 0, program.stderr
        assert {"as root", "as another"} <= set(server.names)
        (said,) = program.stderr.splitlines()  # And no fault of ours.
        assert "runs as user 65534 now" in said
        (found,) = journals(program.recording.folder)
        assert not found.has_owner()  # So it is anybody's who may enter.


def test_waiting_for_ever_is_no_error(shipper):
    assert shipper.flush(float("inf"))


def test_a_program_without_a_descriptor_left_is_told_of_its_limit_and_traced_when_it_has_one(home):
    program = run_program(
        """
        import os, resource, telltale
        from telltale.tracing import state
        telltale.start_span
        state.RETRY_S = 0
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
        taken = []
        try:
            while True:
                taken.append(os.open("/dev/null", os.O_RDONLY))
        except OSError:
            pass
        with telltale.start_span("unrecorded"): pass
        for one in taken:
            os.close(one)
        with telltale.start_span("recorded"): pass
        """,
        home,
    )

    assert program.recording.names == ["recorded"]
    (told, *_) = program.warnings
    assert "nothing is traced until it can" in told and "`ulimit -n`" in told
