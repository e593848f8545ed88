"""Deaths that take more than a line of code: of a worker at its work, and of a crew at its own."""

import signal
import subprocess
import sys

import pytest

from matrix.recorded import read_journal
from programs import environment, run_program
from running import a_free_port
from telltale.client.client import Client
from telltale.demo.environment import offline_environment
from telltale.demo.scripted_llm import ScriptedLLM
from testbed.servers import RunningServer
from testbed.waiting import wait_until
from torture import ROOT
from torture.processes import flush
from torture.truth import read_truth
from torture.verdict import judge, rows, stored

WORKER = """
import multiprocessing, os, signal
from torture.truth import Truth, noted

def work():
    for number in range(5):
        with noted(Truth(TRUTH), "done " * number): pass
    with noted(Truth(TRUTH), "half"):
        os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    with noted(Truth(TRUTH), "parent"):
        worker = multiprocessing.get_context(METHOD).Process(target=work)
        worker.start()
        worker.join()
        assert worker.exitcode == -signal.SIGKILL
"""
LOST_WITHIN_S = 60


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_worker_that_is_killed_at_its_work_takes_nothing_with_it(method, tmp_path):
    home, truth, script = tmp_path / "home", tmp_path / "truth", tmp_path / "worker.py"
    script.write_text(WORKER.replace("TRUTH", repr(str(truth))).replace("METHOD", repr(method)))
    with RunningServer(home, port=a_free_port()) as server:
        program = run_program(
            f"import runpy; runpy.run_path({str(script)!r}, run_name='__main__')",
            home,
            server.base_url,
            PYTHONPATH=str(ROOT),
        )
        flush(home)
        there = stored(server.base_url)

    assert program.returncode == 0, program.stderr
    known = read_truth([truth])
    assert (len(known.started), len(known.ended), len(there.open)) == (7, 6, 1)
    assert [row.what for row in rows(judge(known, there)) if row.kept is False] == []


@pytest.mark.crew
@pytest.mark.timeout(240)
@pytest.mark.parametrize(("calls", "is_there"), [(3, False), (10, True)])
def test_a_crew_that_is_killed_at_its_work_is_there_as_far_as_it_came(calls, is_there, tmp_path):
    """The model's own log is the truth: every call that it answered, but for the last, is there."""
    home, port = tmp_path / "home", a_free_port()
    server = RunningServer(home, port=port)
    if is_there:
        server.start()
    try:
        with ScriptedLLM(port=0) as llm:
            kill_after(calls, llm, tmp_path, f"http://127.0.0.1:{port}")
            heard = sum(call.kind == "chat" for call in llm.calls)
        written, _ = read_journal(home / "journal")
        if not is_there:
            server.start()
        with Client(server.base_url) as client:
            wait_until(lambda: [trace.state for trace in crews(client)] == ["lost"], LOST_WITHIN_S)
            skeleton = client.skeleton(crews(client)[0].trace_id)
        wait_until(lambda: list((home / "journal").iterdir()) == [])
        there = stored(server.base_url)
    finally:
        server.stop()

    states = [
        state
        for kind, state in zip(skeleton.kind, skeleton.state, strict=True)
        if skeleton.kinds[kind] == "llm"
    ]
    ended = sum(state == 0 for state in states)
    assert heard - 1 <= ended <= heard <= len(states) <= heard + 1
    assert {span.span_id.hex() for span in written} <= there.ended.keys()
    assert there.shown == there.counted == len(there.ended) + len(there.open)


def kill_after(calls: int, llm: ScriptedLLM, folder, destination: str) -> None:
    """Run the trip crew, and kill it when the model has heard so many calls."""
    storage = folder / "storage"
    storage.mkdir()
    crewai = {"HOME": str(folder), **offline_environment(llm.base_url, storage)}
    process = subprocess.Popen(
        [sys.executable, "-m", "telltale.demo.trip_crew", "--site", llm.url],
        env=environment(folder / "home", destination, crewai),
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: sum(call.kind == "chat" for call in llm.calls) >= calls, 120)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def crews(client: Client) -> list:
    """Traces of crews; what is embedded while one is built is a trace of its own."""
    return [trace for trace in client.traces() if trace.kind == "crew"]
