"""How long does it take to find traces among many?

The store is asked in this process, by the CPU of the thread that asks. By hand, for more traces:
`python -m benchmarks.search 250000`.
"""

import gzip
import os
import random
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.figures import BYTES, MILLISECONDS, SECONDS, Row, row
from benchmarks.synthetic import trace
from benchmarks.texts import paragraphs, words
from telltale.conventions.normalise import normalise
from telltale.ingest.pipeline import ingest
from telltale.nouns.span import RawSpan, Status
from telltale.query.parse import parse
from telltale.server.app import GZIP_LEVEL
from telltale.store.questions import (
    Change,
    CountFacets,
    FindTraces,
    Question,
    ReadSkeleton,
    SumUp,
    TraceStore,
)
from telltale.store.traces import open_trace_store

SIZES = (5_000, 50_000)
SPANS = 20
LARGE_SPANS = 1_000
_DOOMED = "SELECT 1 FROM doomed_traces LIMIT 1"
TRACES_A_WRITE = 50
ROUNDS = 5
DAYS = 30
PARAGRAPHS = 5_000
WORDS_A_PARAGRAPH = 50
RARE = "zeldzaam"
"""In one text of ten thousand traces."""
_DAY_NS = 86_400 * 10**9
_TOOLS = tuple(f"tool_{number}" for number in range(30))
_MODELS = ("gpt-4.1-mini", "gpt-4.1", "claude-sonnet-4-5", "gemini-2.5-flash")
_QUESTIONS = {
    "the newest 100": ("", 30.0),
    "100 with a word that most have": ("w0", 50.0),
    "100 with a rare word": (RARE, 50.0),
    "100 with a phrase of common words": ('"w3 w4"', None),
    "100 that failed": ("status:error", None),
    "100 in which one tool failed": ("span(tool:tool_7 status:error)", None),
    "100 of a model, with a tool, that took long": (
        "model:claude-sonnet* tool:tool_3 duration:>2.4s",
        None,
    ),
    "none, of a word that nobody has said": ("nonesuch", 50.0),
}


_FACETS = {
    "facets of all": ("", 100.0),
    "facets of what failed": ("status:error", 100.0),
    "facets of one crew's": ('crew:"crew 3"', 100.0),
    "facets of those with a word that most have": ("w0", 100.0),
    "facets of those with a phrase of common words": ('"w3 w4"', 100.0),
}


def measure(python: str) -> tuple[Row, ...]:
    """CPU of each question, for few traces and for ten times as many."""
    return tuple(found for size in SIZES for found in _measure(size))


def _measure(size: int) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "traces.db"
        store = open_trace_store(path, reading_version=1)
        try:
            _fill(store, size)
            yield row(f"{size:,} traces: a span on disk", _bytes(path) / (size * SPANS), BYTES)
            for what, (text, most) in _QUESTIONS.items():
                asked = FindTraces(filter=parse(text), now_ns=time.time_ns())
                samples = [_cpu_ms(store, asked) for _ in range(ROUNDS)]
                bar = most if size >= SIZES[-1] else None
                yield row(f"{size:,} traces: {what}", samples, MILLISECONDS, bar)
            for what, (text, most) in _FACETS.items():
                counted = CountFacets(filter=parse(text), now_ns=time.time_ns())
                samples = [_cpu_ms(store, counted) for _ in range(ROUNDS)]
                bar = most if size >= SIZES[-1] else None
                yield row(f"{size:,} traces: {what}", samples, MILLISECONDS, bar)
            for what, by in (("in one sum", None), ("by model", "model"), ("by user", "user")):
                sums = SumUp(by=by, now_ns=time.time_ns(), within_s=1_000)
                samples = [_cpu_ms(store, sums) for _ in range(ROUNDS)]
                yield row(f"{size:,} traces: all {what}", samples, MILLISECONDS)
            yield from _skeleton(store, size)
            yield from _deletion(store, path, size)
        finally:
            store.close()


def _skeleton(store: TraceStore, size: int) -> Iterator[Row]:
    """One large trace without its bodies, as the page gets it."""
    chance = random.Random(1)
    spans = [_uneven(chance, span) for span in trace(LARGE_SPANS)]
    # With their prices, which are columns of it too.
    ingest(spans, store, lambda name: 0)
    asked = ReadSkeleton(trace_id=spans[0].trace_id)
    samples, packed = [], b""
    for _ in range(ROUNDS):
        before = time.thread_time()
        packed = gzip.compress(msgspec.json.encode(store.read(asked)), GZIP_LEVEL)
        samples.append((time.thread_time() - before) * 1000)
    last = size >= SIZES[-1]
    said = f"{size:,} traces: the skeleton of {LARGE_SPANS:,} spans"
    yield row(said, samples, MILLISECONDS, 20.0 if last else None)
    yield row("… compressed, a span", len(packed) / LARGE_SPANS, BYTES, 16.0 if last else None)


def _uneven(chance: random.Random, span: RawSpan) -> RawSpan:
    """Times and tokens that follow no rule, as in life: a rule would be compressed away."""
    said = dict(span.attributes)
    if "gen_ai.usage.input_tokens" in said:
        said["gen_ai.usage.input_tokens"] = chance.randrange(200, 8_000)
        said["gen_ai.usage.output_tokens"] = chance.randrange(10, 800)
    end_ns = (span.end_ns or span.start_ns) + chance.randrange(10**9)
    start_ns = span.start_ns + chance.randrange(10**7)
    return msgspec.structs.replace(span, start_ns=start_ns, end_ns=end_ns, attributes=said)


def _deletion(store: TraceStore, path: Path, size: int) -> Iterator[Row]:
    """A day's traces go; meanwhile somebody reads the list without a pause."""
    ids: list[bytes] = []
    asked = FindTraces(smallest_first=True, limit=1000)
    while len(ids) < size // DAYS:
        page = store.read(asked)
        ids += [bytes.fromhex(one.trace_id) for one in page.traces]
        asked = msgspec.structs.replace(asked, cursor=page.next)
    began_s, waits_ms = time.perf_counter(), []
    deleting = threading.Thread(target=store.delete, args=(ids[: size // DAYS],))
    deleting.start()
    with closing(sqlite3.connect(path)) as file:
        while deleting.is_alive() or file.execute(_DOOMED).fetchone() is not None:
            before_s = time.perf_counter()
            store.read(FindTraces())
            waits_ms.append((time.perf_counter() - before_s) * 1000)
    took_s = time.perf_counter() - began_s
    said = f"{size:,} traces: a day's {size // DAYS:,} deleted, to the last row"
    yield row(said, took_s, SECONDS)
    bar = 100.0 if size >= SIZES[-1] else None
    yield row("… the longest that the list took meanwhile", max(waits_ms), MILLISECONDS, bar)


def _cpu_ms(store: TraceStore, asked: Question[Any]) -> float:
    before = time.thread_time()
    store.read(asked)
    return (time.thread_time() - before) * 1000


def _bytes(path: Path) -> int:
    return sum(one.stat().st_size for one in path.parent.glob("traces.db*"))


def _fill(store: TraceStore, size: int) -> None:
    chance = random.Random(1)
    told = paragraphs(chance, words(), PARAGRAPHS, WORDS_A_PARAGRAPH)
    now_ns = time.time_ns()
    for first in range(0, size, TRACES_A_WRITE):
        changes = []
        for number in range(first, min(size, first + TRACES_A_WRITE)):
            start_ns = now_ns - DAYS * _DAY_NS + number * DAYS * _DAY_NS // size
            changes += _trace(chance, told, start_ns, rare=number % 10_000 == 5_000)
        store.write(changes)


def _trace(chance: random.Random, told: list[str], start_ns: int, *, rare: bool) -> list[Change]:
    trace_id, root_id = os.urandom(16), os.urandom(8)
    failed = chance.randrange(20) == 0
    changes = []
    for number in range(SPANS):
        kind = "crew" if number == 0 else ("llm", "tool")[number % 2]
        said = {"telltale.kind": kind, "telltale.inputs": " ".join(chance.choices(told, k=3))}
        if kind == "llm":
            said |= {
                "gen_ai.request.model": chance.choice(_MODELS),
                "gen_ai.usage.input_tokens": chance.randrange(2000),
                "gen_ai.usage.output_tokens": chance.randrange(200),
            }
        if kind == "tool":
            said["gen_ai.tool.name"] = chance.choice(_TOOLS)
        said["telltale.outputs"] = " ".join(chance.choices(told, k=3))
        if rare and number == 3:
            said["telltale.outputs"] += f" {RARE}"
        is_wrong = failed and number in (0, 3)
        raw = RawSpan(
            trace_id=trace_id,
            span_id=root_id if number == 0 else os.urandom(8),
            parent_id=None if number == 0 else root_id,
            name=f"crew {chance.randrange(8)}" if number == 0 else kind,
            start_ns=start_ns + number * 10**8,
            end_ns=start_ns + (25 * 10**8 if number == 0 else number * 10**8 + 9 * 10**7),
            status=Status.ERROR if is_wrong else Status.OK,
            attributes=said,
        )
        changes.append(Change(experiment_id=0, raw=raw, reading=normalise(raw)))
    return changes


def main() -> None:
    """Print the figures for a number of traces."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else SIZES[0]
    before = time.process_time()
    for figure in _measure(size):
        print(f"{figure.what}: {figure.figure()}", flush=True)
    print(f"{time.process_time() - before:.0f} s of CPU in all")


if __name__ == "__main__":
    main()
