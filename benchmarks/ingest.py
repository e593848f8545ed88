"""How much can one server take in, and how much room does it need?"""

import http.client
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from benchmarks.figures import A_CPU_SECOND, BYTES, MILLISECONDS, Row, row
from benchmarks.processes import Server, fresh_home, server
from benchmarks.synthetic import piece, trace
from telltale.nouns.span import RawSpan

ROUNDS = 3
SPANS = 20
TRACES_A_ROUND = 150
MANY = 25
"""Traces of one post, where a journal has waited."""
WATCHED_S = 10.0
_BYTES = {"Content-Type": "application/octet-stream"}


def measure(python: str) -> tuple[Row, ...]:
    """Spans a second of the server's CPU, and bytes a span on its disk."""
    many, one, live, bytes_a_span = [], [], [], []
    for number in range(ROUNDS):
        with fresh_home() as home:
            with server(python, home) as running:
                _post(running, [piece(trace(SPANS))])
                many.append(_rate(running, _waited(MANY, number)))
                one.append(_rate(running, _waited(1, number)))
                live.append(_rate(running, _while_it_runs(number)))
                stored = (3 * TRACES_A_ROUND + 1) * SPANS
            bytes_a_span.append(_bytes_of(home) / stored)
    reads_ms = _reads_beside(python)
    sent = trace(SPANS)
    ended = len(piece(sent, whole=False)) - len(piece([], whole=False))
    return (
        row(f"spans, {MANY} traces a post", many, A_CPU_SECOND),
        row("spans, 1 trace a post", one, A_CPU_SECOND),
        row("spans, 1 trace a post, start and end in two posts", live, A_CPU_SECOND),
        row("the list of 100 meanwhile, 95 of a hundred within", _p95(reads_ms), MILLISECONDS, 200),
        row("a span on disk", bytes_a_span, BYTES),
        row("… its end record", ended / SPANS, BYTES),
    )


def _reads_beside(python: str) -> list[float]:
    """Milliseconds of each look at the list, while posts follow one another without a pause."""
    waits_ms = []
    with fresh_home() as home, server(python, home) as running:
        _post(running, _waited(MANY, 0))
        done = threading.Event()
        posts = _waited(MANY, 1)

        def write() -> None:
            with closing(http.client.HTTPConnection("127.0.0.1", running.port)) as line:
                while not done.is_set():
                    for post in posts:
                        line.request("POST", "/api/v1/journal", post, _BYTES)
                        line.getresponse().read()

        writing = threading.Thread(target=write)
        writing.start()
        until_s = time.monotonic() + WATCHED_S
        while time.monotonic() < until_s:
            before_s = time.perf_counter()
            running.ask("/api/v1/traces?limit=100")
            waits_ms.append((time.perf_counter() - before_s) * 1000)
        done.set()
        writing.join()
    return waits_ms


def _p95(waits_ms: Sequence[float]) -> float:
    return sorted(waits_ms)[len(waits_ms) * 95 // 100]


def _waited(traces_a_post: int, seed: int) -> list[bytes]:
    """Posts of a journal that holds start and end of each span."""
    return [
        piece(_traces(traces_a_post, seed + at)) for at in range(0, TRACES_A_ROUND, traces_a_post)
    ]


def _while_it_runs(seed: int) -> list[bytes]:
    """Posts of a program that is watched: all starts of a trace, then all ends."""
    posts = []
    for number in range(TRACES_A_ROUND):
        spans = trace(SPANS, seed + number)
        posts += [piece(spans, open_only=True), piece(spans, whole=False)]
    return posts


def _traces(count: int, seed: int) -> list[RawSpan]:
    return [span for number in range(count) for span in trace(SPANS, seed + number)]


def _rate(running: Server, posts: Sequence[bytes]) -> float:
    before_s = running.cpu_s()
    _post(running, posts)
    # What a post leaves for later, a checkpoint for instance, belongs to it.
    time.sleep(0.2)
    return TRACES_A_ROUND * SPANS / (running.cpu_s() - before_s)


def _post(running: Server, posts: Sequence[bytes]) -> None:
    for post in posts:
        running.ask("/api/v1/journal", post)


def _bytes_of(home: Path) -> int:
    return sum(path.stat().st_size for path in home.glob("traces.db*"))
