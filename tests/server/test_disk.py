"""A server whose disk is full says so, goes on answering, and takes all once there is room."""

import re

import httpx2

from journals import crew, piece
from programs import run_program
from telltale.client.client import Client
from telltale.tracing.orphans import Orphans
from testbed.disks import fill, needs_mount, small_disk
from testbed.servers import RunningServer

JOURNAL = "/api/v1/journal"


def large(number: int):
    """A trace that needs room."""
    return crew(name=f"crew {number}", attributes={"telltale.inputs": "東京 " * 20_000})


@needs_mount
def test_a_full_disk_is_told_and_read_from_and_forgotten_when_there_is_room(tmp_path):
    with (
        small_disk(tmp_path / "disk", "12m") as disk,
        RunningServer(disk / "home") as server,
        httpx2.Client(base_url=server.base_url, trust_env=False, timeout=30) as http,
    ):
        first, refused = large(1), large(2)
        assert http.post(JOURNAL, content=piece([first])).status_code == 200
        filler = fill(disk)

        answers = [http.post(JOURNAL, content=piece([large(n)])) for n in range(3, 6)]
        answer = http.post(JOURNAL, content=piece([refused]))
        assert answer.status_code == 507, answer.text
        assert "disk is full" in answer.json()["detail"]
        assert "free" in answer.json()["remedy"]
        for path in ("/health", "/api/v1/traces", "/", f"/api/v1/traces/{first.trace_id.hex()}"):
            assert http.get(path).status_code == 200, path
        told = http.get("/health").json()
        assert told["status"] == "refusing" and "disk is full" in told["refusing"]
        assert "disk is full" in http.get("/api/v1/version").json()["refusing"]

        filler.unlink()
        assert http.post(JOURNAL, content=piece([refused])).status_code == 200
        assert http.get("/health").json() == {"status": "ok"}
        taken = 2 + sum(one.status_code == 200 for one in answers)
        assert len(http.get("/api/v1/traces").json()["traces"]) == taken
        refusals = re.search(
            r'refused_total\{reason="store-broken"\} (\d+)', http.get("/metrics").text
        )
        assert int(refusals[1]) == 6 - taken
        begun, over = server.log().splitlines()

    assert f"{disk / 'home' / 'traces.db'}: the disk is full; free some space on it" in begun
    assert "spans are stored again" in over and f"{6 - taken} pieces" in over


@needs_mount
def test_a_new_experiment_on_a_full_disk_is_refused_and_its_spans_come_again(tmp_path):
    with (
        small_disk(tmp_path / "disk", "12m") as disk,
        RunningServer(disk / "home") as server,
        httpx2.Client(base_url=server.base_url, trust_env=False, timeout=30) as http,
    ):
        assert http.post(JOURNAL, content=piece([crew()])).status_code == 200
        filler = fill(disk)
        body = piece([crew(experiment=f"name {'x' * 9000}")])
        assert http.post(JOURNAL, content=body).status_code == 507

        filler.unlink()
        assert http.post(JOURNAL, content=body).status_code == 200


@needs_mount
def test_programs_keep_what_a_full_server_refuses_and_it_comes_later(tmp_path):
    code = """
    import telltale
    for n in range(20):
        with telltale.start_span(f"span {n}") as span: span.set_inputs("x" * 100_000)
    """
    with (
        small_disk(tmp_path / "disk", "12m") as disk,
        RunningServer(disk / "home") as server,
        Client(server.base_url) as client,
    ):
        filler = fill(disk)
        program = run_program(code, tmp_path / "programs", server.base_url)
        assert program.returncode == 0
        assert len(program.warnings) == 1 and "does not take spans now" in program.warnings[0]
        assert len(program.recording.spans) == 20
        assert list(client.traces()) == []

        filler.unlink()
        assert [one.problem for one in Orphans(program.recording.folder).ship()] == [""]
        assert len(list(client.traces())) == 20
