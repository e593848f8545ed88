"""What does tracing cost a crew?

A crew's CPU varies by more than tracing adds to it, so the two are run in turns in one warm
process, the order within the pairs alternating, and the same comparison between untraced runs says
how far to trust the answer. The bar is held against the median of the pairs' ratios: of all CPU of
the process, with the shipper's until everything has arrived.

Beside it stands what can be measured of ours alone, in runs that are in no pair: the CPU of our
threads, by their own clocks, and of the stretches of the program's threads that are within our
functions and not within what these stand for (`programs/own_time.py`). It leaves out what tracing
costs elsewhere: collecting our garbage, waiting for the interpreter's lock, colder caches.
"""

import tempfile
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import msgspec

from benchmarks.figures import COUNT, MILLISECONDS, PERCENT, SECONDS, TIMES, Row, row
from benchmarks.processes import fresh_home, run_program, server
from telltale.demo.environment import offline_environment
from telltale.demo.scripted_llm import ScriptedLLM
from telltale.nouns.trace import TracePage

PAIRS = 40
COUNTED = 10
MOST = 1.03
"""Times an untraced kickoff."""


def measure(python: str) -> tuple[Row, ...]:
    """CPU of the trip crew's kickoff, traced and not."""
    told, spans = _run(python)
    traced, untraced = ([pair[how] for pair in told["pairs"]] for how in ("traced", "untraced"))
    counted = told["counted"]
    if not all(run["flushed"] for run in (*traced, *counted)):
        raise SystemExit("autolog: the server did not take all spans in time")

    def cpu(runs: list[dict[str, float]], clock: str) -> list[float]:
        return [run[clock] for run in runs]

    def ratio(clock: str) -> list[float]:
        return [a / b for a, b in zip(cpu(traced, clock), cpu(untraced, clock), strict=True)]

    # Every other one turned round, as the pairs are.
    apart = [
        b / a if number % 2 else a / b
        for number, (a, b) in enumerate(pairwise(cpu(untraced, "process_s")))
    ]
    in_callers_s = [run["in_callers_s"] - run["stretches"] * told["a_stretch_s"] for run in counted]
    in_threads_s = cpu(counted, "our_threads_s")
    ours_s = [sum(both) for both in zip(in_callers_s, in_threads_s, strict=True)]
    whole_s = median(cpu(untraced, "process_s"))
    return (
        row("a traced kickoff, CPU of the process", cpu(traced, "process_s"), SECONDS),
        row("an untraced one", cpu(untraced, "process_s"), SECONDS),
        row(f"ratio, median of {PAIRS} pairs", ratio("process_s"), TIMES, most=MOST),
        row("ratio, in the thread that calls kickoff", ratio("thread_s"), TIMES),
        row("ratio of untraced kickoffs, one to the next: the noise", apart, TIMES),
        row("our own CPU, within the program's threads", _ms(in_callers_s), MILLISECONDS),
        row("… of our threads, shipping included", _ms(in_threads_s), MILLISECONDS),
        row("… both, of an untraced kickoff", [s / whole_s * 100 for s in ours_s], PERCENT),
        row("spans of a kickoff and of building its crew", spans / _traced_runs(told), COUNT),
    )


def _ms(seconds: list[float]) -> list[float]:
    return [each * 1000 for each in seconds]


def _traced_runs(told: dict[str, Any]) -> int:
    """The first one is in no list."""
    return 1 + len(told["pairs"]) + len(told["counted"])


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
            f"--counted={COUNTED}",
            **offline_environment(llm.base_url, Path(storage)),
            TELLTALE_TRACKING_URI=running.address,
            PYTHONWARNINGS="ignore",
        )
        page = msgspec.json.decode(running.ask("/api/v1/traces?limit=1000"), type=TracePage)
        return told, sum(trace.spans for trace in page.traces)
