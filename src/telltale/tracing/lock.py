"""The lock of a journal: held for the life of its process, and free once that is dead.

Whoever can lock the file of another journal may ship what its process left. Others delete lock
files and close descriptors, so a lock that is held may have to be taken again.
"""

import os
from contextlib import suppress
from pathlib import Path

from telltale.tracing.handles import Handle
from telltale.tracing.records import JOURNAL_ID_BYTES

LOCK_FLAGS = os.O_CREAT | os.O_RDWR
"""How a lock's file is opened: an owner makes it, and who adopts may have to."""
_TRIES = 20


class Lock:
    """That of this process, under an id that no other journal in the folder has."""

    def __init__(self, folder: Path) -> None:
        """Take it.

        Between the making of a lock's file and the locking somebody may take it for a dead
        process's and unlink it: then another id is tried.

        Raises:
            OSError: If none can be had in this folder.
        """
        for _ in range(_TRIES):
            self.journal_id = os.urandom(JOURNAL_ID_BYTES)
            self.path = folder / f"{self.journal_id.hex()}.lock"
            handle = _locked(self.path)
            if handle is None:
                continue
            try:
                if handle.is_named():
                    break
            except BaseException:
                handle.close()
                raise
            handle.close()
        else:
            raise OSError(f"no lock could be had in {folder}")
        handle.move_up()
        self._handle = handle

    def is_held(self) -> bool:
        """Whether it is ours still, and under its name, where others look.

        Raises:
            OSError: As `Handle.is_named`.
        """
        return self._handle.is_named()

    def take_again(self) -> None:
        """Hold it under its name, where it was deleted or closed.

        Raises:
            OSError: If its file cannot be looked for or made now.
        """
        if self.is_held():
            return
        # First, since the other may get the number of this one, and be the same file.
        self._handle.close()
        fresh = _locked(self.path)
        if fresh is None:
            return  # Whoever adopts what seems to be nobody's lets it go in a moment.
        fresh.move_up()
        self._handle = fresh

    def say_alive(self) -> None:
        """Look used to those who clear folders of what is old: a lock is never written to."""
        with suppress(OSError):
            os.utime(self.path)

    def let_go(self) -> None:
        """Give it up, as the death of the process would: what lies there is anybody's."""
        self._handle.close()

    def abandon(self) -> None:
        """The same, and take its file away."""
        self.path.unlink(missing_ok=True)
        self.let_go()


def _locked(path: Path) -> Handle | None:
    """None where somebody else has the lock."""
    handle = Handle(path, LOCK_FLAGS)
    try:
        if handle.lock():
            return handle
    except BaseException:
        # A file system without locks: the next try is for another id.
        path.unlink(missing_ok=True)
        handle.close()
        raise
    handle.close()
    return None
