"""A store of its own for each test."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from telltale.store.questions import TraceStore
from telltale.store.traces import open_trace_store

sys.path.insert(0, str(Path(__file__).parents[1]))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[TraceStore]:
    """An empty store."""
    opened = open_trace_store(tmp_path / "traces.db", 1)
    yield opened
    opened.close()
