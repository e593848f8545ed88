"""Where traces lie: the one place that knows which kind of store an address means."""

from pathlib import Path

from telltale.store.questions import TraceStore
from telltale.store.traces.sqlite.store import SqliteTraceStore


def open_trace_store(path: Path, reading_version: int) -> TraceStore:
    """Open the traces in a file, made if it is not there.

    Args:
        reading_version: The version of the conventions that the readings to come are made by;
            stored beside each, so that older ones can be found and made again.

    Raises:
        StoreBroken: If the file is not ours, is newer than this program, or cannot be opened.
    """
    return SqliteTraceStore(path, reading_version)
