"""CPU that Telltale itself takes: of its threads, and in the threads of the program that it traces.

In a thread of the program it is counted from where a stand-in of ours is entered to where it calls
what it stands for, and from there to where it is left. What reading the clock adds is measured on
stand-ins that do nothing, and taken off. Coroutines are not counted; the trip crew has none.
"""

import functools
import inspect
import threading
import time
from collections.abc import Callable
from typing import Any

from openai._legacy_response import LegacyAPIResponse

from telltale.integrations.crewai import own_llms
from telltale.tracing import integration, patching

_REPEATS = 20_000
_ROUNDS = 5


class _Counting(threading.local):
    """What one thread has counted."""

    def __init__(self) -> None:
        self.is_ours = False
        self.since_ns = 0
        self.total = _Total()
        with _changing:
            _totals.append(self.total)


class _Total:
    def __init__(self) -> None:
        self.ns = 0
        self.stretches = 0


_changing = threading.Lock()
_totals: list[_Total] = []
_here = _Counting()


def _begin() -> None:
    _here.is_ours = True
    _here.since_ns = time.thread_time_ns()


def _stop() -> None:
    now_ns = time.thread_time_ns()
    _here.is_ours = False
    total = _here.total
    total.ns += now_ns - _here.since_ns
    total.stretches += 1


def _theirs(original: Callable[..., Any]) -> Callable[..., Any]:
    """The same function; while it runs, nothing is counted."""

    @functools.wraps(original)
    def theirs(*args: Any, **kwargs: Any) -> Any:
        if not _here.is_ours:
            return original(*args, **kwargs)
        _stop()
        try:
            return original(*args, **kwargs)
        finally:
            _begin()

    return theirs


def counted(make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The same way from a function to its stand-in, with the stand-in's own time counted."""

    @functools.wraps(make)
    def make_counted(original: Any) -> Any:
        if not inspect.isfunction(original) or inspect.iscoroutinefunction(original):
            return make(original)

        stand_in = make(_theirs(original))

        @functools.wraps(original)
        def ours(*args: Any, **kwargs: Any) -> Any:
            if _here.is_ours:
                return stand_in(*args, **kwargs)
            _begin()
            try:
                return stand_in(*args, **kwargs)
            finally:
                _stop()

        return ours

    return make_counted


def install() -> None:
    """Count from the next `autolog` on."""

    class CountedPatches(patching.Patches):
        def __init__(self, patches: Any) -> None:
            super().__init__([patch._replace(make=counted(patch.make)) for patch in patches])

    integration.Patches = CountedPatches  # type: ignore[misc]
    own_llms.watched = counted(own_llms.watched)
    # We parse an answer of openai's client before crewAI does, which then is given what we got.
    LegacyAPIResponse.parse = _theirs(LegacyAPIResponse.parse)  # type: ignore[method-assign]


def in_callers() -> tuple[float, int]:
    """Seconds in the program's threads so far, as counted, and in how many stretches."""
    with _changing:
        return sum(each.ns for each in _totals) / 1e9, sum(each.stretches for each in _totals)


def in_threads() -> float:
    """Seconds that our own threads have taken so far, of those that still run."""
    return sum(
        time.clock_gettime(time.pthread_getcpuclockid(thread.ident))
        for thread in threading.enumerate()
        if thread.name.startswith("telltale-") and thread.ident is not None
    )


def a_stretch_s() -> float:
    """What counting itself puts into a stretch that is otherwise empty, at the least."""

    def nothing() -> None:
        pass

    empty = counted(lambda original: original)(nothing)
    found = []
    for _ in range(_ROUNDS):
        before_s, before = in_callers()
        for _ in range(_REPEATS):
            empty()
        after_s, after = in_callers()
        found.append((after_s - before_s) / (after - before))
    return min(found)
