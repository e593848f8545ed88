"""A server takes in what programs recorded for it before it was there."""

import os
import subprocess
import sys

import httpx2
from exposition import read_figures

from telltale.client.client import Client
from telltale.server.adoption import Adoption
from telltale.server.counts import Counts
from testbed.servers import RunningServer
from testbed.waiting import wait_until

PROGRAM = "import telltale\nwith telltale.start_span(sys.argv[1]): pass"


def record(home, name: str, destination: str) -> None:
    """Run a program while nobody listens at its destination."""
    subprocess.run(
        [sys.executable, "-c", f"import sys\n{PROGRAM}", name],
        env={**os.environ, "TELLTALE_HOME": str(home), "TELLTALE_TRACKING_URI": destination},
        check=True,
        capture_output=True,
    )


def names(server: RunningServer) -> list[str]:
    with Client(server.base_url) as client:
        return [trace.name for trace in client.traces()]


def figures(server: RunningServer) -> dict[str, int]:
    return read_figures(httpx2.get(f"{server.base_url}/metrics").text)


def test_what_was_recorded_before_the_server_started_is_on_its_page(tmp_path, free_port):
    for host in ("127.0.0.1", "localhost"):
        record(tmp_path / "home", f"for {host}", f"http://{host}:{free_port}")

    with RunningServer(tmp_path / "home", port=free_port) as server:
        wait_until(lambda: sorted(names(server)) == ["for 127.0.0.1", "for localhost"])
        wait_until(lambda: figures(server)["telltale_adopted_total"] == 2)

    assert list((tmp_path / "home" / "journal").iterdir()) == []


def test_what_was_meant_for_somebody_else_is_left_alone(tmp_path, free_port):
    record(tmp_path / "home", "elsewhere", "http://127.0.0.1:9")
    record(tmp_path / "home", "here", f"http://127.0.0.1:{free_port}")

    with RunningServer(tmp_path / "home", port=free_port) as server:
        wait_until(lambda: names(server) == ["here"])
        # The segment is removed only then.
        wait_until(lambda: figures(server)["telltale_adopted_total"] == 1)

    (segment,) = (tmp_path / "home" / "journal").glob("*.0*")
    assert b"elsewhere" in segment.read_bytes()


def test_what_waits_for_another_port_is_said_once_with_what_brings_it_here(
    tmp_path, free_port, monkeypatch, caplog
):
    monkeypatch.setattr("telltale.server.adoption.LOOK_EVERY_S", 0.01)
    home = tmp_path / "a home"
    for name, destination in (
        ("one", "http://127.0.0.1:9"),
        ("two", "http://127.0.0.1:9"),
        ("away", "http://192.0.2.1:9"),
    ):
        record(home, name, destination)
    here = f"http://127.0.0.1:{free_port}"
    counts = Counts()
    adoption = Adoption(home, here, counts)

    adoption.start()
    try:
        wait_until(lambda: caplog.messages)
        # The next rounds have come this far when what cannot be read is met again and again.
        # Moved there whole: an empty file is one of a process that died before it wrote.
        damaged = tmp_path / "damaged"
        damaged.write_bytes(b"no segment" * 200)
        damaged.rename(home / "journal" / f"{'0' * 32}.000001")
        wait_until(lambda: read_figures(counts.exposition())["telltale_adoption_retries_total"] > 2)
    finally:
        adoption.stop()

    (told,) = [words for words in caplog.messages if "stays where it is" not in words]
    assert told.startswith(f"2 segments in {home / 'journal'} wait for http://127.0.0.1:9,")
    command = f"telltale flush --home '{home}' --instead-of http://127.0.0.1:9 --to {here}"
    assert f"`{command}`" in told


def test_what_cannot_be_taken_in_now_is_counted_and_stays(tmp_path, free_port, monkeypatch, caplog):
    monkeypatch.setattr("telltale.server.adoption.LOOK_EVERY_S", 0.01)
    monkeypatch.setenv("TELLTALE_HOME", str(tmp_path / "home"))
    for name in ("one", "two", "three"):
        record(tmp_path / "home", name, f"http://127.0.0.1:{free_port}")
    counts = Counts()
    adoption = Adoption(tmp_path / "home", f"http://127.0.0.1:{free_port}", counts)

    adoption.start()
    try:
        wait_until(lambda: read_figures(counts.exposition())["telltale_adoption_retries_total"] > 6)
    finally:
        adoption.stop()

    assert len(list((tmp_path / "home" / "journal").glob("*.0*"))) == 3
    assert caplog.text.count("and 2 more stay where they are") == 1


def test_what_ends_in_a_later_segment_is_never_called_lost(tmp_path, free_port):
    """The crew's end stands in the third segment, behind that of all its steps."""
    program = """
import sys, telltale
with telltale.start_span("crew"):
    for number in range(60):
        with telltale.start_span(f"step {number}") as span:
            span.set_inputs("x" * 200_000)
"""
    subprocess.run(
        [sys.executable, "-c", program],
        env={
            **os.environ,
            "TELLTALE_HOME": str(tmp_path / "home"),
            "TELLTALE_TRACKING_URI": f"http://127.0.0.1:{free_port}",
        },
        check=True,
        capture_output=True,
    )
    segments = len(list((tmp_path / "home" / "journal").glob("*.0*")))
    assert segments > 2

    with RunningServer(tmp_path / "home", port=free_port) as server:
        wait_until(lambda: figures(server)["telltale_adopted_total"] == segments)
        told = figures(server)

    assert told["telltale_lost_spans_total"] == 0
    assert told["telltale_found_spans_total"] == 0
