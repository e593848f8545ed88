"""Spans by somebody and by a bare OpenTelemetry SDK, in turns, in one process.

Both make traces of one root and its children, each span entered, given ten attributes and left.
The bare one has no processor: its spans go nowhere at all.
"""

import gc
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from opentelemetry.sdk.trace import TracerProvider

TRACES, SPANS = 20, 20
ATTRIBUTES: dict[str, Any] = {
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
_bare = TracerProvider().get_tracer("bare")


def trace_by(span: Callable[[str], AbstractContextManager[object]]) -> Callable[[], None]:
    """One trace, each of its spans opened by `span`."""

    def trace() -> None:
        with span("root"):
            for _ in range(SPANS - 1):
                with span("step"):
                    pass

    return trace


def in_turns(
    rounds: int,
    ours: Callable[[], None],
    settle: Callable[[], object] = lambda: None,
    *,
    warm: int = 5,
) -> list[dict[str, tuple[float, float]]]:
    """CPU a span of `ours` and of `theirs`, round by round.

    Args:
        ours: Makes one trace.
        settle: Waits for what other threads still do for these spans; the process's CPU counts it.
        warm: Traces before the first that counts.
    """
    theirs = trace_by(lambda name: _bare.start_as_current_span(name, attributes=ATTRIBUTES))
    works = {"ours": (ours, settle), "theirs": (theirs, lambda: None)}
    for work, after in works.values():
        timed(work, warm, after)
    told = []
    for number in range(rounds):
        order = sorted(works, reverse=number % 2 == 1)
        told.append({whose: timed(works[whose][0], TRACES, works[whose][1]) for whose in order})
    return told


def timed(
    work: Callable[[], object], times: int, settle: Callable[[], object] = lambda: None
) -> tuple[float, float]:
    """Microseconds of CPU a span: of this thread, which is what a call of the user's waits for,
    and of the whole process, where other threads are counted too."""
    gc.collect()
    process, thread = time.process_time(), time.thread_time()
    for _ in range(times):
        work()
    thread = time.thread_time() - thread
    settle()
    process = time.process_time() - process
    return thread * 1e6 / (times * SPANS), process * 1e6 / (times * SPANS)
