"""The journal and the clock: what the doctor says of them."""

import os
import time

import pytest

from checkups import checkup
from fakes.journal_server import VERSION, Answer, JournalServer
from journals import header, piece, span
from programs import outcome, run_program, start_program
from recording import NOWHERE
from telltale.cli.answers import ask
from telltale.cli.checks.clock import check_clock
from telltale.cli.checks.damage import check_damage
from telltale.cli.checks.finding import Level, Topic
from telltale.cli.home import SameHome
from telltale.cli.obstacle import MOST_ASKED
from telltale.tracing.bound import DROPPED, MOST_BYTES, drop_oldest
from telltale.tracing.records import encode_header
from testbed.servers import RunningServer
from testbed.waiting import wait_until

ONE_SPAN = "import telltale\nwith telltale.start_span('a'): pass"
WAITS_FOR_INPUT = ONE_SPAN + "\nprint('recorded', flush=True); input()"
MINUTE_NS = 60 * 1_000_000_000


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    return folder


def write(home, data, number=0, journal_id=None, minutes_ago=0):
    """A segment without an owner, as a dead process leaves it."""
    folder = home / "journal"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{journal_id or os.urandom(16).hex()}.{number:06d}"
    path.write_bytes(data)
    then_ns = time.time_ns() - minutes_ago * MINUTE_NS
    os.utime(path, ns=(then_ns, then_ns))
    return path


def left_for(home, address, **more):
    return write(home, piece([span()], header(destination=address)), **more)


def test_a_program_that_records_is_counted(home):
    with start_program(WAITS_FOR_INPUT, home) as program:
        program.stdout.readline()
        seen = checkup(home)
        outcome(program, home)

    assert seen.of("1 program records now, 1 segment").level is Level.OK
    assert seen.says("nothing waits")


def test_a_dead_programs_spans_wait_for_a_server_on_this_machine(home, free_port):
    run_program(ONE_SPAN, home, f"http://127.0.0.1:{free_port}")

    found = checkup(home).of("1 segment with ")

    assert found.level is Level.WARNING
    assert f"for http://127.0.0.1:{free_port}, where nobody answers" in found.found
    assert f"`telltale server --port {free_port} --home {home}`" in found.remedy


def test_the_remedy_takes_them(home, free_port):
    run_program(ONE_SPAN, home, f"http://127.0.0.1:{free_port}")
    with RunningServer(home, port=free_port) as running:
        # No flush: the server itself looks.
        wait_until(lambda: checkup(home, running.base_url).says("nothing waits"))


def test_where_the_home_has_a_server_elsewhere_they_are_brought_there(server, free_port):
    path = left_for(server.home, f"http://127.0.0.1:{free_port}")

    found = checkup(server.home).of(f"for http://127.0.0.1:{free_port}")

    path.unlink()
    bring = f"flush --instead-of http://127.0.0.1:{free_port} --to {server.base_url}"
    assert f"`telltale {bring} --home {server.home}`" in found.remedy
    assert "start" not in found.remedy and "stop" not in found.remedy


def test_a_server_that_is_missing_is_one_fault(home, free_port):
    """What waits for it is in order once it is there."""
    address = f"http://127.0.0.1:{free_port}"
    left_for(home, address)

    seen = checkup(home, address)

    assert seen.of("1 segment with ").level is Level.NOTE
    assert seen.of("nobody answers at").level is Level.WARNING


def test_what_nobody_ships_although_its_server_answers_wants_a_flush(home):
    with JournalServer() as other:
        left_for(home, other.url, minutes_ago=5)
        found = checkup(home).of("nobody ships them")

    assert found.level is Level.WARNING
    assert "the oldest 5 minutes ago" in found.found
    assert f"`telltale flush --home {home}`" in found.remedy


def test_what_the_server_is_about_to_take_is_ok(home):
    with JournalServer() as other:
        left_for(home, other.url)

        assert checkup(home).of("which takes them").level is Level.OK


def test_an_address_elsewhere_may_have_been_mistyped(home):
    left_for(home, "http://telltale.invalid:5000")

    found = checkup(home).of("telltale.invalid")

    assert found.level is Level.WARNING
    assert "telltale flush" in found.remedy and "mistyped" in found.remedy


def test_another_program_at_the_address_is_told(home):
    with JournalServer(version=Answer(200, body=b"<html>")) as stranger:
        left_for(home, stranger.url)
        found = checkup(home).of("where another program answers")

    assert "stop that program" in found.remedy


def test_a_server_that_hangs_is_not_started_once_more(home):
    with JournalServer(version=None) as silent:
        left_for(home, silent.url)
        found = checkup(home).of("does not answer in time")

    assert "start" not in found.remedy
    assert f"`telltale flush --home {home}`" in found.remedy


def test_a_server_that_does_not_read_them_is_to_be_updated(home):
    with JournalServer(version={**VERSION, "journal": [9]}) as other:
        left_for(home, other.url)
        found = checkup(home).of("which does not read them")

    assert found.remedy.startswith("update the server there")


def test_only_some_addresses_are_asked(home):
    for port in range(1, MOST_ASKED + 4):
        left_for(home, f"http://127.0.0.1:{port}")

    assert checkup(home).of("3 more addresses").level is Level.WARNING


def test_torn_stretches_are_counted(home):
    whole = piece([span("one")])
    write(home, whole + b"torn" * 10 + piece([span("two")]))

    found = checkup(home).of("damaged stretch")

    assert found.level is Level.WARNING
    assert found.found.startswith("1 damaged stretch in ")


def test_only_the_newest_of_a_large_journal_is_read_and_that_is_said(home):
    write(home, piece([span()]) + b"torn" + piece([span()]), minutes_ago=1)
    old = [write(home, piece([span()]), minutes_ago=9) for _ in range(2)]

    (found,) = check_damage(home / "journal", SameHome(), most_bytes=old[0].stat().st_size)

    assert "not at 2 older segments" in found.found


def test_a_segment_without_a_header_is_told_by_name(home):
    path = write(home, b"somebody wrote over it")

    found = checkup(home).of("without a readable header")

    assert found.level is Level.WARNING
    assert path.name in found.found


@pytest.mark.parametrize("cut", [0, 5, 30])
def test_a_program_that_died_at_once_leaves_something_for_flush(home, cut):
    write(home, encode_header(header())[:cut])

    found = checkup(home).of("died at once")

    assert (found.level, found.remedy) == (Level.NOTE, f"`telltale flush --home {home}` tidies up")


def test_files_that_are_not_ours_are_named(home):
    left_for(home, NOWHERE)
    (home / "journal" / "notes.txt").touch()

    found = checkup(home).of("not Telltale's")

    assert found.level is Level.NOTE
    assert found.found.startswith("1 file ") and found.found.endswith("notes.txt")


def test_a_journal_near_its_bound_is_a_warning(home):
    path = left_for(home, NOWHERE)
    with path.open("ab") as file:
        file.truncate(int(0.9 * MOST_BYTES))  # A hole: it takes no room on the disk.

    found = checkup(home).of("of 1.0 GiB")

    assert found.level is Level.WARNING
    assert "921.6 MiB" in found.found


def test_what_was_dropped_is_summed_up(home):
    sizes = [left_for(home, NOWHERE).stat().st_size for _ in range(3)]
    drop_oldest(home / "journal", most_bytes=0)

    found = checkup(home).of("dropped because")

    assert found.level is Level.WARNING
    assert found.found.startswith(f"3 segments with {sum(sizes)} bytes dropped")
    assert str(home / "journal" / DROPPED) in found.remedy
    assert not checkup(home).says("not Telltale's")


def test_a_line_that_cannot_be_read_is_passed_over(home):
    (home / "journal").mkdir()
    whole = b'{"time_ns": 1700000000000000000, "segment": "x", "bytes": 7}\n'
    (home / "journal" / DROPPED).write_bytes(whole + b'{"time_')

    assert checkup(home).of("1 segment with 7 bytes dropped").topic is Topic.JOURNAL


def test_a_clock_before_2024_is_a_problem(home):
    found = checkup(home, now_ns=86_400 * 1_000_000_000).of("before 2024")

    assert (found.topic, found.level) == (Topic.CLOCK, Level.PROBLEM)
    assert "NTP" in found.remedy


def test_a_journal_from_the_future_is_a_warning(home):
    left_for(home, NOWHERE, minutes_ago=-90)

    found = checkup(home).of("in the future")

    assert found.level is Level.WARNING
    assert "1 hour" in found.found


@pytest.mark.parametrize(
    ("date", "words"),
    [
        ("Wed, 01 Jan 2070 00:00:00 GMT", "ahead of this machine's"),
        ("Mon, 01 Jan 2024 00:00:00 GMT", "behind this machine's"),
    ],
)
def test_a_server_whose_clock_differs_is_a_warning(home, date, words):
    body = b'{"name": "telltale", "version": "0.1.0", "journal": [1]}'
    with JournalServer(version=Answer(200, (("Date", date),), body)) as other:
        found = checkup(home, other.url).of(words)

    assert (found.topic, found.level) == (Topic.CLOCK, Level.WARNING)


def test_a_server_whose_clock_agrees_is_ok(home, server):
    (found,) = check_clock(home / "journal", ask(server.base_url), time.time_ns())

    assert found.level is Level.OK
    assert server.base_url in found.found
