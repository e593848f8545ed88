"""Small disks of one's own, made of memory: full when a test wants them to be."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(point: Path, size: str = "8m") -> Iterator[Path]:
    """A file system of this size at a folder, which is made, inside the block.

    Raises:
        OSError, CalledProcessError: If it may not be mounted.
    """
    point.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"mode=700,size={size}", "tmpfs", str(point)]
    subprocess.run(command, check=True, capture_output=True)
    try:
        yield point
    finally:
        subprocess.run(["umount", "--lazy", str(point)], check=True)


def may_mount() -> bool:
    """Whether file systems may be mounted here."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            with small_disk(Path(folder) / "there"):
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
