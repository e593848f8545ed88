"""Whatever happens to a process, a span that ended is on disk, and nobody else is harmed."""

import os
import signal
from pathlib import Path

import pytest
from shippers import PATIENT

from programs import outcome, run_program, start_program
from recording import NOWHERE

WORK = """
import os, signal, sys, telltale
with telltale.start_span("done") as span:
    span.set_outputs({"hotels": 3})
"""


@pytest.mark.parametrize(
    ("death", "code"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
        ("os.kill(os.getpid(), signal.SIGTERM)", -signal.SIGTERM),
        ("os._exit(7)", 7),
        ("os.abort()", -signal.SIGABRT),
        ("sys.exit(3)", 3),
        ("raise SystemExit('no')", 1),
        ("raise ValueError('no')", 1),
        ("import ctypes; ctypes.string_at(0)", -signal.SIGSEGV),
    ],
)
def test_a_span_that_ended_outlives_its_process(home, death, code):
    program = run_program(WORK + death, home)

    assert program.returncode == code
    assert program.recording.one.name == "done"
    assert program.recording.one.attributes["telltale.outputs"] == '{"hotels":3}'


def test_a_span_that_was_open_at_death_has_its_start(home):
    program = run_program(
        WORK + "with telltale.start_span('half'): os.kill(os.getpid(), signal.SIGKILL)", home
    )

    assert program.recording.names == ["done"]
    assert [start.name for start in program.recording.starts] == ["done", "half"]


def test_a_span_is_on_disk_before_control_returns(home):
    with start_program(WORK + "print('ended', flush=True); sys.stdin.read()", home) as process:
        assert process.stdout.readline() == "ended\n"
        process.kill()
        program = outcome(process, home)

    assert program.recording.names == ["done"]


@pytest.mark.parametrize("place", ["file", "below a file", "/proc/telltale"])
def test_a_home_that_cannot_be_written_changes_nothing_but_one_warning(tmp_path, place):
    (tmp_path / "file").touch()
    home = {
        "file": tmp_path / "file",
        "below a file": tmp_path / "file" / "home",
        "/proc/telltale": "/proc/telltale",
    }[place]
    program = run_program(
        """
        import sys, telltale
        @telltale.trace
        def add(a, b): return a + b
        for n in range(3):
            with telltale.start_span("work") as span:
                span.set_inputs(n)
                print(add(n, 1))
        telltale.update_current_trace(tags={"a": "b"})
        print(telltale.flush(1))
        sys.exit(5)
        """,
        home,
    )

    assert (program.stdout, program.returncode) == ("1\n2\n3\nTrue\n", 5)
    assert len(program.warnings) == len(program.stderr.splitlines()) == 1
    assert "TELLTALE_HOME" in program.warnings[0]


@pytest.mark.parametrize("limit", [0, 700])
def test_a_full_disk_changes_nothing_but_one_warning(home, limit):
    program = run_program(
        f"""
        import resource, signal, sys, telltale
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, resource.RLIM_INFINITY))
        for n in range(5):
            with telltale.start_span("work") as span:
                span.set_inputs("x" * 2000)  # In a file of its own, there would be room for less.
                print(n)
        sys.exit(4)
        """,
        home,
    )

    assert (program.stdout, program.returncode) == ("0\n1\n2\n3\n4\n", 4)
    assert len([line for line in program.warnings if "no server" not in line]) == 1, program.stderr


def test_a_script_whose_name_is_no_utf_8_is_traced(home, tmp_path):
    script = os.fsencode(tmp_path) + b"/tr\xefp.py"
    Path(os.fsdecode(script)).write_text(WORK)

    program = run_program(
        f"import runpy, sys; sys.argv[0] = {script!r}.decode(errors="
        "'surrogateescape'); runpy.run_path(sys.argv[0])",
        home,
    )

    assert program.returncode == 0, program.stderr
    assert program.recording.one.name == "done"


def test_two_processes_with_the_same_seed_have_ids_of_their_own(home):
    seeded = "import random; random.seed(42)\n" + WORK
    run_program(seeded, home)

    both = run_program(seeded, home).recording.spans

    assert len(both) == 2
    assert len({span.trace_id for span in both}) == len({span.span_id for span in both}) == 2


@pytest.mark.parametrize("is_there", [True, False])
def test_a_span_that_ends_in_a_late_exit_handler_is_kept(home, server, is_there):
    program = run_program(
        f"""
        import atexit
        {PATIENT}
        @atexit.register
        def late():
            span.__exit__(None, None, None)
            with telltale.start_span("late"): pass
        import telltale
        span = telltale.start_span("outer")
        span.__enter__()
        """,
        home,
        server.url if is_there else NOWHERE,
    )

    assert program.stderr.count("Traceback") == 0
    assert sorted(server.names + program.recording.names) == ["late", "outer"]
