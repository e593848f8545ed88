"""How much can one server take in, and how much room does it need?"""

import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.figures import A_CPU_SECOND, BYTES, Row, row
from benchmarks.processes import Server, fresh_home, server
from benchmarks.synthetic import piece, trace
from telltale.nouns.span import RawSpan

ROUNDS = 3
SPANS = 20
TRACES_A_ROUND = 150
MANY = 25
"""Traces of one post, where a journal has waited."""


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
    sent = trace(SPANS)
    ended = len(piece(sent, whole=False)) - len(piece([], whole=False))
    return (
        row(f"spans, {MANY} traces a post", many, A_CPU_SECOND),
        row("spans, 1 trace a post", one, A_CPU_SECOND),
        row("spans, 1 trace a post, start and end in two posts", live, A_CPU_SECOND),
        row("a span on disk", bytes_a_span, BYTES),
        row("… its end record", ended / SPANS, BYTES),
    )


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
