"""Files that we hold open inside somebody else's process, which forks and closes as it likes.

A program that closes every descriptor opens the next file of its own under one of the numbers that
we still hold: what we then wrote would stand in its file. And a child that was forked keeps our
locks for as long as it lives, unless it lets go of them.
"""

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from telltale.tracing.forks import fork_safe_lock
from telltale.tracing.guard import ours

HIGH = 200
"""A program's own files seldom get so far; macOS allows 256 of them by default."""

Identity = tuple[int, int]
"""Device and inode, by which an open file or socket is known again."""

_changing = fork_safe_lock()
"""No child inherits a descriptor that is not in the list yet."""
_open: "set[Handle]" = set()


class Handle:
    """One open file, and whether its number still means that file."""

    def __init__(self, path: Path, flags: int) -> None:
        """Open a file; one that is made is for this user alone.

        Raises:
            OSError: If it cannot be opened.
        """
        self.path = path
        with _changing:
            self.number = os.open(path, flags | os.O_CLOEXEC, 0o600)
            """Of the descriptor."""
            self._identity = identity(self.number)
            self._successor = self.path, self._identity
            _open.add(self)

    def move_up(self) -> None:
        """Take a number that a program's own files seldom reach, for a file that stays open."""
        with _changing:
            try:
                high = fcntl.fcntl(self.number, fcntl.F_DUPFD_CLOEXEC, HIGH)
            except ours(OSError):
                return  # So many are not allowed here.
            os.close(self.number)
            self.number = high

    def is_ours(self) -> bool:
        """Whether the number still means our file."""
        now = identity(self.number)
        if now != self._identity and now == self._successor[1]:
            # An interrupt came just when it had become another.
            self.path, self._identity = self._successor
        return now == self._identity

    def is_named(self) -> bool:
        """Whether the file is ours and still the one under its name.

        Raises:
            OSError: If nobody will say so now, to the user that the process acts as, for example.
        """
        if not self.is_ours():
            return False
        try:
            named = self.path.stat()
        except (*ours(FileNotFoundError), *ours(NotADirectoryError)):
            return False
        return (named.st_dev, named.st_ino) == self._identity

    def lock(self, *, shared: bool = False) -> bool:
        """Lock the file until it is closed; False where somebody else has it.

        Raises:
            OSError: If this file system knows no locks.
        """
        try:
            fcntl.flock(self.number, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def become(self, fresh: "Handle") -> None:
        """Put another file under this number, in one step for all threads that write to it."""
        with _changing:
            self._successor = fresh.path, fresh._identity
            if self.is_ours():
                os.dup2(fresh.number, self.number, inheritable=False)
                fresh.close()
            else:
                fresh.move_up()
                self.number = fresh.number
                _open.discard(fresh)
                _open.add(self)
            self.path, self._identity = self._successor

    def close(self) -> None:
        """Close the file; a second time does nothing, nor where somebody else has closed it."""
        with _changing:
            if self in _open and self.is_ours():
                os.close(self.number)
            _open.discard(self)


def identity(descriptor: int) -> Identity | None:
    """What is open under a number; None where nothing is."""
    try:
        status = os.fstat(descriptor)
    except ours(OSError):
        return None
    return status.st_dev, status.st_ino


def _after_in_child() -> None:
    for handle in list(_open):
        with suppress(OSError):
            handle.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_in_child)
