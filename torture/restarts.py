"""Kill the server again and again while programs send: what it acknowledged, it still knows."""

import random
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import msgspec

from benchmarks.figures import COUNT, Row, row
from testbed.servers import RunningServer, a_free_port
from torture.processes import flush, kill_all, start, wait_for
from torture.relay import Relay
from torture.report import say
from torture.truth import read_truth
from torture.verdict import judge, rows, stored

LONGEST_LIFE_S = 1.5
"""Of a server, from its first acknowledgement until it is killed."""


class Length(msgspec.Struct, frozen=True):
    """How many of each."""

    kills: int
    programs: int
    traces: int
    """Of all programs together."""
    a_second: int
    """Traces, of all programs together."""


LONG = Length(kills=30, programs=4, traces=2000, a_second=10)
SHORT = Length(kills=4, programs=2, traces=200, a_second=12)
_SPANS_A_TRACE = 5


def endure(length: Length, seed: int) -> tuple[Row, ...]:
    """So many kills, and what the server knew after each."""
    chance = random.Random(seed)
    forgotten: set[str] = set()
    in_load = 0
    with tempfile.TemporaryDirectory(prefix="telltale-torture-") as folder:
        home, port = Path(folder) / "server", a_free_port()
        truths = [Path(folder) / f"truth-{number}" for number in range(length.programs)]
        seconds = length.traces / length.a_second
        rate = length.a_second * _SPANS_A_TRACE / length.programs
        with RunningServer(home, port=port) as server, Relay(port) as relay:
            programs = [
                start("steady", Path(folder) / "programs", relay.address, truth, own, rate, seconds)
                for own, truth in enumerate(truths, chance.randrange(1 << 20))
            ]
            try:
                for number in range(length.kills):
                    before = relay.posts
                    # Programs come back after a while only: a kill that hits nobody proves nothing.
                    wait_for(lambda before=before: relay.posts > before or _ended(programs))
                    in_load += relay.posts > before
                    time.sleep(chance.random() * LONGEST_LIFE_S)  # The moment of the kill.
                    server.stop(signal.SIGKILL)
                    known = set(relay.acknowledged)
                    server.start()
                    here = stored(server.base_url)
                    forgotten |= known - here.ended.keys()
                    say(f"restarts: kill {number + 1} of {length.kills}, {len(known)} acknowledged")
                codes = [program.wait() for program in programs]
            finally:
                for program in programs:
                    kill_all(program)
            say("restarts: the programs have ended; bringing what they left")
            flush(Path(folder) / "programs")
            verdict = judge(read_truth(truths), stored(server.base_url))
    return (
        row("kills of the server", length.kills),
        row("… of them while programs were sending", in_load),
        row("programs", length.programs),
        row("posts acknowledged", relay.posts),
        row("spans acknowledged before a kill and unknown after it", len(forgotten), COUNT, 0),
        row("programs that did not end well", sum(code != 0 for code in codes), COUNT, 0),
        *rows(verdict),
    )


def _ended(programs: list[subprocess.Popen[str]]) -> bool:
    return all(program.poll() is not None for program in programs)
