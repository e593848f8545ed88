"""`telltale flush`: what waits is brought, and what stays is said with its reason."""

import os
import subprocess
import sys

import pytest

from programs import run_program, start_program
from running import a_free_port
from servers import RunningServer
from telltale.client.client import Client

WORK = "import os, telltale\nwith telltale.start_span('work'): pass\n"


@pytest.fixture
def flush():
    """Run the command over a home."""

    def run(home):
        command = [sys.executable, "-m", "telltale.cli", "flush", "--home", str(home)]
        return subprocess.run(command, capture_output=True, text=True, env=os.environ, check=False)

    return run


def test_what_dead_programs_left_is_brought(flush, tmp_path):
    home, port = tmp_path / "programs", a_free_port()
    for _ in range(3):
        run_program(WORK + "os._exit(1)", home, f"http://127.0.0.1:{port}")

    with RunningServer(tmp_path / "server", port=port) as server:
        said = flush(home)
        with Client(server.base_url) as client:
            assert [trace.name for trace in client.traces()] == ["work"] * 3

    assert (said.returncode, said.stdout, said.stderr) == (0, "3 shipped, 0 waiting\n", "")
    assert list((home / "journal").iterdir()) == []


def test_what_waits_for_a_server_that_is_away_is_named_with_the_reason(flush, tmp_path):
    home = tmp_path / "programs"
    run_program(WORK + "os._exit(1)", home)

    said = flush(home)

    assert (said.returncode, said.stdout) == (1, "0 shipped, 1 waiting\n")
    assert "http://127.0.0.1:9" in said.stderr and "refused" in said.stderr


def test_journals_of_programs_that_run_are_left_to_them(flush, tmp_path):
    home = tmp_path / "programs"
    with start_program(WORK + "print('x', flush=True); input()", home) as process:
        process.stdout.readline()
        said = flush(home)
        process.kill()

    assert (said.returncode, said.stdout) == (0, "0 shipped, 0 waiting\n")
    assert said.stderr == "left to programs that still run: 1\n"
