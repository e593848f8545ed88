"""What does tracing cost a crew?

A crew's CPU varies by more than tracing adds to it, so the two are run in turns, in one warm
process, and the same comparison between two untraced runs says how far to trust the answer.
"""

import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.figures import COUNT, SECONDS, TIMES, Row, row
from benchmarks.processes import fresh_home, run_program, server
from telltale.demo.environment import offline_environment
from telltale.demo.scripted_llm import ScriptedLLM
from telltale.nouns.trace import TracePage

PAIRS = 5


def measure(python: str) -> tuple[Row, ...]:
    """CPU of the trip crew's kickoff, traced and not."""
    told, spans = _run(python)
    traced, untraced = ([pair[how] for pair in told["pairs"]] for how in ("traced", "untraced"))
    if not all(run["flushed"] for run in traced):
        raise SystemExit("autolog: the server did not take all spans in time")

    def cpu(runs: list[dict[str, float]], clock: str) -> list[float]:
        return [run[clock] for run in runs]

    def ratio(clock: str) -> list[float]:
        return [a / b for a, b in zip(cpu(traced, clock), cpu(untraced, clock), strict=True)]

    apart = [max(a, b) / min(a, b) for a, b in pairwise(cpu(untraced, "process_s"))]
    return (
        row("a traced kickoff, CPU of the process", cpu(traced, "process_s"), SECONDS),
        row("an untraced one", cpu(untraced, "process_s"), SECONDS),
        row("ratio, pair by pair", ratio("process_s"), TIMES),
        row("ratio, in the thread that calls kickoff", ratio("thread_s"), TIMES),
        row("two untraced runs apart: the noise", apart, TIMES),
        row("spans of a kickoff and of building its crew", spans / (len(traced) + 1), COUNT),
    )


def _run(python: str) -> tuple[dict[str, Any], int]:
    """What the program told, and the spans that reached the server."""
    with (
        fresh_home() as home,
        server(python, home) as running,
        ScriptedLLM(port=0) as llm,
        tempfile.TemporaryDirectory() as storage,
    ):
        told = run_program(
            python,
            "crew_rounds",
            f"--site={llm.url}",
            f"--pairs={PAIRS}",
            **offline_environment(llm.base_url, Path(storage)),
            TELLTALE_TRACKING_URI=running.address,
            PYTHONWARNINGS="ignore",
        )
        page = msgspec.json.decode(running.ask("/api/v1/traces?limit=1000"), type=TracePage)
        return told, sum(trace.spans for trace in page.traces)
