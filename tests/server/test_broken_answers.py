"""An answer that cannot be finished: the reader can tell, and the log says why in one line."""

import signal
import socket
import sqlite3
from contextlib import closing

import httpx2
import pytest

from journals import crew, piece
from testbed.servers import RunningServer

A_BATCH = 20
"""Traces that the export reads at a time."""
LARGE = {"telltale.inputs": "x" * 300_000}


def fill(server: RunningServer, traces: int) -> None:
    with httpx2.Client(base_url=server.base_url, trust_env=False, timeout=30) as http:
        for _ in range(traces):
            answer = http.post("/api/v1/journal", content=piece([crew(attributes=LARGE)]))
            assert answer.status_code == 200


def damage(server: RunningServer, trace: int) -> None:
    """Make one trace's body unreadable, counted from 1."""
    with closing(sqlite3.connect(server.home / "traces.db")) as connection, connection:
        (first, last) = connection.execute(
            "SELECT min(span_no), max(span_no) FROM spans WHERE trace_no = ?", (trace,)
        ).fetchone()
        connection.execute(
            "UPDATE bodies SET raw = x'ff' WHERE span_no BETWEEN ? AND ?", (first, last)
        )


def test_an_export_that_meets_damage_breaks_off_and_is_logged_in_one_line(tmp_path):
    with RunningServer(tmp_path) as server:
        fill(server, A_BATCH + 2)
        damage(server, A_BATCH + 1)
        for _ in range(2):
            with pytest.raises(httpx2.RemoteProtocolError):
                httpx2.get(f"{server.base_url}/api/v1/export", trust_env=False, timeout=30)
        server.stop()

        (line,) = server.log().splitlines()
    assert f"{tmp_path / 'traces.db'}: trace" in line
    assert "body is damaged" in line and "restore a backup" in line


def test_damage_before_the_first_line_is_a_problem_and_logged_once(tmp_path):
    with RunningServer(tmp_path) as server:
        fill(server, 1)
        damage(server, 1)
        answers = [
            httpx2.get(f"{server.base_url}/api/v1/export", trust_env=False) for _ in range(2)
        ]

        assert [answer.status_code for answer in answers] == [507, 507]
        assert "restore a backup" in answers[0].json()["detail"]
        (line,) = server.log().splitlines()
        assert answers[0].json()["detail"] in line


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_stops_ends_an_export_without_a_word(tmp_path, by):
    with RunningServer(tmp_path) as server:
        fill(server, 3 * A_BATCH)
        with socket.create_connection(("127.0.0.1", server.port)) as reader:
            # It takes no more than the begin, so the answer is on its way for ever.
            reader.sendall(b"GET /api/v1/export HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert reader.recv(15) == b"HTTP/1.1 200 OK"

            assert (server.stop(by), server.log()) == (0, "")
