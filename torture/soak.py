"""Run at a steady pace, with a server that is restarted: nothing grows, nothing is missing.

What is compared is the median of the last fifth of the time with that of the second: the first is
for warming up. A server that was restarted begins anew each time, which both fifths have seen.
"""

import os
import random
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median

import msgspec

from benchmarks.figures import COUNT, MEGABYTES, PERCENT, Row, row
from testbed.processes import resident_bytes
from testbed.servers import RunningServer, a_free_port
from torture.processes import kill_all, segments, start, wait_for
from torture.report import say
from torture.truth import read_truth
from torture.verdict import judge, rows, stored

MOST_GROWTH = 10.0
"""Percent."""
_SAMPLE_S = 0.5


class Length(msgspec.Struct, frozen=True):
    """How long, and how hard."""

    seconds: int
    spans_a_second: int
    restarts: int


LONG = Length(1800, 200, 5)
SHORT = Length(60, 200, 2)


class Watch:
    """Memory and descriptors of one side, over the time."""

    def __init__(self) -> None:
        self.resident_mb: list[float] = []
        self.descriptors: list[float] = []

    def look(self, pid: int) -> None:
        """One sample; none while the process is not there."""
        try:
            descriptors = len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208  a count, no paths
        except OSError:
            return
        resident = resident_bytes(pid)
        if resident is not None:
            self.resident_mb.append(resident / 1e6)
            self.descriptors.append(descriptors)

    def rows(self, whose: str) -> tuple[Row, ...]:
        """Level and growth of both."""
        memory, descriptors = _fifths(self.resident_mb), _fifths(self.descriptors)
        return (
            row(f"memory of the {whose}, in the last fifth", memory[1], MEGABYTES),
            _growth(*memory),
            row(f"descriptors of the {whose}, in the last fifth", descriptors[1], COUNT),
            _growth(*descriptors),
        )


def endure(length: Length, seed: int) -> tuple[Row, ...]:
    """Go on for so long, and say what has become of client, server and spans."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="telltale-torture-") as folder:
        home, truth, port = Path(folder) / "home", Path(folder) / "truth", a_free_port()
        with RunningServer(home, port=port) as server:
            address = server.base_url
            pace = length.spans_a_second, length.seconds
            program = start("steady", home, address, truth, chance.randrange(1 << 30), *pace)
            try:
                client, there = _watch(program, server, length)
                code = program.wait()
            finally:
                kill_all(program)
            wait_for(lambda: not segments(home))
            verdict = judge(read_truth([truth]), stored(address))
    return (
        row(f"seconds of {length.spans_a_second} spans each", length.seconds),
        row("restarts of the server", length.restarts, COUNT),
        row("exit code of the program", code, COUNT, 0),
        *client.rows("program"),
        *there.rows("server"),
        *rows(verdict),
    )


def _watch(
    program: subprocess.Popen[str], server: RunningServer, length: Length
) -> tuple[Watch, Watch]:
    """Look at both until the program has ended; restart the server at even intervals."""
    assert program.stdout is not None
    program.stdout.readline()
    client, there = Watch(), Watch()
    begin_s = time.monotonic()
    restarts = 0
    while program.poll() is None:
        client.look(program.pid)
        there.look(server.pid)
        due_s = length.seconds * (restarts + 1) / (length.restarts + 1)
        if restarts < length.restarts and time.monotonic() - begin_s > due_s:
            restarts += 1
            say(f"soak: restart {restarts} of {length.restarts} after {due_s:.0f} s")
            server.stop(signal.SIGKILL if restarts % 2 else signal.SIGTERM)
            server.start()
        time.sleep(_SAMPLE_S)  # Between two samples.
    return client, there


def _fifths(samples: list[float]) -> tuple[float, float]:
    fifth = max(1, len(samples) // 5)
    return median(samples[fifth : 2 * fifth]), median(samples[-fifth:])


def _growth(before: float, after: float) -> Row:
    percent = (after / before - 1) * 100
    what = "… growth since the second fifth"
    return row(what, percent, PERCENT, MOST_GROWTH, needs_long_run=True)
