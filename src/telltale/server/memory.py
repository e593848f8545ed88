"""Memory that was used once goes back to the system.

The C library keeps what is freed for later. With glibc's defaults each large block that is freed
raises the size up to which blocks are kept, to 32 MiB, and each thread has a heap of its own: after
a burst of large bodies a server held ten times what it used. Other libraries have neither function,
and nothing is done there.
"""

import ctypes
import gc
import sys

KEPT_BLOCK_BYTES = 1 << 20
"""Blocks from this size on go back as soon as they are freed."""
COLLECT_AFTER = 20_000
"""New objects until the next look; Python's default is 700."""
_M_MMAP_THRESHOLD = -3
"""<malloc.h>; to set it also ends its growth."""


def keep_no_large_blocks() -> None:
    """From now on, and in the whole process: called by a server that has it to itself."""
    if (tune := _of_libc("mallopt")) is not None:
        tune(_M_MMAP_THRESHOLD, KEPT_BLOCK_BYTES)


def give_back() -> None:
    """Give what is free in all heaps to the system; some milliseconds."""
    if (trim := _of_libc("malloc_trim")) is not None:
        trim(ctypes.c_size_t(0))


def collect_less() -> None:
    """Look less often for garbage that only a collector finds, and never among what is here now.

    Spans come by the thousand and none of them is part of a cycle: looking at them as often as
    Python does takes a tenth of the time that it takes to read them.
    """
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 20)


def _of_libc(name: str) -> "ctypes._NamedFuncPointer | None":
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
