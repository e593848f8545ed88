"""What dead processes left for a server elsewhere, the next one that speaks to it brings along."""

import os

from journal_files import left_behind, record
from shippers import PATIENT

from fakes.journal_server import JournalServer
from programs import outcome, run_program, start_program
from telltale.tracing.records import GONE, OWNER
from testbed.waiting import wait_until

WORK = "import telltale\nwith telltale.start_span('mine'): pass\n"


def test_the_next_process_of_the_same_server_brings_it(home):
    folder = home / "journal"
    with JournalServer() as server:
        left_behind(folder, server.url, record("theirs"))
        with start_program(f"{PATIENT}\n{WORK}input()", home, server.url) as process:
            server.wait_for(lambda s: sorted(s.names) == ["mine", "theirs"])
            wait_until(lambda: len(list(folder.iterdir())) == 2)
            process.stdin.write("\n")
            program = outcome(process, home)

    assert (program.returncode, program.stderr) == (0, "")
    assert list(folder.iterdir()) == []
    (owner,) = [a for a in server.posts if b"theirs" in a.body]
    assert owner.headers[OWNER.lower()] == GONE
    others = [asked.headers[OWNER.lower()] for asked in server.posts if asked is not owner]
    assert GONE not in others


def test_what_is_for_another_server_is_left_alone(home):
    folder = home / "journal"
    with JournalServer() as server, JournalServer() as other:
        left = left_behind(folder, other.url, record("for another"))
        # The oldest goes first: when the next has come, this one has been looked at.
        os.utime(left.segment_path(0), (1, 1))
        left_behind(folder, server.url, record("theirs"))
        with start_program(WORK + "input()", home, server.url) as process:
            server.wait_for(lambda s: sorted(s.names) == ["mine", "theirs"])
            process.stdin.write("\n")
            outcome(process, home)

        assert (sorted(server.names), other.asked) == (["mine", "theirs"], [])
        assert left.segment_path(0).exists()


def test_a_forked_child_does_not_hold_what_its_parent_was_shipping(home):
    """The lock of an orphan is held while it is shipped; a fork just then must not keep it."""
    folder = home / "journal"
    with JournalServer() as server:
        left_behind(folder, server.url, record("theirs"))
        program = run_program(
            """
            import fcntl, os, pathlib, sys
            from telltale.tracing import orphans, state
            (lock,) = pathlib.Path(os.environ["TELLTALE_HOME"], "journal").glob("*.lock")
            with orphans._adopted(lock) as is_ours:
                assert is_ours
                begun, ready = os.pipe()
                if not os.fork():
                    os.write(ready, b"x")
                    sys.stdin.read()
                    os._exit(0)
                os.read(begun, 1)
            with lock.open() as again:
                fcntl.flock(again, fcntl.LOCK_EX | fcntl.LOCK_NB)
            """,
            home,
            server.url,
        )

    assert program.returncode == 0, program.stderr
