"""Small disks of one's own, made of memory: full when a test wants them to be."""

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest


@contextmanager
def mounted(point: Path, *what: str) -> Iterator[Path]:
    """A file system at a folder, which is made, inside the block.

    Args:
        what: Options and source, as `mount` takes them.

    Raises:
        OSError, CalledProcessError: If it may not be mounted.
    """
    point.mkdir()
    subprocess.run(["mount", *what, str(point)], check=True, capture_output=True)
    try:
        yield point
    finally:
        subprocess.run(["umount", "--lazy", str(point)], check=True)


def small_disk(point: Path, size: str = "8m") -> AbstractContextManager[Path]:
    """A disk of this size in memory, mounted inside the block."""
    return mounted(point, "-t", "tmpfs", "-o", f"mode=700,size={size}", "tmpfs")


def may_mount(disk: Callable[[Path], AbstractContextManager[Path]] = small_disk) -> bool:
    """Whether such a disk may be mounted here."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            with disk(Path(folder) / "there"):
                return True
        except (OSError, subprocess.CalledProcessError):
            return False


needs_mount = pytest.mark.skipif(not may_mount(), reason="file systems may not be mounted here")


def fill(disk: Path) -> Path:
    """Take all the space that is left; to unlink the file gives it back."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    return filler
