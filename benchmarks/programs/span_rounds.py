"""Spans by Telltale and by a bare OpenTelemetry SDK, in turns, in one process.

Both make traces of one root and its children, each span entered, given ten attributes and left.
Ours is masked and written to the journal, twice a span; the bare one goes nowhere at all.
"""

import gc
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from opentelemetry.sdk.trace import TracerProvider

import telltale

ROUNDS = int(sys.argv[1])
TRACES, SPANS = 20, 20
ATTRIBUTES = {
    "agent": "City scout",
    "task": "choose",
    "city": "Kyoto",
    "month": "December",
    "model": "gpt-4.1-mini",
    "attempt": 1,
    "score": 0.82,
    "cached": True,
    "tokens": 1200,
    "note": "cold and clear",
}
bare = TracerProvider().get_tracer("bare")


def ours() -> None:
    """One trace by Telltale."""
    with telltale.start_span("root", attributes=ATTRIBUTES):
        for _ in range(SPANS - 1):
            with telltale.start_span("step", attributes=ATTRIBUTES):
                pass


def theirs() -> None:
    """One trace by OpenTelemetry."""
    with bare.start_as_current_span("root", attributes=ATTRIBUTES):
        for _ in range(SPANS - 1):
            with bare.start_as_current_span("step", attributes=ATTRIBUTES):
                pass


def timed(work: Callable[[], object], times: int) -> tuple[float, float]:
    """Microseconds of CPU a span: of this thread, which is what a call of the user's waits for,
    and of the whole process, where the shipper's thread is counted too."""
    gc.collect()
    process, thread = time.process_time(), time.thread_time()
    for _ in range(times):
        work()
    thread, process = time.thread_time() - thread, time.process_time() - process
    return thread * 1e6 / (times * SPANS), process * 1e6 / (times * SPANS)


def journal_bytes() -> int:
    """Size of all segments."""
    folder = Path(os.environ["TELLTALE_HOME"]) / "journal"
    return sum(path.stat().st_size for path in folder.iterdir())


for warm in (ours, theirs):
    timed(warm, 5)
before = journal_bytes()
ours()
record_bytes = (journal_bytes() - before) / (2 * SPANS)
descriptor = os.open("floor", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
record = bytes(int(record_bytes))


def floor() -> None:
    """The two writes of each span, and nothing else."""
    for _ in range(2 * SPANS):
        os.write(descriptor, record)


rounds = []
for number in range(ROUNDS):
    order = (ours, theirs) if number % 2 else (theirs, ours)
    told = {work.__name__: timed(work, TRACES) for work in order}
    told["floor"] = timed(floor, TRACES)
    rounds.append(told)
print(json.dumps({"rounds": rounds, "journal_bytes": 2 * record_bytes}))
