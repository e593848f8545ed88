"""Many spans at once: from one program, from eight, and to a server that takes ten a second.

What a program pays is the CPU of the thread that does its work, and the time that passes for it. A
slow server must cost neither: runs with one, with a quick one and with none take turns.
"""

import json
import random
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import msgspec

from benchmarks.figures import SECONDS, TIMES, Row, row
from benchmarks.processes import NOBODY
from testbed.servers import RunningServer, a_free_port
from torture.processes import flush, start
from torture.relay import Relay
from torture.report import say
from torture.truth import read_truth
from torture.verdict import judge, rows, stored

SLOW = 10.0
"""Spans a second."""
MOST_GROWTH = 1.05
MOST_EXIT_S = 3.0
"""Two seconds for the server, and what the interpreter takes."""


class Length(msgspec.Struct, frozen=True):
    """How many of each."""

    spans: int
    turns: int
    programs: int
    """At once."""


LONG = Length(spans=20_000, turns=15, programs=8)
SHORT = Length(spans=4_000, turns=3, programs=4)


class Run(NamedTuple):
    """One burst as its program told it."""

    wall_s: float
    cpu_s: float
    exit_s: float
    """From its last word to its end."""


def endure(length: Length, seed: int) -> tuple[Row, ...]:
    """All three, and what has arrived in the end."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="telltale-torture-") as name:
        folder, port = Path(name), a_free_port()
        with RunningServer(folder / "server", port=port) as server, Relay(port, SLOW) as slow:
            where = {"none": NOBODY, "quick": server.base_url, "slow": slow.address}
            turns: list[dict[str, Run]] = []
            for number in range(length.turns):
                say(f"burst: turn {number + 1} of {length.turns}")
                order = chance.sample(sorted(where), len(where))
                turns.append({whom: _burst(folder, where[whom], whom, length) for whom in order})
            say(f"burst: {length.programs} programs at once")
            _at_once(folder, server.base_url, length)
            slow.let_go()
            flush(folder / "slow")
            verdict = judge(read_truth(_truths(folder, "quick", "slow")), stored(server.base_url))
    return (
        row(
            f"{length.spans:,} spans, time of the program", _all(turns, "quick", "wall_s"), SECONDS
        ),
        _ratio("CPU with a quick server, to none", turns, "quick", "cpu_s"),
        _ratio("CPU with one of 10 spans a second, to none", turns, "slow", "cpu_s", MOST_GROWTH),
        _ratio("time with a quick server, to none", turns, "quick", "wall_s"),
        _ratio("time with one of 10 spans a second, to none", turns, "slow", "wall_s", MOST_GROWTH),
        row(
            "end of the program, with the slow one",
            _all(turns, "slow", "exit_s"),
            SECONDS,
            MOST_EXIT_S,
        ),
        row("programs at once", length.programs),
        *rows(verdict),
    )


def _burst(folder: Path, address: str, home: str, length: Length) -> Run:
    truth = folder / f"truth-{home}-{time.monotonic_ns()}"
    program = start("burst", folder / home, address, truth, length.spans)
    assert program.stdout is not None
    told = json.loads(program.stdout.readline())
    began_s = time.perf_counter()
    program.communicate()
    return Run(told["wall_s"], told["cpu_s"], time.perf_counter() - began_s)


def _at_once(folder: Path, address: str, length: Length) -> None:
    programs = [
        start("burst", folder / "quick", address, folder / f"truth-quick-at-once-{n}", length.spans)
        for n in range(length.programs)
    ]
    for program in programs:
        program.communicate()
    flush(folder / "quick")


def _truths(folder: Path, *homes: str) -> list[Path]:
    return [path for home in homes for path in folder.glob(f"truth-{home}-*")]


def _all(turns: list[dict[str, Run]], whom: str, figure: str) -> list[float]:
    return [getattr(turn[whom], figure) for turn in turns]


def _ratio(
    what: str, turns: list[dict[str, Run]], whom: str, figure: str, most: float | None = None
) -> Row:
    pairs = zip(_all(turns, whom, figure), _all(turns, "none", figure), strict=True)
    ratios = [mine / none for mine, none in pairs]
    return row(what, ratios, TIMES, most, needs_long_run=True)
