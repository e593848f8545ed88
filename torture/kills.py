"""Kill a program at a random moment, again and again: what it had ended must arrive, once.

Half of the programs have a server in reach, half have none; of what they leave behind, the one
server takes in by itself what lies in its own home, and `telltale flush` brings the rest.
"""

import random
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from benchmarks.figures import COUNT, Row, row
from telltale.tracing.records import is_torn_header, read_segment
from testbed.servers import RunningServer, a_free_port
from torture.processes import flush, kill_all, segments, start, wait_for
from torture.programs.restless import MAKERS, MANNERS
from torture.report import say
from torture.truth import read_truth
from torture.verdict import Verdict, judge, rows, stored

LONG, SHORT = 500, 20
"""Rounds."""
A_SERVER = 20
"""Rounds that one server has to take."""
MOST_BYTES = (1 << 10, 1 << 20)
"""Loads of a program: small ones, and many of them; or of every size, and more torn writes."""
LONGEST_S = 0.5
"""From a program's first trace to its death at the latest; most of its strands run by 0.3 s."""


class Remains(msgspec.Struct):
    """The state of the files that the dead left."""

    seen: set[str]
    torn: int = 0
    """Segments whose last record was cut off by the death: its span had not ended yet."""
    damaged: int = 0
    """Unreadable stretches with whole records behind them."""
    unreadable: int = 0
    """Segments that cannot be read at all."""

    def look(self, home: Path) -> None:
        """Look at every segment in a home that was not seen before."""
        for path in segments(home):
            if path.name in self.seen:
                continue
            try:
                data = path.read_bytes()
            except FileNotFoundError:
                continue  # It has arrived meanwhile.
            self.seen.add(path.name)
            if is_torn_header(data):
                self.torn += 1
                continue
            try:
                segment = read_segment(data)
            except ValueError:
                self.unreadable += 1
                continue
            self.torn += segment.end < len(data)
            self.damaged += segment.damaged


def endure(rounds: int, seed: int) -> tuple[Row, ...]:
    """So many rounds, and what came of them."""
    chance = random.Random(seed)
    remains = Remains(set())
    verdicts: list[Verdict] = []
    for first in range(0, rounds, A_SERVER):
        count = min(A_SERVER, rounds - first)
        say(f"kills {first + 1} to {first + count} of {rounds}")
        with tempfile.TemporaryDirectory(prefix="telltale-torture-") as folder:
            verdicts.append(_one_server(Path(folder), chance, count, remains))
    return (
        row("rounds", rounds),
        *rows(sum(verdicts[1:], verdicts[0]), unnoted_at_most=rounds * MAKERS),
        row("files that cannot be read", remains.unreadable, COUNT, 0),
        row("unreadable stretches inside files", remains.damaged, COUNT, 0),
        row("files whose last record the kill cut off", remains.torn),
    )


def _one_server(folder: Path, chance: random.Random, rounds: int, remains: Remains) -> Verdict:
    near, far, port = folder / "server", folder / "elsewhere", a_free_port()
    address = f"http://127.0.0.1:{port}"
    truths = [folder / f"truth-{number}" for number in range(rounds)]
    manners = _manners(chance)

    def kill(truth: Path) -> None:
        home = chance.choice((near, far))
        manner, seed, life_s = next(manners), chance.randrange(1 << 30), chance.random() * LONGEST_S
        program = start("restless", home, address, manner, truth, seed, chance.choice(MOST_BYTES))
        assert program.stdout is not None
        program.stdout.readline()
        time.sleep(life_s)  # The experiment itself: the moment of death.
        kill_all(program)
        remains.look(home)

    for truth in truths[: rounds // 2]:
        kill(truth)
    with RunningServer(near, port=port) as server:
        for truth in truths[rounds // 2 :]:
            kill(truth)
        # The server looks for orphans when it starts, and every ten seconds.
        server.stop(chance.choice((signal.SIGTERM, signal.SIGKILL)))
        server.start()
        wait_for(lambda: not segments(near))
        flush(far)
        return judge(read_truth(path for path in truths if path.exists()), stored(address))


def _manners(chance: random.Random) -> Iterator[str]:
    """All of them in turn, each time in another order."""
    while True:
        yield from chance.sample(sorted(MANNERS), len(MANNERS))
