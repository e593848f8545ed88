"""A store of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from telltale.store.questions import TraceStore
from telltale.store.traces import open_trace_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[TraceStore]:
    """An empty store."""
    opened = open_trace_store(tmp_path / "traces.db", 1)
    yield opened
    opened.close()
