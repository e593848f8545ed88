"""Whoever stands at the address, however long: the program is as without us, nothing is lost."""

import pytest
from journal_files import record
from shippers import Clock

from fakes.journal_server import Answer, JournalServer
from programs import run_program
from telltale.tracing import shipper as shipping
from telltale.tracing import watch as watching
from telltale.tracing.journal import Journal
from telltale.tracing.line import LONGEST_WAIT_S
from telltale.tracing.orphans import Orphans
from telltale.tracing.shipper import Shipper
from telltale.tracing.watch import BEAT_S

PROGRAM = """
import sys, telltale
@telltale.trace
def add(a, b): return a + b
print(sum(add(n, 1) for n in range(50)))
sys.exit(6)
"""
OLDER = {"name": "telltale", "version": "0.0.1", "api": 1, "journal": []}


def stranger() -> JournalServer:
    return JournalServer(version={"name": "somebody else"})


def older() -> JournalServer:
    return JournalServer(version=OLDER)


def failing() -> JournalServer:
    server = JournalServer()
    server.misbehave += [Answer(500)] * 10_000
    return server


def nobody() -> JournalServer:
    server = JournalServer()
    with server:
        pass
    return server


@pytest.mark.parametrize("there", [nobody, stranger, older, failing])
def test_a_program_ends_as_without_us_with_one_warning_and_its_spans_come_later(home, there):
    server = there()
    if there is nobody:
        program = run_program(PROGRAM, home, server.url)
    else:
        with server:
            program = run_program(PROGRAM, home, server.url)
        assert there is failing or server.posts == [], "nothing is sent to a stranger"

    assert (program.stdout, program.returncode) == ("1275\n", 6)
    assert len(program.stderr.splitlines()) == 1, program.stderr
    assert len(program.recording.spans) == 50

    with JournalServer(port=server.port) as right:
        assert not any(one.problem for one in Orphans(home / "journal").ship())
    assert right.names == ["add"] * 50
    assert list((home / "journal").iterdir()) == []


@pytest.mark.parametrize("there", [stranger, older, failing])
def test_an_hour_of_it_is_one_warning_and_few_tries_and_then_everything_arrives(
    tmp_path, caplog, monkeypatch, there
):
    # An hour of looks is still many.
    monkeypatch.setattr(shipping, "LINGER_S", 0.002)
    monkeypatch.setattr(watching, "LOOK_EVERY_S", 0.002)
    clock, hour_s, step_s = Clock(), 3600, 5
    written = []
    with there() as wrong:
        journal = Journal(tmp_path / "journal", wrong.url, {}, "")
        shipper = Shipper(journal, clock)
        shipper.start()
        for second in range(0, hour_s, step_s):
            if second % 300 == 0:
                written.append(f"after {second} s")
                journal.write(record(written[-1]))
            clock.now += step_s
            # The watchman looks up to four times before it sleeps.
            clock.wait_for_looks(4, "telltale-shipper", "telltale-watch")
        tries = len(wrong.asked)

    said = [line for line in caplog.messages if "Telltale" in line]
    assert len(said) == 1
    # Each try may ask for the version, and post.
    assert hour_s / (LONGEST_WAIT_S * 1.5) / 2 < tries < 2 * hour_s / LONGEST_WAIT_S + 40

    with JournalServer(port=wrong.port) as right:
        clock.now += 60
        assert shipper.flush(20)
        shipper.finish(20.0)
    assert right.names == written
    beats = hour_s / BEAT_S
    assert beats * 0.9 < sum(segment.count(b"time_ns") for segment in right.segments) <= beats + 2
