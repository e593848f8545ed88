"""The journal of this process: where an ended span is safe before control returns to the user.

A record is one `os.write` to a descriptor opened with O_APPEND, so it needs no lock of Python's
and no thread, and survives whatever happens to the process. It stands in segments of about 4 MiB
beside a lock file, which is held for the life of the process and tells everybody else whether
the segments still have an owner.
"""

import errno
import os
import resource
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from telltale.tracing.guard import fault, may_say_again, ours, say_once, speak, talkative_lock
from telltale.tracing.handles import HIGH, Handle
from telltale.tracing.lock import Lock
from telltale.tracing.records import Header, encode_header

SEGMENT_BYTES = 4 * 1024 * 1024
_SETTLING_S = 0.001
_WAIT_S = 1.0
_MOST_SHORT = 100
"""Short writes of one record: other threads may fill the room that there is."""
_MOST_ANEW = 100
"""Segments begun for one record: others may fill one after another under our hands."""
_TRIES_TO_ENTER = 3
_LOSING = "records that cannot be written"
_Done = TypeVar("_Done")
_NEW_SEGMENT = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND


class Journal:
    """Writes records to the segments of one process.

    The segment's descriptor keeps its number: rotation puts the next file under it by `dup2`.
    Closing and reopening would let another thread write into a file of the user's that got the
    number in between.
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
        self._user = os.geteuid()
        self._rotating = talkative_lock()
        self._is_rotating = False
        self._writing: dict[int, int] = {}
        """Threads that are writing now, and the segment that was current when they began."""
        self._closed = False
        self.unwritten = 0
        """Records that the disk refused."""
        self._segment = 0
        self._make_folder()
        self.lock = Lock(folder)
        """Says that the process lives."""
        self.id = self.lock.journal_id
        header = self._header(self._segment, destination)
        try:
            self._file = _begun(self.segment_path(self._segment), header)
        except BaseException:
            self.lock.abandon()
            raise
        self._file.move_up()
        self._size, self._written_for = len(header), destination
        """About what the segment holds; `size` asks."""

    @property
    def segment(self) -> int:
        """Number of the segment that is written now; those below it are complete."""
        return self._segment

    @property
    def size(self) -> int:
        """Bytes of the segment that is written now; 0 where it was closed under us."""
        try:
            return os.fstat(self._file.number).st_size
        except ours(OSError):
            return 0

    def segment_path(self, number: int) -> Path:
        """Where a segment lies."""
        return self.folder / f"{self.id.hex()}.{number:06d}"

    def write(self, record: bytes) -> bool:
        """Append one record, which no death of the process takes away once this has returned.

        True: it is taken, or lost and counted in `unwritten`, where the disk refused it. False: the
        journal has been closed, and the record belongs in another.
        """
        thread, size = threading.get_ident(), len(record)
        # A signal's handler may end a span above a write of this very thread's.
        beneath = self._writing.get(thread)
        anew = 0
        try:
            while True:
                segment = self._segment
                # Said before the write, so that a segment that looks complete is not taken away
                # from under a thread that the kernel has stopped in the middle of it.
                self._writing[thread] = segment if beneath is None else min(beneath, segment)
                if self._closed:
                    return False
                try:
                    # A short write means that disk or file are full. To try again makes the kernel
                    # say which, or succeeds where another thread has begun a file meanwhile. A
                    # reader skips the torn try by its CRC and finds the whole one.
                    for _ in range(_MOST_SHORT):
                        if os.write(self._file.number, record) == size:
                            break
                    else:
                        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                    break
                except ours(OSError) as error:
                    anew += 1
                    if anew > _MOST_ANEW or not self._begin_anew(error, segment, len(record), anew):
                        self.unwritten += 1
                        self._say_losing(error)
                        return True
        finally:
            if beneath is None:
                self._writing.pop(thread, None)
            else:
                self._writing[thread] = beneath
        # Python lets other threads in where it calls something: no call here, or they undo it.
        self._size += size
        if self._size > SEGMENT_BYTES:
            self._leave_full_segment()
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
        self._destination = destination
        self._follow_destination()

    def mend(self) -> None:
        """Put right what happened to our files; called every moment, as others do it unseen.

        Programs close all descriptors, somebody clears the folder of what is old or of everything,
        and a disk that was full when the destination changed may have room by now.

        Raises:
            OSError: If it cannot be put right now.
        """
        if not self._closed and not self.reached(self._put_right):
            self._closed = self._user not in _users()

    def reached(self, deed: Callable[[], _Done]) -> _Done | None:
        """Do what needs the folder; None where the process acts as a user who may not enter it.

        A denial is asked about again: the user may have been another for that moment alone.

        Raises:
            OSError: As the deed does.
        """
        tries = 0
        while not self.is_out_of_reach():
            try:
                return deed()
            except PermissionError:
                tries += 1
                if tries == _TRIES_TO_ENTER:
                    raise
        return None

    def is_out_of_reach(self) -> bool:
        """Whether the process acts as another user, who may not enter the folder.

        What was written until now is still safe, and the lock still held: whoever may enter comes
        for it once the process has ended. Whoever can become the first user again has only gone
        out for a moment, as daemons do: the open segment is written on.
        """
        return os.geteuid() != self._user and not os.access(
            self.folder, os.R_OK | os.W_OK | os.X_OK, effective_ids=True
        )

    def let_go(self) -> None:
        """Close the files, as the death of the process would; they stay where they are."""
        self._file.close()
        self.lock.let_go()

    def _put_right(self) -> bool:
        self._open_again()
        self._in_turn(self._follow_names)
        if self._written_for != self._destination:
            self._follow_destination()
        return True

    def _leave_full_segment(self) -> None:
        def leave() -> bool:
            try:
                if self._size > SEGMENT_BYTES:
                    self._begin_next()
            except OSError as error:
                # The full segment goes on growing: a longer file is better than a lost span.
                self._size = 0
                fault("opening the journal's next segment", error)
            else:
                may_say_again(_LOSING)
            return True

        self._in_turn(leave, timeout_s=0)

    def _begin_anew(self, error: OSError, segment: int, size: int, tries: int) -> bool:
        """Put another segment there, where that helps against the error; whether there is one.

        Args:
            segment: In which a record of this size did not fit.
            tries: How often that has happened to the record.
        """
        if error.errno == errno.EBADF:
            return tries == 1 and self._open_again()
        if error.errno != errno.EFBIG:
            return False
        most, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
        header = self._header(segment, self._destination)
        # Else each record that never fits would leave a file behind.
        if most != resource.RLIM_INFINITY and len(header) + size > most:
            return False

        def begin() -> bool:
            try:
                if segment == self._segment:
                    self._begin_next()
            except OSError as refused:
                fault("opening a segment within the limit of a file's size", refused)
                return False
            return True

        return self._in_turn(begin)

    def _say_losing(self, error: OSError) -> None:
        say_once(
            _LOSING,
            "Telltale: the journal in %s cannot be written (%s): spans are being lost and counted. "
            "%s.",
            self.folder,
            error.strerror or error,
            "Raise the limit on the size of files, `ulimit -f`"
            if error.errno == errno.EFBIG
            else "Free some space on its disk, or set TELLTALE_HOME to a folder on another",
        )

    def _follow_destination(self) -> None:
        """A segment for the destination that holds now; tried again while there is no room."""

        def follow() -> bool:
            try:
                self._begin_next()
            except OSError as error:
                fault("opening a segment for another server", error)
            return True

        self._in_turn(follow)

    def _follow_names(self) -> bool:
        """Lock and segment under their names, where others look for them."""
        # An interrupt may have come between the switch to a segment and the note of it.
        self._segment = int(self._file.path.suffix[1:])
        if not (self._file.is_named() and self.lock.is_held()):
            self._make_folder()
            self.lock.take_again()
            if not self._file.is_named():
                self._begin_next()
        return True

    def _open_again(self) -> bool:
        """Open another segment where the file was closed under us; False if it stays closed."""

        def open_again() -> bool:
            if self._file.is_ours():
                return True
            try:
                self._begin_next()
            except OSError as error:
                fault("opening the journal anew", error)
                return False
            say_once(
                "journal closed",
                "Telltale: this program has closed the descriptors of the journal in %s. It is "
                "open again, but a span that ended in between may be lost: close what is not yours "
                "before the first span, or leave numbers from %d on alone.",
                self.folder,
                HIGH,
            )
            return True

        return self._in_turn(open_again)

    def _in_turn(self, deed: Callable[[], bool], timeout_s: float = _WAIT_S) -> bool:
        """Change the files while nobody else does; False where somebody is at it for too long.

        Or where a signal's handler is above the very thread that is at it. Ctrl-C comes behind a
        call: behind that which takes the lock, before a next line is reached. So it stands inside
        of the `try`, and to give it back is the first thing that is called in the end.
        """
        mine = False
        try:
            if self._rotating.acquire(timeout=timeout_s) and not self._is_rotating:
                mine = self._is_rotating = True
                return deed()
            return False
        finally:
            if mine:
                self._is_rotating = False
            try:  # noqa: SIM105  see above
                self._rotating.release()
            except RuntimeError:
                pass  # Another thread has it.
            speak()

    def _begin_next(self) -> None:
        """Put the next segment under the descriptor.

        Raises:
            OSError: If it cannot be made; then the one before goes on.
        """
        number, destination = self._segment + 1, self._destination
        while self.segment_path(number).exists():
            number += 1  # An interrupt, Ctrl-C, came in the middle of this.
        header = self._header(number, destination)
        fresh = _begun(self.segment_path(number), header)
        # Before the switch: what others write into it afterwards is added to this.
        self._size = len(header)
        self._file.become(fresh)
        self._segment, self._written_for = number, destination

    def _header(self, number: int, destination: str) -> bytes:
        return encode_header(
            Header(
                journal_id=self.id,
                segment=number,
                destination=destination,
                pid=os.getpid(),
                started_ns=self._started_ns,
                resource=self._resource,
                sdk_version=self._sdk_version,
            )
        )

    def _make_folder(self) -> None:
        # `parents` would make the home itself for everybody to read.
        for made in (self.folder.parent, self.folder):
            made.mkdir(mode=0o700, parents=True, exist_ok=True)


def _users() -> tuple[int, ...]:
    """Whom this process may act as."""
    return os.getresuid() if hasattr(os, "getresuid") else (os.getuid(), os.geteuid())


def _begun(path: Path, header: bytes) -> Handle:
    """A new segment that holds its header and nothing else.

    Raises:
        OSError: If there is no room for it.
    """
    handle = Handle(path, _NEW_SEGMENT)
    try:
        if os.write(handle.number, header) != len(header):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
    except BaseException:
        # Without its header nobody could read what follows; and the next try is for this name.
        handle.close()
        path.unlink(missing_ok=True)
        raise
    return handle
