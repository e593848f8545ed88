"""Stored spans are read again over HTTP and by the command."""

import sqlite3
import subprocess
import sys

import httpx2

from journals import crew, llm_call, piece
from telltale.conventions.normalise import READING_VERSION
from testbed.servers import RunningServer

COMMAND = (sys.executable, "-m", "telltale.cli", "traces", "reread", "-s")


def test_what_an_older_version_has_read_is_read_again(tmp_path):
    root = crew()
    with RunningServer(tmp_path) as server:
        sent = piece([root, llm_call(root)])
        assert httpx2.post(f"{server.base_url}/api/v1/journal", content=sent).status_code == 200
    with sqlite3.connect(tmp_path / "traces.db") as file:
        file.execute("UPDATE spans SET reading_version = 1, model = 'misread', cost_pico = NULL")
    with RunningServer(tmp_path) as server:
        done = subprocess.run([*COMMAND, server.base_url], capture_output=True, text=True)
        again = httpx2.post(f"{server.base_url}/api/v1/reread", json={}).json()
        every = httpx2.post(f"{server.base_url}/api/v1/reread", json={"all": True}).json()
        trace = httpx2.get(f"{server.base_url}/api/v1/traces/{root.trace_id.hex()}").json()

    assert (done.returncode, done.stdout) == (0, "read 2 spans again\n")
    assert again == {"next": None, "spans": 0}
    assert every == {"next": None, "spans": 2}
    assert trace["cost_usd"] == "0.000544"
    with sqlite3.connect(tmp_path / "traces.db") as file:
        rows = file.execute("SELECT DISTINCT reading_version FROM spans").fetchall()
    assert rows == [(READING_VERSION,)]
