"""An interrupt between two steps of a segment's change leaves nothing that would be told later."""

import os
import signal
import tempfile
from pathlib import Path

import pytest
from journal_files import record

from fakes.journal_server import JournalServer
from programs import run_program
from telltale.tracing import handles
from telltale.tracing import journal as journals_module
from telltale.tracing.handles import Handle
from telltale.tracing.journal import SEGMENT_BYTES, Journal
from testbed.waiting import wait_until


class TooLate(Exception):
    """A time-out of the user's."""


@pytest.fixture
def alarm():
    """Raises in the middle of what is under way."""

    def late(signum, frame):
        raise TooLate

    before = signal.signal(signal.SIGALRM, late)
    yield lambda: signal.raise_signal(signal.SIGALRM)
    signal.signal(signal.SIGALRM, before)


def test_one_that_was_opened_and_has_no_header_is_passed_over(
    journal, server, shipper, alarm, monkeypatch, caplog
):
    class Interrupted(Handle):
        def __init__(self, *given):
            super().__init__(*given)
            monkeypatch.undo()
            alarm()

    journal.write(record("before"))
    monkeypatch.setattr(journals_module, "Handle", Interrupted)
    with pytest.raises(TooLate):
        journal.redirect(server.url)
    journal.redirect(server.url)
    journal.write(record("after"))

    assert journal.segment == 2
    assert shipper.flush(20)
    assert server.names == ["before", "after"]
    assert not [line for line in caplog.messages if "fault" in line]
    assert not journal.segment_path(1).exists()


def test_one_that_has_just_taken_the_descriptor_is_known_again(
    journal, server, shipper, alarm, monkeypatch, caplog
):
    class Interrupted:
        def __getattr__(self, name):
            return getattr(os, name)

        def dup2(self, *given, **more):
            os.dup2(*given, **more)
            monkeypatch.undo()
            alarm()

    journal.write(record("before"))
    monkeypatch.setattr(handles, "os", Interrupted())
    with pytest.raises(TooLate):
        journal.redirect(server.url)
    journal.write(record("after"))

    wait_until(lambda: journal.segment >= 1)
    assert shipper.flush(20)
    assert server.names == ["before", "after"]
    assert not [line for line in caplog.messages if "closed the descriptors" in line]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another user")
def test_a_program_that_acts_as_another_user_for_a_moment_stays_in_its_home(home):
    with JournalServer() as server, tempfile.TemporaryDirectory(dir="/tmp") as open_to_all:
        Path(open_to_all).chmod(0o777)
        program = run_program(
            """
            import os, telltale, time
            from telltale.tracing import watch
            with telltale.start_span("as root"): pass
            os.seteuid(65534)
            with telltale.start_span("for a moment"): pass
            time.sleep(5 * watch.LOOK_EVERY_S)
            with telltale.start_span("still"): pass
            os.seteuid(0)
            with telltale.start_span("as root again"): pass
            assert telltale.flush()
            """,
            home,
            server.url,
            TMPDIR=open_to_all,
        )
        elsewhere = list(Path(open_to_all).iterdir())

    assert (program.returncode, program.stderr) == (0, "")
    assert server.names == ["as root", "for a moment", "still", "as root again"]
    assert elsewhere == []


def test_a_segment_is_not_settled_before_a_write_that_a_handler_stands_above(folder, monkeypatch):
    journal = Journal(folder, "http://127.0.0.1:9", {}, "")
    write, settled = os.write, []

    def interrupted(number, data):
        monkeypatch.setattr(os, "write", write)
        journal.write(record("in a handler", SEGMENT_BYTES + 1))  # It begins another segment.
        settled.append(journal.is_settled(0))
        return write(number, data)

    monkeypatch.setattr(os, "write", interrupted)
    journal.write(record("interrupted"))

    assert (settled, journal.segment, journal.is_settled(0)) == ([False], 1, True)
    journal.let_go()
