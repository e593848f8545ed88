"""The trip crew again and again in one warm process, traced and untraced in turns.

Each run has a new crew and an empty memory of its own; only the kickoff is measured, and what it
leaves to other threads. The model answers from another process, so its work is not counted. After
the pairs come traced runs with instruments on, which tell where our own time goes; they are in no
pair, for reading clocks costs time of its own.
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
parser.add_argument("--counted", type=int, default=0)
options = parser.parse_args()

with contextlib.redirect_stdout(io.StringIO()):
    import own_time

    import telltale
    from telltale.demo.trip_crew import build_crew

SETTLE_S = 0.5
"""For threads that still work when kickoff returns; sleeping costs no CPU."""


def kickoff(traced: bool) -> dict[str, float]:
    """CPU of the whole process for one run, of the thread that called kickoff, and of ours."""
    with tempfile.TemporaryDirectory() as storage:
        os.environ["CREWAI_STORAGE_DIR"] = storage
        telltale.crewai.autolog(disable=not traced)
        crew = build_crew("en", options.site)
        if traced:
            telltale.flush()  # What building the crew has recorded is not the kickoff's to ship.
        gc.collect()
        ours, (callers, stretches) = own_time.in_threads(), own_time.in_callers()
        process, thread, wall = time.process_time(), time.thread_time(), time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):
            crew.kickoff()
        wall = time.perf_counter() - wall
        thread = time.thread_time() - thread
        flushed = telltale.flush() if traced else True
        time.sleep(SETTLE_S)
        process = time.process_time() - process
        in_callers_s, in_stretches = own_time.in_callers()
        return {
            "process_s": process,
            "thread_s": thread,
            "wall_s": wall,
            "flushed": flushed,
            "our_threads_s": own_time.in_threads() - ours,
            "in_callers_s": in_callers_s - callers,
            "stretches": in_stretches - stretches,
        }


kickoff(traced=True)  # The first run pays for imports, connections and caches.
pairs = []
for number in range(options.pairs):
    first = number % 2 == 0
    told = {traced: kickoff(traced) for traced in (first, not first)}
    pairs.append({"traced": told[True], "untraced": told[False]})
telltale.crewai.autolog(disable=True)
own_time.install()
a_stretch_s = own_time.a_stretch_s()
counted = [kickoff(traced=True) for _ in range(options.counted)]
print(json.dumps({"pairs": pairs, "counted": counted, "a_stretch_s": a_stretch_s}))
