"""What the pipeline promises: all that can be stored is stored, read and priced."""

import os
import subprocess
import sys
from typing import Any, NoReturn

import pytest

from journals import crew, llm_call, span
from telltale.ingest.pipeline import ingest, read
from telltale.nouns.span import Kind, State
from telltale.store.questions import ReadSpans, ReadTrace

DEFAULT = {"": 0}


BROKEN_PRICES = """
import logging, sys
from pathlib import Path
from journals import crew, llm_call
from telltale.ingest.pipeline import ingest
from telltale.store.questions import ReadSpans
from telltale.store.traces import open_trace_store

logging.basicConfig(level=logging.WARNING)
store, root = open_trace_store(Path(sys.argv[1]), 1), crew()
ingest([root, *(llm_call(root) for _ in range(3))], store, {"": 0}.__getitem__)
for stored in store.read(ReadSpans(trace_id=root.trace_id)):
    print(stored.reading.kind, stored.reading.model, stored.reading.cost)
store.close()
"""


class Hostile(dict[str, Any]):
    """Attributes that no dialect can read."""

    def __getitem__(self, key: str) -> NoReturn:
        raise RuntimeError("hostile")

    get = __contains__ = __iter__ = items = keys = values = __getitem__  # type: ignore[assignment]


BAD = {
    "no trace id": {"trace_id": b""},
    "zero trace id": {"trace_id": bytes(16)},
    "short span id": {"span_id": b"\1\2"},
    "zero span id": {"span_id": bytes(8)},
    "short parent id": {"parent_id": b"\1"},
    "before 1970": {"start_ns": -1},
    "after 2262": {"end_ns": 2**63},
}


def test_a_span_is_read_priced_and_stored(store):
    root = crew()
    call = llm_call(root)

    outcome = ingest([root, call], store, DEFAULT.__getitem__)

    trace = store.read(ReadTrace(root.trace_id))
    assert (outcome.spans, outcome.refused) == (2, ())
    assert (trace.kind, trace.llm_calls, trace.usage.input_tokens) == ("crew", 1, 1200)
    assert trace.cost_usd is not None
    assert trace.seq == outcome.seq


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_span_never_loses_its_neighbours(store, fault):
    root = crew()
    bad = span("broken", under=root, **BAD[fault])

    outcome = ingest([llm_call(root), bad, root], store, DEFAULT.__getitem__)

    assert outcome.spans == 2
    assert len(outcome.refused) == 1 and "'broken'" in outcome.refused[0]
    assert len(store.read(ReadSpans(trace_id=root.trace_id))) == 2


def test_a_fault_of_a_dialect_leaves_a_span_of_unknown_kind(caplog):
    running = span("strange", attributes=Hostile(), end_ns=None)

    reading = read(running)

    assert (reading.kind, reading.name) == (Kind.UNKNOWN, "strange")
    assert reading.state is State.RUNNING
    assert "could not be read" in caplog.text


def test_a_fault_of_the_price_table_costs_the_price_alone_and_is_said_once(tmp_path):
    package = tmp_path / "genai_prices"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('a broken installation')")

    ended = subprocess.run(
        [sys.executable, "-c", BROKEN_PRICES, tmp_path / "traces.db"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
    )

    assert ended.stdout.splitlines() == ["crew None None", *["llm gpt-4.1-mini None"] * 3]
    assert ended.stderr.count("a broken installation") == 1
    assert "Traceback" not in ended.stderr


def test_an_empty_batch_writes_nothing(store):
    assert ingest([], store, DEFAULT.__getitem__).seq == 0
