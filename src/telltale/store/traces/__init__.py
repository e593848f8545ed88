"""Where traces lie: the one place that knows which kind of store an address means."""

from pathlib import Path

from telltale.nouns.errors import NotFound
from telltale.store.layouts import Upgraded
from telltale.store.questions import TraceStore
from telltale.store.traces.sqlite.connection import open_file
from telltale.store.traces.sqlite.find import COUNT_TRACES
from telltale.store.traces.sqlite.look import (
    LAYOUT,
    OLDEST_LAYOUT,
    Look,
    Sqlite,
    found_sqlite,
    look_at,
    size_of,
)
from telltale.store.traces.sqlite.store import SqliteTraceStore

__all__ = [
    "COUNT_TRACES",
    "LAYOUT",
    "OLDEST_LAYOUT",
    "Look",
    "Sqlite",
    "found_sqlite",
    "look_at",
    "open_trace_store",
    "size_of",
    "upgrade_trace_store",
]


def open_trace_store(path: Path, reading_version: int) -> TraceStore:
    """Open the traces in a file, made if it is not there.

    Args:
        reading_version: The version of the conventions that the readings to come are made by;
            stored beside each, so that older ones can be found and made again.

    Raises:
        StoreBroken: If the file is not ours, is newer than this program, or cannot be opened.
            An older one is copied and then brought up to date, which is logged.
    """
    return SqliteTraceStore(path, reading_version)


def upgrade_trace_store(path: Path) -> Upgraded | None:
    """Bring a file of an older layout up to date, after a copy; None where it is already.

    Raises:
        NotFound: If there is no file.
        StoreBroken: As `open_trace_store`.
    """
    if not path.exists():
        raise NotFound(f"{path}: there is no database; a server makes it", given=str(path))
    connection, upgraded = open_file(path)
    connection.close()
    return upgraded
