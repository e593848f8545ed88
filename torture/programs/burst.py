"""End so many spans as fast as it goes, and tell how long that took the program itself.

    burst TRUTH SPANS

The account is written at the end, so that nothing but the spans is measured.
"""

import json
import sys
import time
from typing import Any

import telltale
from torture.truth import LOAD, Truth

LOAD_TEXT = "cold and clear, wind from the north"
A_TRACE = 20


def main() -> None:
    """Warm up, burst, tell."""
    _, path, spans = sys.argv
    made: list[Any] = []
    trace(made)
    telltale.flush(5)
    wall, cpu = time.perf_counter(), time.thread_time()
    for _ in range(int(spans) // A_TRACE):
        trace(made)
    cpu, wall = time.thread_time() - cpu, time.perf_counter() - wall
    truth = Truth(path)
    for span in made:
        truth.started(span, LOAD_TEXT)
        truth.ended(span)
    print(json.dumps({"wall_s": wall, "cpu_s": cpu}), flush=True)


def trace(made: list[Any]) -> None:
    """A root and its children."""
    with telltale.start_span("root", attributes={LOAD: LOAD_TEXT}) as root:
        made.append(root)
        for _ in range(A_TRACE - 1):
            with telltale.start_span("step", attributes={LOAD: LOAD_TEXT}) as step:
                made.append(step)


if __name__ == "__main__":
    main()
