"""The stores that the contract holds for, opened as a server opens them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from telltale.store.questions import TraceStore
from telltale.store.traces import open_trace_store

OpenStore = Callable[[], TraceStore]

IMPLEMENTATIONS: dict[str, Callable[[Path], TraceStore]] = {
    "sqlite": lambda folder: open_trace_store(folder / "traces.db", reading_version=1),
}


@pytest.fixture(params=IMPLEMENTATIONS)
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenStore]:
    """Opens the same store, each time it is called; closes what the test did not."""
    with ExitStack() as opened:

        def open_one() -> TraceStore:
            store = IMPLEMENTATIONS[request.param](tmp_path)
            opened.callback(store.close)
            return store

        yield open_one


@pytest.fixture
def store(open_store: OpenStore) -> TraceStore:
    """An empty store."""
    return open_store()
