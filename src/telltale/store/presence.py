"""A database file that is in use has to stay where it is, and so has the log beside it.

The system would let us go on writing into what nobody can open any more. Who deletes or replaces a
file takes nothing acknowledged after that with it.
"""

import os
from pathlib import Path

from telltale.nouns.errors import StoreBroken

START_AGAIN = "start the server again, after a backup was put in its place or for an empty one"
STOP = "stop the server, which brings what it has into the file, and start it again"


class Presence:
    """What stood at a path when it was opened."""

    def __init__(self, path: Path) -> None:
        """Look at what was opened just now."""
        self._path = path
        self._file = path.stat()
        self._wal_path = path.with_name(path.name + "-wal")
        self._wal: os.stat_result | None = None
        """SQLite makes it with the first transaction, and keeps it as long as the file is open."""

    def check(self) -> None:
        """Come back if all is as it was.

        Raises:
            StoreBroken: If something else stands there now, or nothing.
        """
        _check(self._path, self._file, START_AGAIN)
        if self._wal is not None:
            _check(self._wal_path, self._wal, STOP)
        elif self._wal_path.exists():
            self._wal = self._wal_path.stat()


def _check(path: Path, opened: os.stat_result, remedy: str) -> None:
    try:
        is_there = os.path.samestat(opened, path.stat())
    except FileNotFoundError:
        is_there = False
    if not is_there:
        raise StoreBroken(f"{path} was deleted or replaced while this server uses it; {remedy}")
