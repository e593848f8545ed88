"""The trip crew again and again in one warm process, traced and untraced in turns.

Each run has a new crew and an empty memory of its own; only the kickoff is measured, and what it
leaves to other threads. The model answers from another process, so its work is not counted.
"""

import argparse
import contextlib
import gc
import io
import json
import os
import tempfile
import time

parser = argparse.ArgumentParser()
parser.add_argument("--site", required=True)
parser.add_argument("--pairs", type=int, required=True)
options = parser.parse_args()

with contextlib.redirect_stdout(io.StringIO()):
    import telltale
    from telltale.demo.trip_crew import build_crew

SETTLE_S = 0.5
"""For threads that still work when kickoff returns; sleeping costs no CPU."""


def kickoff(traced: bool) -> dict[str, float]:
    """CPU of the whole process for one run, and of the thread that called kickoff."""
    with tempfile.TemporaryDirectory() as storage:
        os.environ["CREWAI_STORAGE_DIR"] = storage
        telltale.crewai.autolog(disable=not traced)
        crew = build_crew("en", options.site)
        gc.collect()
        process, thread, wall = time.process_time(), time.thread_time(), time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):
            crew.kickoff()
        wall = time.perf_counter() - wall
        thread = time.thread_time() - thread
        flushed = telltale.flush() if traced else True
        time.sleep(SETTLE_S)
        process = time.process_time() - process
    return {"process_s": process, "thread_s": thread, "wall_s": wall, "flushed": flushed}


kickoff(traced=True)  # The first run pays for imports, connections and caches.
pairs = []
for number in range(options.pairs):
    first = number % 2 == 0
    told = {traced: kickoff(traced) for traced in (first, not first)}
    pairs.append({"traced": told[True], "untraced": told[False]})
print(json.dumps({"pairs": pairs}))
