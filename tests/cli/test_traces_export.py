"""One trace that cannot be read does not keep the others from their owner."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import httpx2

from journals import crew, piece
from telltale.otlp.json import from_otlp
from testbed.servers import RunningServer

A_BATCH = 20
"""Traces that the server reads at a time."""


def damage(server: RunningServer, number: int) -> None:
    """Make the body of one trace's only span unreadable, counted from 1."""
    with closing(sqlite3.connect(server.home / "traces.db")) as connection, connection:
        connection.execute(
            "UPDATE bodies SET raw = x'ff' WHERE span_no IN"
            " (SELECT span_no FROM spans WHERE trace_no = ?)",
            (number,),
        )


def export(server: RunningServer) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "telltale.cli", "traces", "export"],
        capture_output=True,
        text=True,
        env=os.environ | {"TELLTALE_TRACKING_URI": server.base_url},
    )


def test_damaged_traces_are_named_and_the_others_exported_once_each_in_order(tmp_path):
    roots = [crew() for _ in range(3 * A_BATCH)]
    hit = (A_BATCH + 3, 2 * A_BATCH + 1)
    with RunningServer(tmp_path) as server:
        for root in roots:
            httpx2.post(f"{server.base_url}/api/v1/journal", content=piece([root]))
        for number in hit:
            damage(server, number)

        ended = export(server)

    ids = [from_otlp(json.loads(line))[0].trace_id for line in ended.stdout.splitlines()]
    assert ids == [root.trace_id for n, root in enumerate(roots, 1) if n not in hit]
    *named, total = ended.stderr.splitlines()
    assert ended.returncode == 1
    for number, line in zip(hit, named, strict=True):
        assert roots[number - 1].trace_id.hex() in line
        assert "body is damaged" in line and "restore a backup" in line
    assert total == (
        "telltale: 2 traces are damaged and left out; the other 58 are exported; restore a backup "
        "for what is missing"
    )


def test_an_export_that_is_damaged_from_the_first_trace_on_goes_on_behind_it(tmp_path):
    roots = [crew(), crew()]
    with RunningServer(tmp_path) as server:
        httpx2.post(f"{server.base_url}/api/v1/journal", content=piece(roots))
        damage(server, 1)

        ended = export(server)

    (line,) = ended.stdout.splitlines()
    assert from_otlp(json.loads(line))[0].trace_id == roots[1].trace_id
    assert ended.returncode == 1
