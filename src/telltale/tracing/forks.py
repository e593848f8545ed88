"""Locks that no child inherits locked: a fork waits until nobody holds them.

They are re-entrant. A signal's handler runs above whatever held one, and may need it as well.

And whether a child serves a pool: it outlives what was open when it was forked.
"""

import os
import sys
import threading
from collections.abc import Callable
from typing import Any

_STARTING = frozenset(f"multiprocessing.{name}" for name in ("popen_fork", "context", "process"))
_POOLS = frozenset(("concurrent.futures.process", "multiprocessing.pool"))


def fork_safe_lock() -> Any:
    """A lock for what is done in a moment, from any thread; for the life of the process."""
    lock = threading.RLock()
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(
            before=lock.acquire, after_in_parent=lock.release, after_in_child=lock.release
        )
    return lock


def in_a_pools_worker(forget: Callable[[], object]) -> None:
    """Let a child that a pool forks forget what was open in its parent."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=lambda: forget() if _forked_by_a_pool() else None)


def _forked_by_a_pool() -> bool:
    """Asked in a new child: whether it was made to do what others will ask for, one after another.

    A pool forks where it is first used, which may be inside anybody's span. What it is asked for
    later has nothing to do with that; it is told nothing of it either by spawn or forkserver.
    """
    frame = sys._getframe(1)
    while frame.f_back is not None:
        frame = frame.f_back
        module = frame.f_globals.get("__name__")
        if module in _POOLS:
            return True
        # Not higher: a pool's worker may itself fork.
        if module not in _STARTING:
            return False
    return False
