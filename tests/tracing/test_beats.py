"""A process that has nothing to tell says that it lives, and at its end that it ends."""

import fcntl
import os
import struct
import termios
import threading

from journal_files import record
from shippers import PATIENT

from fakes.journal_server import Answer, busy
from programs import run_program
from telltale.tracing.batch import BATCH_BYTES
from telltale.tracing.journal import Journal
from telltale.tracing.records import Beat, encode_beat, read_segment
from telltale.tracing.shipper import Shipper
from telltale.tracing.watch import BEAT_S
from testbed.waiting import wait_until


def bytes_in(pipe: int) -> int:
    """How much waits to be read."""
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))[0]


def beats(server) -> list[Beat]:
    return [beat for segment in server.segments for beat in read_segment(segment).beats]


def written_beats(journal: Journal) -> tuple[Beat, ...]:
    """Those in its first segment."""
    return read_segment(journal.segment_path(0).read_bytes()).beats


def test_a_beat_survives_its_way(tmp_path):
    beat = Beat(time_ns=7, last=True, unwritten=1, dropped_segments=2, retries=3)
    journal = Journal(tmp_path, "http://127.0.0.1:9", {}, "")
    journal.write(encode_beat(beat))

    assert written_beats(journal) == (beat,)


def test_a_silent_process_beats_every_ten_seconds(server, clock, shipper):
    assert BEAT_S == 10
    for count in (1, 2, 3):
        clock.now += BEAT_S - 1
        shipper.wait_for_rounds(2)  # Time for a beat to be written and posted.
        assert len(beats(server)) == count - 1
        clock.now += 1
        server.wait_for(lambda s, count=count: len(beats(s)) == count)


def test_a_beat_tells_of_failed_tries_and_of_what_waits(journal, server, clock, shipper):
    server.misbehave += [Answer(500), busy(1)]
    journal.write(record("work", 5000))
    for tries in (1, 2):
        server.wait_for(lambda s, tries=tries: len(s.posts) >= tries)
        shipper.wait_for_rounds()  # The answer has come back, too.
        clock.now += BEAT_S
        wait_until(lambda tries=tries: len(written_beats(journal)) == tries)

    server.wait_for(lambda s: len(beats(s)) == 2)

    first, second = beats(server)
    assert first.waiting_bytes > 5000
    # The second try may come before the first beat is written, or after it.
    assert first.retries in (1, 2)
    assert second.retries == 2


def test_the_end_of_a_program_is_its_last_beat(home, server):
    code = f"import telltale\n{PATIENT}\nwith telltale.start_span('work'): pass"
    program = run_program(code, home, server.url)

    assert (program.returncode, program.stderr) == (0, "")
    (segment,) = server.segments
    assert [beat.last for beat in read_segment(segment).beats] == [True]


def test_a_record_that_the_disk_refuses_is_counted(tmp_path, server):
    journal = Journal(tmp_path, server.url, {}, "")
    os.dup2(os.open("/dev/full", os.O_WRONLY), journal._file.number)

    assert [journal.write(record("lost")) for _ in range(3)] == [True] * 3
    assert journal.unwritten == 3


def test_a_segment_is_not_let_go_while_a_thread_is_still_writing_to_it(
    journal, server, shipper, monkeypatch
):
    """The kernel may stop a thread in the middle of a write for as long as it likes.

    Here a pipe that is full stops it: it takes the place of the segment when the write begins.
    """
    monkeypatch.setattr(journal, "mend", lambda: None)  # It would find the pipe.
    journal.write(record("first"))
    assert shipper.flush(20)
    reading, writing = os.pipe()
    number = journal._file.number
    segment = os.dup(number)
    os.dup2(writing, number)
    stuck = threading.Thread(target=journal.write, args=(record("stuck", 200_000),))
    stuck.start()
    wait_until(lambda: bytes_in(reading) >= 65536)
    os.dup2(segment, number)

    journal.redirect(server.url)
    journal.write(record("second"))
    assert shipper.flush(20)
    assert not journal.is_settled(0)
    assert journal.segment_path(0).exists()
    assert not journal.close(0.01)

    left = len(record("stuck", 200_000))
    while left:
        left -= len(os.read(reading, 1 << 20))
    stuck.join()
    assert journal.is_settled(0)
    assert shipper.flush(20)
    assert not journal.segment_path(0).exists()


def test_what_is_written_while_the_journal_is_closed_belongs_in_another(tmp_path, server):
    journal = Journal(tmp_path, server.url, {}, "")

    assert journal.write(record("before"))
    assert journal.close(1.0)
    assert not journal.write(record("after"))
    assert b"after" not in journal.segment_path(0).read_bytes()


def test_threads_that_write_while_the_program_ends_lose_nothing(home, server):
    program = run_program(
        """
        import itertools, os, threading, telltale
        telltale.start_span
        ended, said = [], threading.Event()
        def work(name):
            for number in itertools.count():
                with telltale.start_span(f"{name} {number}"): pass
                os.write(1, f"{name} {number}\\n".encode())
                said.set()
        for name in "abc":
            threading.Thread(target=work, args=(name,), daemon=True).start()
        said.wait()
        """,
        home,
        server.url,
    )

    assert program.returncode == 0, program.stderr
    arrived = set(server.names) | set(program.recording.names)
    assert set(program.stdout.splitlines()) <= arrived


def test_a_server_that_answers_late_is_sent_less_at_a_time(journal, server, monkeypatch):
    monkeypatch.setattr("telltale.tracing.post.TIMEOUT_S", 0.5)
    server.bytes_a_second = 1_000_000
    names = [f"{number}" for number in range(20)]
    for name in names:
        journal.write(record(name, 100_000))
    shipper = Shipper(journal)
    shipper.start()

    wait_until(lambda: shipper.flush(30), 60)
    shipper.finish(5.0)

    assert set(server.names) == set(names)
    first, *later = (len(asked.body) for asked in server.posts)
    assert first > BATCH_BYTES - 200_000
    assert max(later) < BATCH_BYTES // 2
