"""What does it cost to take in what other programs send?

Each post is measured three times: the server's CPU, that of the same rows written with nothing but
sqlite3, and that of MLflow's server, which is given the same bytes.
"""

import random
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import msgspec

from benchmarks.figures import MICROSECONDS, TIMES, Row, row
from benchmarks.processes import Server, fresh_home, run_program, running_server, server
from benchmarks.workloads import (
    SPANS,
    Trace,
    chinese_calls,
    one_conversation,
    otlp,
    separate_calls,
)
from telltale.conventions.normalise import normalise
from telltale.query.words import indexed
from telltale.store.questions import Change
from telltale.store.traces.sqlite.rows import stage

ROOT = Path(__file__).parents[1]
ROUNDS = 5
TRACES_A_ROUND = 150
MANY = 25
"""Traces of one post."""
PROTOBUF = {"Content-Type": "application/x-protobuf"}
_MLFLOWS = {"x-mlflow-experiment-id": "0"}
_MLFLOW = ROOT / ".venv" / "peers-mlflow" / "bin" / "mlflow"
_SETTLED_S = 0.3
"""What a post leaves for later, a checkpoint for instance, belongs to it."""


class Shape(msgspec.Struct, frozen=True):
    """Some traces, how they are posted, and what is asked of our server."""

    what: str
    traces: Callable[[random.Random], Callable[[], Trace]]
    traces_a_post: int
    floor_most: float | None = None
    """CPU, as a multiple of the floor's."""
    mlflow_most: float | None = None
    """CPU, as a multiple of MLflow's."""


SHAPES = (
    Shape(f"separate calls, {MANY} traces a post", separate_calls, MANY, 2, 1 / 6),
    Shape("separate calls, 1 trace a post", separate_calls, 1, None, 1 / 4),
    Shape(f"the same in Chinese, {MANY} traces a post", chinese_calls, MANY),
    Shape("the same in Chinese, 1 trace a post", chinese_calls, 1),
    Shape(f"one conversation, {MANY} traces a post", one_conversation, MANY, 1),
)


def measure(python: str) -> tuple[Row, ...]:
    """CPU of each shape, beside the floor and MLflow."""
    subprocess.run(["sh", "scripts/peers-crew.sh", "mlflow"], cwd=ROOT, check=True)
    return tuple(found for shape in SHAPES for found in _measure(python, shape))


def _measure(python: str, shape: Shape) -> Iterator[Row]:
    ours, floors, mlflows = [], [], []
    make = shape.traces(random.Random(1))
    with (
        fresh_home() as home,
        server(python, home) as running,
        fresh_home() as beside,
        _mlflow(beside) as mlflow,
    ):
        for body in (otlp([make()]), otlp([make() for _ in range(MANY)])):
            _cpu_us(running, [body], **PROTOBUF)
            _cpu_us(mlflow, [body], **PROTOBUF, **_MLFLOWS)
        for _ in range(ROUNDS):
            posts = [
                [make() for _ in range(shape.traces_a_post)]
                for _ in range(TRACES_A_ROUND // shape.traces_a_post)
            ]
            bodies = [otlp(post) for post in posts]
            ours.append(_cpu_us(running, bodies, **PROTOBUF))
            floors.append(_floor_us(python, posts))
            mlflows.append(_cpu_us(mlflow, bodies, **PROTOBUF, **_MLFLOWS))
    yield row(f"{shape.what}: a span", ours, MICROSECONDS)
    yield row("… the bare rows", floors, MICROSECONDS)
    yield row("… MLflow", mlflows, MICROSECONDS)
    yield row("… to the bare rows", _ratios(ours, floors), TIMES, shape.floor_most)
    yield row("… to MLflow", _ratios(ours, mlflows), TIMES, shape.mlflow_most)


def _ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    return [one / other for one, other in zip(ours, theirs, strict=True)]


def _cpu_us(running: Server, bodies: Sequence[bytes], **headers: str) -> float:
    """Microseconds of CPU a span."""
    before_s = running.cpu_s()
    for body in bodies:
        running.ask("/v1/traces", body, **headers)
    time.sleep(_SETTLED_S)
    return (running.cpu_s() - before_s) / (TRACES_A_ROUND * SPANS) * 1e6


def _floor_us(python: str, posts: Sequence[Sequence[Trace]]) -> float:
    """The same for rows that are ready to be written, texts cut into words among them."""
    rows = [[row for trace in post for row in _rows(trace)] for post in posts]
    with tempfile.NamedTemporaryFile(suffix=".msgpack") as file:
        file.write(msgspec.msgpack.encode(rows))
        file.flush()
        told = run_program(python, "bare_rows", file.name)
    return told["cpu_s"] / (TRACES_A_ROUND * SPANS) * 1e6


def _rows(trace: Trace) -> Iterator[tuple[object, ...]]:
    changes = [Change(experiment_id=0, raw=raw, reading=normalise(raw)) for raw in trace]
    for span in stage(changes, reading_version=1):
        columns = (span.trace_id, span.span_id, span.parent_id, *span.columns)
        passages = (passage for text in span.texts for passage in text.passages())
        yield columns, span.body, indexed(" ".join(passages))


def _mlflow(folder: Path) -> AbstractContextManager[Server]:
    command = [
        str(_MLFLOW), "server", "--host", "127.0.0.1", "--workers", "1",
        "--backend-store-uri", f"sqlite:///{folder / 'mlflow.db'}",
        "--artifacts-destination", str(folder / "artifacts"),
    ]  # fmt: skip
    return running_server(command, folder, "/health")
