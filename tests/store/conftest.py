"""Stores to test, closed at the end whatever happened."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from store_implementations import IMPLEMENTATIONS

from telltale.store.questions import TraceStore

OpenStore = Callable[[], TraceStore]


@pytest.fixture(params=IMPLEMENTATIONS)
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenStore]:
    """Opens the same store, each time it is called."""
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
