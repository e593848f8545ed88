"""What does a server cost that somebody leaves running all day?"""

import json
import time

from benchmarks.figures import COUNT, MEGABYTES, MILLISECONDS, SECONDS, Row, row
from benchmarks.processes import Server, fresh_home, server
from benchmarks.synthetic import piece, trace
from telltale.server.page import load_page

STARTS = 4
LIVES = 2
QUIET_S = 5.0
IDLE_S = 10.0
_CREW_SPANS = 53
"""As many as the trip crew's trace has, more or less."""
_LARGE_SPANS = 10_000
_SPANS_A_POST = 1000


def measure(python: str) -> tuple[Row, ...]:
    """Start, memory, processes, idleness."""
    fresh, again = _starts(python)
    lives = [_life(python, last=number == LIVES - 1) for number in range(LIVES)]
    idle_ms = lives[-1]["idle_ms"]
    return (
        row("start to first answer, home new", [s for s, _ in fresh], SECONDS, most=2),
        row("start to first answer, home there", [s for s, _ in again], SECONDS, most=2),
        row("… CPU of the former", [cpu for _, cpu in fresh], SECONDS),
        row("… CPU of the latter", [cpu for _, cpu in again], SECONDS),
        row("memory just started", [life["started_mb"] for life in lives], MEGABYTES),
        row(
            f"memory idle, a crew's trace stored and read, {QUIET_S:.0f} s later",
            [life["idle_mb"] for life in lives],
            MEGABYTES,
            most=150,
        ),
        row(
            f"memory idle, a {_LARGE_SPANS:,}-span trace stored and read too",
            lives[-1]["large_mb"],
            MEGABYTES,
        ),
        row("processes", [life["processes"] for life in lives], COUNT, most=1),
        row("threads", [life["threads"] for life in lives], COUNT),
        row(f"CPU in {IDLE_S:.0f} s of idleness", idle_ms, MILLISECONDS),
    )


def _starts(python: str) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Seconds and CPU seconds until the first answer, in new homes and in ones that are there."""
    fresh, again = [], []
    for _ in range(STARTS):
        with fresh_home() as home:
            for into in (fresh, again):
                with server(python, home) as started:
                    into.append((started.ready_s, started.cpu_s()))
    return fresh, again


def _life(python: str, *, last: bool) -> dict[str, float]:
    """One server from its start through some use; the last one also idles, and takes much."""
    with fresh_home() as home, server(python, home) as running:
        told = {"started_mb": running.resident_mb()}
        _use(running, _CREW_SPANS)
        time.sleep(QUIET_S)
        told |= {"idle_mb": running.resident_mb(), "processes": running.processes()}
        told["threads"] = running.threads()
        if last:
            before_s = running.cpu_s()
            time.sleep(IDLE_S)
            told["idle_ms"] = (running.cpu_s() - before_s) * 1000
            _use(running, _LARGE_SPANS)
            time.sleep(QUIET_S)
            told["large_mb"] = running.resident_mb()
        return told


def _use(running: Server, spans: int) -> None:
    """What a program and a person do: ship a trace, open the page, look at the trace, export it."""
    crew = trace(spans)
    for at in range(0, spans, _SPANS_A_POST):
        running.ask("/api/v1/journal", piece(crew[at : at + _SPANS_A_POST]))
    running.ask("/")
    for file in _files():
        running.ask(file)
    listed = json.loads(running.ask("/api/v1/traces"))
    assert listed["traces"], "the trace is not listed"
    there = f"/api/v1/traces/{crew[0].trace_id.hex()}"
    for path in ("", "/skeleton", "/spans/0", "/otlp"):
        running.ask(there + path)
    running.ask("/api/v1/export")


def _files() -> list[str]:
    page = load_page()
    return [f"/ui/{page.build}/{name}" for name in page.assets]
