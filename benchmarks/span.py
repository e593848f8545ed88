"""What does a span cost the program that is traced?"""

import sys
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.figures import BYTES, MICROSECONDS, TIMES, Row, row
from benchmarks.processes import run_program

PROGRAMS = 3
ROUNDS = 15
PEER_ROUNDS = 9
THREAD, PROCESS = 0, 1
MOST = 1.7
"""Times a bare OpenTelemetry span."""
_PEERS = Path(__file__).parents[1] / ".venv" / "peers" / "bin" / "python"


def measure(python: str) -> tuple[Row, ...]:
    """CPU a span, ours beside OpenTelemetry's, round by round; the same of our peers."""
    runs = [run_program(python, "span_rounds", ROUNDS) for _ in range(PROGRAMS)]
    rounds = [each for run in runs for each in run["rounds"]]
    writes = [each[THREAD] for run in runs for each in run["writes"]]

    def cpu(whose: str) -> list[float]:
        return [each[whose][THREAD] for each in rounds]

    return (
        row("a span of ours, in its thread", cpu("ours"), MICROSECONDS),
        row("a span of a bare OpenTelemetry SDK", cpu("theirs"), MICROSECONDS),
        row("ratio, in the span's thread", _ratio(rounds, THREAD), TIMES, most=MOST),
        row("ratio, whole process", _ratio(rounds, PROCESS), TIMES),
        *_peers(),
        row("the two writes alone", writes, MICROSECONDS),
        row("journal, start and end", [run["journal_bytes"] for run in runs], BYTES),
    )


@cache
def _peers() -> tuple[Row, ...]:
    """Logfire and MLflow beside the same bare span, with the one interpreter that has them."""
    if not _PEERS.exists():
        print("span: no Logfire and MLflow to measure; scripts/peers.sh gets them", file=sys.stderr)
        return ()
    return (*_peer("Logfire"), *_peer("MLflow"))


def _peer(name: str) -> tuple[Row, ...]:
    # MLflow would tell its makers that it is used.
    run = run_program(str(_PEERS), f"{name.lower()}_rounds", PEER_ROUNDS, DO_NOT_TRACK="true")
    called = f"{name} {run['version']}"
    return (
        row(f"{called}: ratio, in the span's thread", _ratio(run["rounds"], THREAD), TIMES),
        row(f"{called}: ratio, whole process", _ratio(run["rounds"], PROCESS), TIMES),
    )


def _ratio(rounds: list[dict[str, Any]], clock: int) -> list[float]:
    return [each["ours"][clock] / each["theirs"][clock] for each in rounds]
