"""A server whose disk is full says so, goes on answering, and takes all once there is room."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from journals import crew, piece, span
from programs import run_program
from telltale.cli import commands
from telltale.client.client import Client
from telltale.nouns.errors import BadInput, StoreBroken
from telltale.store.backup import back_up
from telltale.tracing.orphans import Orphans
from testbed.disks import fill, needs_mount, small_disk
from testbed.servers import RunningServer
from testbed.waiting import wait_until

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

        filler.unlink()
        assert http.post(JOURNAL, content=piece([refused])).status_code == 200
        taken = 2 + sum(one.status_code == 200 for one in answers)
        assert len(http.get("/api/v1/traces").json()["traces"]) == taken
        refusals = re.search(
            r'refused_total\{reason="store-broken"\} (\d+)', http.get("/metrics").text
        )
        assert int(refusals[1]) == 6 - taken


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


def test_a_backup_of_a_running_server_is_a_home_with_all_that_was_acknowledged(tmp_path):
    home, copy = tmp_path / "home", tmp_path / "copy"
    with (
        RunningServer(home) as server,
        httpx2.Client(base_url=server.base_url, trust_env=False, timeout=30) as http,
    ):
        acknowledged: list[str] = []
        going = True

        def load(worker: int) -> None:
            number = 0
            while going:
                root = crew(name=f"{worker} {number}", experiment=f"experiment {number % 7}")
                spans = [root, *(span("step", under=root) for _ in range(5))]
                assert http.post(JOURNAL, content=piece(spans)).status_code == 200
                acknowledged.append(root.name)
                number += 1

        with ThreadPoolExecutor(4) as pool:
            loads = [pool.submit(load, worker) for worker in range(4)]
            wait_until(lambda: len(acknowledged) > 200)
            before = set(acknowledged)
            made = back_up(home, copy, lambda words: None)
            going = False
            for one in loads:
                one.result()
        with Client(server.base_url) as client:
            assert {trace.name for trace in client.traces()} == set(acknowledged)

    assert made.bytes == sum(path.stat().st_size for path in copy.iterdir())
    assert {path.name for path in copy.iterdir()} == {"traces.db", "metadata.db"}
    assert [path.stat().st_mode & 0o777 for path in copy.iterdir()] == [0o600, 0o600]
    with RunningServer(copy) as server, Client(server.base_url) as client:
        traces = list(client.traces())
        experiments = {experiment.id for experiment in client.experiments()}
    assert before <= {trace.name for trace in traces} <= set(acknowledged)
    assert {trace.experiment_id for trace in traces} <= experiments
    assert all(trace.spans == 6 for trace in traces)


@needs_mount
def test_a_backup_without_room_leaves_nothing_and_harms_nobody(tmp_path):
    home = tmp_path / "home"
    with (
        RunningServer(home) as server,
        httpx2.Client(base_url=server.base_url, trust_env=False, timeout=30) as http,
        small_disk(tmp_path / "disk", "17m") as disk,
    ):
        assert http.post(JOURNAL, content=piece([large(n) for n in range(40)])).status_code == 200
        with pytest.raises(StoreBroken, match="MB are free there"):
            back_up(home, disk / "copy", lambda words: None)

        assert list(disk.iterdir()) == []
        assert http.post(JOURNAL, content=piece([crew()])).status_code == 200


@pytest.mark.parametrize("there", ["file", "folder"])
def test_a_backup_does_not_write_over_what_is_there(tmp_path, there):
    target = tmp_path / "copy"
    with RunningServer(tmp_path / "home"):
        pass
    if there == "file":
        target.write_text("mine")
    else:
        target.mkdir()
        (target / "notes.txt").write_text("mine")

    with pytest.raises(BadInput, match="is there already"):
        back_up(tmp_path / "home", target, lambda words: None)


def test_a_home_without_databases_cannot_be_backed_up(tmp_path):
    with pytest.raises(BadInput, match=re.escape("it has no traces.db")):
        back_up(Path(tmp_path), tmp_path / "copy", lambda words: None)
    assert commands.db.list_commands(None) == ["backup", "upgrade"]
