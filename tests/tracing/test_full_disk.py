"""A disk that is full, or may not be written: the program goes on, and says what it lost."""

import subprocess
from collections import Counter

import pytest
from shippers import PATIENT

from fakes.journal_server import JournalServer
from programs import outcome, run_program, start_program
from telltale.tracing.records import read_segment
from testbed.disks import fill, needs_mount, small_disk

STEPS = """
import sys, telltale
def step(name):
    with telltale.start_span(name) as span:
        span.set_inputs("x" * 20_000)
    return name
for line in sys.stdin:
    print(step(line.strip()), flush=True)
sys.exit(5)
"""


def told(process, name: str) -> None:
    """Let the program make a span, and wait until control has come back to it."""
    process.stdin.write(f"{name}\n")
    process.stdin.flush()
    assert process.stdout.readline() == f"{name}\n"


@needs_mount
def test_a_disk_that_fills_up_costs_what_does_not_fit_and_no_more(tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        home = disk / "home"
        with start_program(STEPS, home) as process:
            told(process, "before")
            filler = fill(disk)
            for number in range(5):
                told(process, f"meanwhile {number}")
            filler.unlink()
            told(process, "after")
            program = outcome(process, home)

        assert (program.returncode, program.stdout) == (5, "")
        assert program.recording.names == ["before", "after"]
        full = [line for line in program.warnings if "spans are being lost" in line]
        assert len(full) == 1 and "No space left" in full[0]


@needs_mount
def test_the_server_hears_how_much_did_not_fit(tmp_path):
    with small_disk(tmp_path / "disk") as disk, JournalServer() as server:
        home = disk / "home"
        with start_program(f"{PATIENT}\n{STEPS}", home, server.url) as process:
            told(process, "before")
            filler = fill(disk)
            for number in range(3):
                told(process, f"lost {number}")
            filler.unlink()
            program = outcome(process, home)

    assert program.returncode == 5
    (segment,) = server.segments
    # Their ends; of the starts, which are small, one may have fitted into the last page.
    assert 3 <= read_segment(segment).beats[-1].unwritten <= 6


@needs_mount
def test_a_program_on_a_full_disk_says_that_it_lives_and_what_it_loses(tmp_path):
    def beats(server):
        return [beat for post in server.posts for beat in read_segment(post.body).beats]

    often = "from telltale.tracing import watch; watch.BEAT_S = 0.2"
    with small_disk(tmp_path / "disk") as disk, JournalServer() as server:
        home = disk / "home"
        with start_program(f"{PATIENT}\n{often}\n{STEPS}", home, server.url) as process:
            told(process, "before")
            fill(disk)
            for number in range(3):
                told(process, f"lost {number}")
            server.wait_for(lambda server: [beat for beat in beats(server) if beat.unwritten >= 3])
            told_before = len(beats(server))
            server.wait_for(lambda server: len(beats(server)) >= told_before + 3)
            program = outcome(process, home)

    assert program.returncode == 5
    assert beats(server)[-1].last
    assert server.names == ["before"]


@needs_mount
def test_a_disk_that_is_full_from_the_start_is_tried_again_later(tmp_path):
    """After a second; here at once."""
    with small_disk(tmp_path / "disk") as disk:
        home = disk / "home"
        filler = fill(disk)
        code = STEPS.replace(
            "import sys, telltale",
            "import sys, telltale\nfrom telltale.tracing import state\nstate.RETRY_S = 0",
        )
        with start_program(code, home) as process:
            told(process, "full")
            filler.unlink()
            told(process, "later")
            program = outcome(process, home)

        assert program.returncode == 5
        assert program.recording.names == ["later"]
        assert len([line for line in program.warnings if "nothing is traced" in line]) == 1


@needs_mount
def test_a_home_on_another_file_system_is_a_home_like_any_other(tmp_path):
    with small_disk(tmp_path / "disk", "32m") as disk, JournalServer() as server:
        home = disk / "home"
        program = run_program(
            f"""
            import telltale
            {PATIENT}
            for n in range(300):
                with telltale.start_span(str(n)) as span: span.set_inputs("x" * 20_000)
            """,
            home,
            server.url,
        )

        assert (program.returncode, program.stderr) == (0, "")
        assert len(set(server.names)) == 300
        assert list(program.recording.folder.iterdir()) == []


@needs_mount
def test_a_home_that_may_only_be_read_changes_nothing_but_one_warning(tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        program = run_program(
            "import telltale\nfor n in range(3):\n  with telltale.start_span('w'): print(n)",
            disk / "home",
        )

    assert (program.returncode, program.stdout) == (0, "0\n1\n2\n")
    (warning,) = program.stderr.splitlines()
    assert "Read-only file system" in warning and "TELLTALE_HOME" in warning


@pytest.mark.parametrize("hours", [-5, 5])
def test_a_clock_that_is_set_in_the_middle_loses_nothing(home, hours):
    with JournalServer() as server:
        program = run_program(
            f"""
            import time, telltale
            {PATIENT}
            with telltale.start_span("outer"):
                with telltale.start_span("before"): pass
                real = time.time_ns
                time.time_ns = lambda: real() + {hours} * 3600 * 10**9
                with telltale.start_span("after"): pass
            """,
            home,
            server.url,
        )

    assert (program.returncode, program.stderr) == (0, "")
    assert sorted(server.names) == ["after", "before", "outer"]
    assert list(program.recording.folder.iterdir()) == []


def test_a_limit_of_a_files_size_costs_only_what_fits_into_no_file(home):
    program = run_program(
        """
        import resource, telltale
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        for n in range(60):
            with telltale.start_span(f"{n}") as span:
                span.set_inputs("x" * (200_000 if n % 20 == 7 else 20_000))
        """,
        home,
    )

    assert program.returncode == 0
    assert program.recording.names == [f"{n}" for n in range(60) if n % 20 != 7]
    lost = [line for line in program.warnings if "spans are being lost" in line]
    assert len(lost) == 1 and "File too large" in lost[0]
    assert len(program.recording.files) < 30


def test_threads_that_fill_limited_files_under_one_another_lose_nothing(home):
    program = run_program(
        """
        import random, resource, telltale, threading
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
        def work(thread):
            sizes = random.Random(thread)
            for n in range(60):
                with telltale.start_span(f"{thread}-{n}") as span:
                    span.set_inputs("x" * sizes.choice([100, 1000, 30_000, 90_000, 150_000]))
        threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        """,
        home,
    )

    assert program.returncode == 0
    assert Counter(program.recording.names) == {f"{t}-{n}": 1 for t in range(6) for n in range(60)}
