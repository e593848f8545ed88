"""A server's life: quick to start, small, alone in its home, and gone without losing anything."""

import http.client
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx2
import pytest

from journals import crew, llm_call, piece
from testbed.servers import RunningServer

MB = 1024 * 1024
STOPPED_S = 20
"""A server that waits for its clients waits for ever; other tests may run beside this one."""


def start_another(*options):
    command = [sys.executable, "-m", "telltale.cli", "server", *map(str, options)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_it_answers_after_less_than_two_seconds_of_work(tmp_path):
    with RunningServer(tmp_path) as server:
        assert httpx2.get(f"{server.base_url}/health").json() == {"status": "ok"}
        assert server.cpu_s() < 2


def test_it_is_one_process_below_150_mb_after_page_and_export(tmp_path):
    with (
        RunningServer(tmp_path) as server,
        httpx2.Client(base_url=server.base_url, timeout=30) as http,
    ):
        for _ in range(40):
            root = crew()
            http.post(
                "/api/v1/journal", content=piece([root, *(llm_call(root) for _ in range(30))])
            )
        for path in ("/", "/api/v1/traces", "/api/openapi.json", "/api/v1/export"):
            assert http.get(path).status_code == 200

        assert Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text() == ""
        assert server.resident_bytes() < 150 * MB


def test_the_home_is_private_and_holds_the_databases(tmp_path):
    home = tmp_path / "new" / "home"
    with RunningServer(home):
        names = {path.name for path in home.iterdir()}
        open_to_others = [path.name for path in home.iterdir() if path.stat().st_mode & 0o077]

    assert home.stat().st_mode & 0o777 == 0o700
    assert {"traces.db", "metadata.db", "server.lock"} <= names
    assert open_to_others == []


def test_a_port_that_another_telltale_has_is_named_with_the_remedy(server, tmp_path):
    ended = start_another("--port", server.port, "--home", tmp_path)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert f"port {server.port} is taken by Telltale" in ended.stderr
    assert f"process {server.pid}" in ended.stderr
    assert f"open {server.base_url}" in ended.stderr
    assert f"--port {server.port + 1}" in ended.stderr
    told = f"`export TELLTALE_TRACKING_URI=http://127.0.0.1:{server.port + 1}`"
    assert f"programs and commands are told by {told}" in ended.stderr


def test_a_port_that_browsers_refuse_is_warned_of(tmp_path):
    with RunningServer(tmp_path, port=6667) as server:
        assert httpx2.get(f"{server.base_url}/health").status_code == 200

        assert "browsers refuse to open port 6667" in server.log()
        assert "--port 6670" in server.log()


@pytest.mark.parametrize("reply", [b"SSH-2.0-x\r\n", b"HTTP/1.1 200 OK\r\n\r\n{}", b""])
def test_a_port_that_a_stranger_has_is_named_too(tmp_path, reply):
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = stranger.getsockname()[1]

        def answer():
            peer, _ = stranger.accept()
            peer.sendall(reply)
            peer.close()

        threading.Thread(target=answer, daemon=True).start()
        ended = start_another("--port", port, "--home", tmp_path)

    assert ended.returncode == 1
    assert f"port {port} is taken by another program" in ended.stderr
    assert "--port" in ended.stderr


def test_two_servers_do_not_share_a_home(server):
    ended = start_another("--port", 0, "--home", server.home)

    assert ended.returncode == 1
    assert f"process {server.pid}" in ended.stderr
    assert server.base_url in ended.stderr and "--home" in ended.stderr


def test_a_home_is_free_again_after_kill_9(tmp_path):
    with RunningServer(tmp_path) as server:
        server.stop(signal.SIGKILL)
        server.start()
        assert httpx2.get(f"{server.base_url}/health").status_code == 200


def test_a_home_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")

    ended = start_another("--port", 0, "--home", tmp_path / "file" / "home")

    assert ended.returncode == 1
    assert "--home" in ended.stderr and "Traceback" not in ended.stderr


def test_a_broken_database_is_named(tmp_path):
    (tmp_path / "traces.db").write_bytes(b"not a database" * 1000)

    ended = start_another("--port", 0, "--home", tmp_path)

    assert ended.returncode == 1
    assert "traces.db" in ended.stderr and "Traceback" not in ended.stderr


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_and_says_nothing(tmp_path, by):
    with RunningServer(tmp_path) as server:
        idle = http.client.HTTPConnection("127.0.0.1", server.port)
        idle.request("GET", "/health")
        idle.getresponse().read()
        began = time.monotonic()
        code = server.stop(by)
        took = time.monotonic() - began
        idle.close()

        assert (code, server.log()) == (0, "")
        assert took < STOPPED_S


def test_what_was_acknowledged_before_it_stopped_is_there_when_it_starts(tmp_path):
    with RunningServer(tmp_path) as server:
        acknowledged, busy = [], threading.Event()

        def write():
            with httpx2.Client(base_url=server.base_url) as http:
                while True:
                    root = crew()
                    try:
                        answer = http.post("/api/v1/journal", content=piece([root]))
                    except httpx2.TransportError:
                        return
                    if answer.status_code == 200:
                        acknowledged.append(root.trace_id.hex())
                    if len(acknowledged) > 100:
                        busy.set()

        writers = [threading.Thread(target=write) for _ in range(4)]
        for writer in writers:
            writer.start()
        assert busy.wait(60)
        server.stop()
        for writer in writers:
            writer.join()
        server.start()
        page = httpx2.get(f"{server.base_url}/api/v1/export").text

    assert [trace for trace in acknowledged if trace not in page] == []
