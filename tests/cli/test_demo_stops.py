"""`telltale demo` told to stop while its crew works: nothing of it goes on."""

import signal
import socket
import subprocess
import sys

import pytest

from programs import environment


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
