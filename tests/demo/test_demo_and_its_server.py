"""`telltale demo` with a server of its own, or with one that runs already; and its key."""

import subprocess
import sys

import pytest
from without_crewai import demo

from programs import environment
from telltale.client.client import Client
from testbed.servers import RunningServer


@pytest.fixture
def server(tmp_path):
    with RunningServer(tmp_path / "served") as running:
        yield running


def test_a_live_run_without_crewai_is_refused(tmp_path, free_port):
    done = demo(tmp_path, "--live", "--port", free_port, OPENAI_API_KEY="sk-x")

    assert (done.returncode, done.stdout) == (2, "")
    assert "--live: crewAI is not installed for" in done.stderr
    assert "pip install crewai, or leave out --live" in done.stderr


def test_a_live_run_without_a_key_is_refused_in_one_line(tmp_path, free_port):
    done = subprocess.run(
        [sys.executable, "-m", "telltale.cli", "demo", "--live", "--port", str(free_port)],
        env=environment(tmp_path, None, {"OPENAI_API_KEY": ""}),
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (2, "")
    (said,) = done.stderr.splitlines()
    assert "set OPENAI_API_KEY, or leave out --live" in said


def test_a_server_that_runs_already_is_named_with_its_home_and_not_waited_for(tmp_path, server):
    done = demo(tmp_path, "--port", server.port)

    assert done.returncode == 0, done.stderr
    assert f"Using the server of process {server.pid} (home {server.home})." in done.stderr
    assert "Serving" not in done.stderr and "has ended" not in done.stderr


def test_its_own_home_may_be_given(tmp_path, server):
    done = demo(tmp_path, "--exit", "--port", server.port, "--home", server.home)

    assert done.returncode == 0, done.stderr


def test_another_home_than_that_of_the_server_is_refused(tmp_path, server):
    done = demo(tmp_path, "--exit", "--port", server.port, "--home", tmp_path / "other")

    assert (done.returncode, done.stdout) == (1, "")
    assert f"server of process {server.pid} (home {server.home})" in done.stderr
    assert f"--port {server.port + 1}" in done.stderr
    assert not (tmp_path / "other").exists()
    with Client(server.base_url) as client:
        assert list(client.traces()) == []


def test_a_link_that_nobody_serves_any_more_comes_with_what_serves_it(tmp_path, free_port):
    done = demo(tmp_path, "--exit", "--port", free_port, "--home", tmp_path / "own")

    assert done.returncode == 0, done.stderr
    again = f"`telltale server --port {free_port} --home {tmp_path / 'own'}`"
    assert f"to see the trace, start a server with {again}" in done.stderr
