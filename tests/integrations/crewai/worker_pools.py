"""A program of the user's that spreads crews over processes, in all the ways that Python has.

    python worker_pools.py

A line on stdout tells of each way what its crews wrote, and which processes ran them.
"""

import json
import multiprocessing
import os
import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any, NamedTuple

import marked

import telltale

FORKED, LOADED = 4, 2
"""Workers at once: fewer of those that each import crewAI for themselves."""
_LIFE_S = 240
_meeting: Any = None

telltale.crewai.autolog()


class Done(NamedTuple):
    """What a worker answers."""

    mark: str
    wrote: str
    pid: int


def begin(meeting: Any) -> None:
    """In a worker, before its first crew."""
    global _meeting
    _meeting = meeting
    signal.alarm(_LIFE_S)  # Should its parent be killed, it does not wait for work for ever.


def work(mark: str) -> Done:
    """Run a crew, which meets those of the other workers."""
    wrote = marked.marked_crew(mark, _meeting.wait).kickoff().raw
    return Done(mark, wrote, os.getpid())


def executor(method: str, workers: int) -> Callable[[list[str]], list[Done]]:
    """A pool whose workers are killed as soon as they have answered."""

    def run(marks: list[str]) -> list[Done]:
        context = multiprocessing.get_context(method)
        meeting = context.Barrier(workers, timeout=marked.MEETING_S)
        with ProcessPoolExecutor(workers, context, begin, (meeting,)) as pool:
            done = list(pool.map(work, marks))
            for pid in {one.pid for one in done}:
                os.kill(pid, signal.SIGKILL)
        return done

    return run


def one_task_a_worker(marks: list[str]) -> list[Done]:
    """A pool whose workers end by themselves after their first task."""
    context = multiprocessing.get_context("fork")
    meeting = context.Barrier(FORKED, timeout=marked.MEETING_S)
    with context.Pool(FORKED, begin, (meeting,), maxtasksperchild=1) as pool:
        done = pool.map(work, marks, chunksize=1)
        pool.close()
        pool.join()
    return done


def prefork(marks: list[str]) -> list[Done]:
    """Workers as gunicorn's and Celery's: forked by a parent that has loaded all and traces too.

    It must not have run a crew: crewAI 1.15 then waits in each child for a thread that stayed
    with the parent, traced or not.
    """
    with telltale.start_span("loading"):
        import crewai  # noqa: F401
    meeting = multiprocessing.get_context("fork").Barrier(FORKED, timeout=marked.MEETING_S)
    answers, answer = os.pipe()
    for number in range(FORKED):
        if os.fork() == 0:
            begin(meeting)
            for mark in marks[number::FORKED]:
                os.write(answer, json.dumps(work(mark)).encode() + b"\n")
            signal.pause()
    done = []
    with os.fdopen(answers) as lines:
        for _ in marks:
            done.append(Done(*json.loads(next(lines))))
            if done[-1].mark in marks[-FORKED:]:  # It is its worker's last.
                os.kill(done[-1].pid, signal.SIGKILL)
    return done


WAYS: dict[str, Callable[[list[str]], list[Done]]] = {
    "spawn": executor("spawn", LOADED),
    "forkserver": executor("forkserver", LOADED),
    "prefork": prefork,
    "fork": executor("fork", FORKED),
    "one_task_a_worker": one_task_a_worker,
}
"""In this order: until `prefork` the parent itself has no crewAI."""


def main() -> None:
    """One way after the other."""
    for way, run in WAYS.items():
        print(json.dumps(run(marked.marks(way))), flush=True)


if __name__ == "__main__":
    main()
