"""The stores that the contract holds for, opened in a folder as a server opens them."""

from collections.abc import Callable
from pathlib import Path

from telltale.store.questions import TraceStore
from telltale.store.traces import open_trace_store

IMPLEMENTATIONS: dict[str, Callable[[Path], TraceStore]] = {
    "sqlite": lambda folder: open_trace_store(folder / "traces.db", reading_version=1),
}
