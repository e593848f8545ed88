"""`telltale demo` told to stop while its crew works: nothing of it goes on."""

import signal
import socket
import subprocess
import sys

import pytest

from programs import environment
from telltale.cli.demo import _wait_to_be_stopped
from telltale.nouns.errors import TelltaleError


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_demo_and_its_server(tmp_path, free_port, by):
    command = [sys.executable, "-m", "telltale.cli", "demo", "--port", str(free_port)]
    with subprocess.Popen(
        command,
        env=environment(tmp_path, None, {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert f":{free_port}" in process.stderr.readline()
        process.send_signal(by)
        _, said = process.communicate()

    assert process.returncode == 128 + by
    assert "Traceback" not in said
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", free_port))


def test_a_server_that_dies_ends_the_demo():
    ends = pytest.raises(
        TelltaleError, match=r"http://127\.0\.0\.1:5077 has ended with 9; start a server"
    )
    command = [sys.executable, "-c", "raise SystemExit(9)"]
    with subprocess.Popen(command, text=True) as server, ends:
        _wait_to_be_stopped("http://127.0.0.1:5077", server, None)
