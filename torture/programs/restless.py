"""Make nested spans of every size until somebody kills us, and note each in the truth.

    restless MANNER TRUTH SEED MOST_BYTES

A line on stdout says that a first trace is made and that it goes on now. Children share stdout:
who waits for its end waits for all of them. It ends by itself if nobody kills it.
"""

import asyncio
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from torture.truth import Loads, Truth, noted

LEAST_BYTES = 100
MAKERS = 4
"""Threads, processes or tasks that make spans at once."""
LIFE_S = 10.0
"""A program that makes forty megabytes a second must not outlive its torturer for long."""

Manner = Callable[[str, int, int], None]
"""Path of the truth, seed, most bytes of a load: how several strands work at once."""


class Maker:
    """One strand of work, with a seed of its own."""

    def __init__(self, truth: Truth, seed: int, most_bytes: int) -> None:
        self._truth = truth
        self._loads = Loads(seed, LEAST_BYTES, most_bytes)
        self._until_s = time.monotonic() + LIFE_S

    def lives(self) -> bool:
        """Whether it is to go on."""
        return time.monotonic() < self._until_s

    def make(self) -> None:
        """One trace of three spans in each other."""
        with self._noted("root"), self._noted("middle"), self._noted("leaf"):
            pass

    def run(self) -> None:
        """Make traces to the end."""
        while self.lives():
            self.make()

    async def run_in_turns(self) -> None:
        """The same as one task of several, which change over while spans are open."""
        while self.lives():
            with self._noted("task"):
                await asyncio.sleep(0)
                self.make()
                await asyncio.sleep(0)

    def _noted(self, name: str) -> AbstractContextManager[None]:
        return noted(self._truth, self._loads.next(), name)


def child(path: str, seed: int, most_bytes: int) -> None:
    """What a process of multiprocessing does."""
    Maker(Truth(path), seed, most_bytes).run()


def threads(path: str, seed: int, most_bytes: int) -> None:
    """Several threads of one process."""
    makers = [Maker(Truth(path), seed + number, most_bytes) for number in range(MAKERS)]
    for maker in makers[1:]:
        threading.Thread(target=maker.run, daemon=True).start()
    makers[0].run()


def forks(path: str, seed: int, most_bytes: int) -> None:
    """Plain forks, made while spans are open and while another thread writes."""
    truth = Truth(path)
    threading.Thread(target=Maker(truth, seed, most_bytes).run, daemon=True).start()
    with noted(truth, "above", "above the forks"):
        for number in range(1, MAKERS - 1):
            if os.fork() == 0:
                child(path, seed + number, most_bytes)
                os._exit(0)
        Maker(truth, seed + MAKERS, most_bytes).run()


def workers(method: str) -> Manner:
    """Processes of multiprocessing beside their parent."""

    def run(path: str, seed: int, most_bytes: int) -> None:
        context = multiprocessing.get_context(method)
        for number in range(1, MAKERS):
            arguments = path, seed + number, most_bytes
            context.Process(target=child, args=arguments, daemon=True).start()
        child(path, seed, most_bytes)

    return run


def tasks(path: str, seed: int, most_bytes: int) -> None:
    """Several tasks of one event loop."""
    makers = [Maker(Truth(path), seed + number, most_bytes) for number in range(MAKERS)]

    async def run() -> None:
        await asyncio.gather(*(maker.run_in_turns() for maker in makers))

    asyncio.run(run())


MANNERS: dict[str, Manner] = {
    "threads": threads,
    "forks": forks,
    "asyncio": tasks,
    "fork workers": workers("fork"),
    "spawn workers": workers("spawn"),
    "forkserver workers": workers("forkserver"),
}

if __name__ == "__main__":
    _, manner, truth, number, most = sys.argv
    Maker(Truth(truth), int(number) - 1, int(most)).make()
    print("going", flush=True)
    MANNERS[manner](truth, int(number), int(most))
