"""Crews at once in handlers of a web service and in pools of processes: each keeps to its tree."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
from marked import AT_ONCE, marks, marks_in, stored

from matrix import ROOT
from matrix.recorded import Tree
from programs import environment
from telltale.demo.environment import offline_environment
from telltale.demo.scripted_llm import Call, ScriptedLLM
from testbed.servers import RunningServer
from torture.processes import flush, kill_all

pytestmark = [pytest.mark.crew, pytest.mark.timeout(400)]

ANSWER_S = 300.0
AGENT: tuple[str, list] = (
    "agent",
    [("llm (agent)", []), ("tool", [("unknown", [])]), ("llm (agent)", [])],
)
CREW = ("crew", [("task", [AGENT])])
IN_A_SPAN = ("chain", [CREW])
HANDLERS = {
    "sync": [CREW],
    "awaited": [CREW],
    "in_a_thread": [CREW],
    "spanned": [IN_A_SPAN],
    "spanned_awaited": [IN_A_SPAN],
    "traced": [IN_A_SPAN],
    "traced_awaited": [IN_A_SPAN],
    "behind": [("chain", []), CREW],
}
"""What each request comes to, by the way in which it is handled."""
WORKERS = {"spawn": 2, "forkserver": 2, "prefork": 4, "fork": 4, "one_task_a_worker": 8}
"""How many processes run crews, by the way in which they are made."""


class Seen(msgspec.Struct, frozen=True):
    """One program with its crews, by its own account, the server's and the model's."""

    wrote: dict[str, str]
    """By mark."""
    ran_in: dict[str, int]
    """Process ids, by mark."""
    trees: list[Tree]
    calls: Sequence[Call]


@contextmanager
def started(program: str, folder: Path, destination: str, llm: ScriptedLLM) -> Iterator[Any]:
    """A program of the user's; none of its processes outlives the block."""
    (folder / "storage").mkdir(parents=True)
    crewai = offline_environment(llm.base_url, folder / "storage")
    path = f"{ROOT / 'src'}:{ROOT}"
    told = environment(
        folder / "home", destination, {**crewai, "HOME": str(folder), "PYTHONPATH": path}
    )
    with (folder / "stderr").open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name(program))],
            env=told,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
            text=True,
        )
    try:
        yield process
    finally:
        kill_all(process)


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Seen:
    """Eight requests for each handler, all of them at once; then the service is asked to end."""
    folder = tmp_path_factory.mktemp("served")
    wanted = [mark for way in HANDLERS for mark in marks(way)]
    with RunningServer(folder / "server") as server, ScriptedLLM(port=0) as llm:
        with started("web_app.py", folder, server.base_url, llm) as service:
            address = f"http://127.0.0.1:{int(service.stdout.readline())}"

            def ask(mark: str) -> str:
                way, number = mark.split("#")
                answer = httpx2.post(f"{address}/{way}/{way}%23{number}", timeout=ANSWER_S)
                return str(answer.json())

            with ThreadPoolExecutor(len(wanted)) as requests:
                wrote = dict(zip(wanted, requests.map(ask, wanted), strict=True))
            service.terminate()
            service.wait(ANSWER_S)
        flush(folder / "home")
        return Seen(wrote, {}, stored(server.base_url), llm.calls)


@pytest.fixture(scope="module")
def pooled(tmp_path_factory) -> Seen:
    """Eight crews for each kind of pool, one kind after the other."""
    folder = tmp_path_factory.mktemp("pooled")
    with RunningServer(folder / "server") as server, ScriptedLLM(port=0) as llm:
        with started("worker_pools.py", folder, server.base_url, llm) as program:
            told, _ = program.communicate(timeout=ANSWER_S)
        assert program.returncode == 0, (folder / "stderr").read_text()
        done = [one for line in told.splitlines() for one in msgspec.json.decode(line)]
        flush(folder / "home")
        return Seen(
            {mark: wrote for mark, wrote, _ in done},
            {mark: pid for mark, _, pid in done},
            stored(server.base_url),
            llm.calls,
        )


@pytest.fixture
def seen(request, way) -> Seen:
    """The program that knows this way."""
    return request.getfixturevalue("served" if way in HANDLERS else "pooled")


def of_mark(trees: list[Tree], mark: str) -> list[Tree]:
    """All that speak of it anywhere, in order of their start."""
    found = [tree for tree in trees if mark in marks_in(tree.spans)]
    return sorted(found, key=lambda tree: tree.root.start_ns)


@pytest.mark.parametrize("way", [*HANDLERS, *WORKERS])
def test_no_span_is_in_anothers_tree(seen, way):
    for mark in marks(way):
        found = of_mark(seen.trees, mark)

        assert [tree.shape() for tree in found] == HANDLERS.get(way, [CREW])
        for tree in found:
            assert [marks_in([span]) for span in tree.spans] == [{mark}] * len(tree.spans)
            assert all(span.end_ns is not None for span in tree.spans)


@pytest.mark.parametrize("way", [*HANDLERS, *WORKERS])
def test_what_the_crews_wrote_is_theirs(seen, way):
    for mark in marks(way):
        (crew,) = (span for tree in of_mark(seen.trees, mark) for span in tree.of_kind("crew"))

        assert crew.attributes["telltale.outputs"] == f"Hello, {mark}."
        assert seen.wrote[mark] == ("None" if way == "behind" else f"Hello, {mark}.")


@pytest.mark.parametrize("way", HANDLERS)
def test_all_requests_were_at_work_at_once(seen, way):
    met = [
        span
        for mark in marks(way)
        for tree in of_mark(seen.trees, mark)
        for span in tree.spans
        if span.name == f"meeting of {mark}"
    ]

    assert len(met) == AT_ONCE
    assert max(one.start_ns for one in met) < min(one.end_ns or 0 for one in met)


@pytest.mark.parametrize("way", WORKERS)
def test_the_crews_ran_in_so_many_processes(pooled, way):
    assert len({pooled.ran_in[mark] for mark in marks(way)}) == WORKERS[way]


@pytest.mark.parametrize("program", ["served", "pooled"])
def test_every_call_of_the_servers_log_is_one_span_with_its_tokens(request, program):
    there = request.getfixturevalue(program)

    counts = "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"
    traced = Counter(
        tuple(span.attributes.get(count) for count in counts)
        for tree in there.trees
        for span in tree.of_kind("llm")
    )
    assert traced == Counter((call.input_tokens, call.output_tokens) for call in there.calls)
    assert traced.total() == 2 * len(there.wrote)
