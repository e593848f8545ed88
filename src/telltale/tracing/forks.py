"""Locks that no child inherits locked: a fork waits until nobody holds them.

They are re-entrant. A signal's handler runs above whatever held one, and may need it as well.
"""

import os
import threading
from typing import Any


def fork_safe_lock() -> Any:
    """A lock for what is done in a moment, from any thread; for the life of the process."""
    lock = threading.RLock()
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(
            before=lock.acquire, after_in_parent=lock.release, after_in_child=lock.release
        )
    return lock
