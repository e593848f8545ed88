"""What every change of a database's layout promises: a copy first, and no change by halves.

The copy is the way back to the older Telltale, which cannot read what a newer one has changed.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path

import msgspec

from telltale.store.copies import copy_database, sync

log = logging.getLogger(__name__)

LARGE_BYTES = 100 << 20
"""What takes so long to copy that somebody who waits for the server has to be told."""

CHANGING = ".changing"
"""Ends the name of a copy whose change is not committed yet."""


class Upgraded(msgspec.Struct, frozen=True):
    """A database that was brought up to date."""

    database: str
    before: int | str
    after: int | str
    copy: str
    """The file as it was, which the older Telltale opens; empty where the database is no file."""

    def __str__(self) -> str:
        kept = f"; as it was, it is kept as {self.copy}" if self.copy else ""
        return f"{self.database}: layout {self.before} is now {self.after}{kept}"


@contextmanager
def kept_copy(path: Path, layout: int | str, is_changed: Callable[[], bool]) -> Iterator[Path]:
    """Copy a file before a block that changes it; the copy goes again if the block fails.

    A server that is started again and again would otherwise fill the disk with copies. One that is
    killed in the block leaves a copy that ends in `.changing`, in whose place the next try puts its
    own. To be called with the database's write lock held, so that the copy is what the block begins
    with.

    Args:
        is_changed: Whether the file has another layout after all. Ctrl-C may come behind a commit,
            and then the copy is the way back.

    Raises:
        StoreBroken: If there is no room, or the file cannot be read; nothing was changed.
    """
    copy = _free_name(path, layout)
    changing = path.with_name(f"{path.name}.layout-{layout}{CHANGING}")
    changing.unlink(missing_ok=True)
    size = path.stat().st_size
    if size > LARGE_BYTES:
        log.warning("%s has layout %s: its %.0f MB are copied first", path, layout, size / 1e6)
    copy_database(path, changing)
    try:
        yield copy
    except BaseException:
        if is_changed():
            _keep(changing, copy)
        else:
            changing.unlink(missing_ok=True)
        raise
    _keep(changing, copy)


def _keep(changing: Path, copy: Path) -> None:
    changing.rename(copy)
    sync(copy.parent)


def _free_name(path: Path, layout: int | str) -> Path:
    """Beside the file; an earlier copy is somebody's only way back, and stays."""
    name = f"{path.name}.layout-{layout}"
    names = chain([name], (f"{name}.{number}" for number in count(1)))
    return next(free for free in map(path.with_name, names) if not free.exists())
