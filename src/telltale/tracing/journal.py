"""The journal of this process: where an ended span is safe before control returns to the user.

A record is one `os.write` to a descriptor opened with O_APPEND, so it needs no lock of Python's
and no thread, and survives whatever happens to the process. It stands in segments of about 4 MiB
beside a lock file, which is held for the life of the process and tells everybody else whether
the segments still have an owner.
"""

import errno
import fcntl
import os
import threading
import time
from pathlib import Path
from typing import Any

from telltale.tracing.guard import fault, may_say_again
from telltale.tracing.records import Header, encode_header

SEGMENT_BYTES = 4 * 1024 * 1024
_TRIES = 20
_SETTLING_S = 0.001
_LOSING = "writing the journal, spans are being lost"
_OPEN = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC


class Journal:
    """Writes records to the segments of one process.

    The segment's descriptor has one number for the life of the process: rotation puts the next
    file under it by `dup2`. Closing and reopening would let another thread write into a file of
    the user's that got the number in between.
    """

    def __init__(
        self, folder: Path, destination: str, resource: dict[str, Any], sdk_version: str
    ) -> None:
        """Open the first segment.

        Raises:
            OSError: If the folder cannot be made or written.
        """
        self.folder = folder
        self._destination = destination
        self._resource = resource
        self._sdk_version = sdk_version
        self._started_ns = time.time_ns()
        self._rotating = threading.Lock()
        self._writing: dict[int, int] = {}
        """Threads that are writing now, and the segment that was current when they began."""
        self._closed = False
        self.unwritten = 0
        """Records that the disk refused."""
        self._segment = 0
        self._size = 0
        # `parents` would make the home itself for everybody to read.
        for made in (folder.parent, folder):
            made.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.id, self._lock_fd = _new_journal(folder)
        try:
            self._fd = self._next_segment(self._segment)
        except OSError:
            self.abandon_lock()
            raise

    @property
    def lock_path(self) -> Path:
        """The file whose lock says that the process lives."""
        return self.folder / f"{self.id.hex()}.lock"

    @property
    def segment(self) -> int:
        """Number of the segment that is written now; those below it are complete."""
        return self._segment

    @property
    def size(self) -> int:
        """Bytes of the segment that is written now."""
        return self._size

    def segment_path(self, number: int) -> Path:
        """Where a segment lies."""
        return self.folder / f"{self.id.hex()}.{number:06d}"

    def write(self, record: bytes) -> bool:
        """Append one record; it is safe from the death of the process when this returns.

        False if the journal has been closed, and the record belongs in another.
        """
        thread = threading.get_ident()
        try:
            # Said before the write, so that a segment that looks complete is not taken away from
            # under a thread that the kernel has stopped in the middle of it.
            self._writing[thread] = self._segment
            if self._closed:
                return False
            if os.write(self._fd, record) != len(record) and (
                # A reader skips the torn first try by its CRC and finds the whole second one.
                os.write(self._fd, record) != len(record)
            ):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            self.unwritten += 1
            fault(_LOSING, error)
            return True
        finally:
            self._writing.pop(thread, None)
        self._size += len(record)
        if self._size > SEGMENT_BYTES:
            self._rotate()
        return True

    def is_settled(self, number: int) -> bool:
        """Whether nobody can write to a segment any more, nor to those before it."""
        if number >= self._segment and not self._closed:
            return False
        return not any(segment <= number for segment in list(self._writing.values()))

    def close(self, timeout_s: float) -> bool:
        """Take no more records; True once the writes that had begun are done."""
        self._closed = True
        deadline = time.monotonic() + timeout_s
        while not self.is_settled(self._segment):
            if time.monotonic() > deadline:
                return False
            time.sleep(_SETTLING_S)
        return True

    def redirect(self, destination: str) -> None:
        """Write what follows for another server, in a segment of its own."""
        with self._rotating:
            self._destination = destination
            try:
                self._switch()
            except OSError as error:
                fault("opening a segment for another server", error)

    def renew(self) -> None:
        """Go on in a new segment: somebody has deleted the files that are being written."""
        with self._rotating:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self.lock_path.exists():
                held, self._lock_fd = self._lock_fd, _locked(self.lock_path)
                os.close(held)
            self._switch()

    def forget(self) -> None:
        """Let go of descriptors inherited through a fork; the parent goes on with them."""
        for descriptor in (self._fd, self._lock_fd):
            os.close(descriptor)

    def abandon_lock(self) -> None:
        """Give the lock up and take its file away; segments that stay are anybody's."""
        self.lock_path.unlink(missing_ok=True)
        os.close(self._lock_fd)

    def _rotate(self) -> None:
        if not self._rotating.acquire(blocking=False):
            return
        try:
            if self._size > SEGMENT_BYTES:
                self._switch()
        except OSError as error:
            # The full segment goes on growing: a longer file is better than a lost span.
            self._size = 0
            fault("opening the journal's next segment", error)
        else:
            may_say_again(_LOSING)
        finally:
            self._rotating.release()

    def _switch(self) -> None:
        fresh = self._next_segment(self._segment + 1)
        os.dup2(fresh, self._fd, inheritable=False)
        os.close(fresh)
        self._segment += 1

    def _next_segment(self, number: int) -> int:
        header = encode_header(
            Header(
                journal_id=self.id,
                segment=number,
                destination=self._destination,
                pid=os.getpid(),
                started_ns=self._started_ns,
                resource=self._resource,
                sdk_version=self._sdk_version,
            )
        )
        path = self.segment_path(number)
        descriptor = os.open(path, _OPEN, 0o600)
        try:
            if os.write(descriptor, header) != len(header):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        except OSError:
            # Without its header nobody could read what follows; and the next try is for this name.
            os.close(descriptor)
            path.unlink(missing_ok=True)
            raise
        self._size = len(header)
        return descriptor


def _new_journal(folder: Path) -> tuple[bytes, int]:
    """An id, and the descriptor of its lock, which is ours.

    Between the making of a lock's file and the locking somebody may take it for a dead process's
    and unlink it: then another id is tried.
    """
    for _ in range(_TRIES):
        journal_id = os.urandom(16)
        path = folder / f"{journal_id.hex()}.lock"
        try:
            descriptor = _locked(path)
        except BlockingIOError:
            continue
        if is_named(descriptor, path):
            return journal_id, descriptor
        os.close(descriptor)
    raise OSError(f"no lock could be had in {folder}")


def is_named(descriptor: int, path: Path) -> bool:
    """Whether an open file is still the one under this name."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _locked(path: Path) -> int:
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
