"""The folder that a server lives in, and the locks that keep it alone there.

The lock's file says who lives there, and anybody may delete it: then another could take one of the
same name. So the folder itself is locked too, which nobody can delete who leaves the databases; and
whoever lives there looks from time to time whether its word still stands.
"""

import logging
import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO

import msgspec

from telltale.nouns.errors import StoreBroken, TelltaleError
from telltale.store.files import METADATA, TRACES

try:
    import fcntl
except ImportError:  # Windows, best effort: SQLite's own locks still guard the data.
    fcntl = None  # type: ignore[assignment]

log = logging.getLogger(__name__)

LOCK = "server.lock"
LOOK_EVERY_S = 5.0


class Tenant(msgspec.Struct, frozen=True):
    """Who lives in a home, as its lock file says."""

    pid: int
    address: str = ""
    """Empty until it listens."""


def tenant_of(folder: Path) -> Tenant | None:
    """The server that lives in a home now; None where none does. Nothing is changed or made.

    Raises:
        OSError: If its lock file cannot be read.
    """
    try:
        lock = (folder / LOCK).open("rb")
    except FileNotFoundError:
        return None
    with lock:
        # One that was killed left its word behind; only the lock tells.
        tenant = _tenant(lock)
        return tenant if tenant is not None and _is_held(lock) else None


class Home:
    """A home that is held by this process until `leave`.

    traces.db      spans and traces
    metadata.db    experiments
    journal/       segments of programs that run here
    server.lock    held by flock, as the folder is; says who holds it
    """

    def __init__(self, folder: Path) -> None:
        """Move in.

        Raises:
            StoreBroken: If the folder cannot be made or written, or its disk is full.
            TelltaleError: If another server lives there.
        """
        self.folder = folder
        self._tenant = Tenant(os.getpid())
        self._floor: int | None = None
        """A descriptor of the folder, which is locked; None where a folder cannot be."""
        self._guard = threading.Lock()
        """Around what changes the lock's file: who looks does so in a thread of its own."""
        self._has_left = False
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = _held(folder / LOCK)
        except OSError as error:
            raise self._unusable(error) from error
        try:
            self._floor = _held_floor(folder)
            self._write()
        except TelltaleError:
            self.leave()
            raise

    @property
    def traces(self) -> Path:
        """The trace store's file."""
        return self.folder / TRACES

    @property
    def metadata(self) -> str:
        """The metadata database as a URL."""
        return f"sqlite:///{self.folder / METADATA}"

    def announce(self, address: str) -> None:
        """Leave word for whoever finds the home taken."""
        self._tenant = Tenant(os.getpid(), address)
        self._write()

    def look(self) -> None:
        """Leave word again, where somebody has deleted or replaced the lock's file.

        Raises:
            TelltaleError: If it is in use by another, or cannot be made.
        """
        with self._guard:
            path = self.folder / LOCK
            if self._has_left or _is_at(self._lock, path):
                return
            try:
                fresh = _held(path)
            except OSError as error:
                raise self._unusable(error) from error
            self._lock.close()
            self._lock = fresh
            self._write()
        log.warning("%s was deleted or replaced while this server uses it; it is there again", path)

    def leave(self) -> None:
        """Let the next server in, and leave nothing that this one made to keep others out."""
        with self._guard:
            self._has_left = True
            # First, or who takes the lock's file the moment it is free would find the folder held.
            if self._floor is not None:
                os.close(self._floor)
                self._floor = None
            with self._lock, suppress(OSError):  # Windows unlinks no file that is open.
                self._lock.truncate(0)
                if _is_at(self._lock, self.folder / LOCK):
                    (self.folder / LOCK).unlink()

    def _write(self) -> None:
        try:
            self._lock.truncate(0)
            self._lock.write(msgspec.json.encode(self._tenant))
        except OSError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: OSError) -> StoreBroken:
        return StoreBroken(
            f"home {str(self.folder)!r} cannot be used: {error.strerror}; expected a folder that "
            "this user may write, with space left; give another with --home or TELLTALE_HOME"
        )


def _held(path: Path) -> IO[bytes]:
    """The lock file at a path, made if there is none, and held.

    Raises:
        OSError: If it cannot be made.
        TelltaleError: If another process holds it, or its file system has no locks.
    """
    while True:
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_APPEND | os.O_CLOEXEC, 0o600)
        # Unbuffered: what a full disk refuses is not to be tried again on closing.
        lock = os.fdopen(descriptor, "a+b", buffering=0)
        _hold(lock, path.parent)
        # Who left in between has unlinked it: what nobody else can open keeps nobody out.
        if _is_at(lock, path):
            return lock
        lock.close()


def _held_floor(folder: Path) -> int | None:
    """A descriptor of the folder that holds it; None where a folder cannot be locked, as on NFS.

    Raises:
        TelltaleError: If another process holds it.
    """
    if fcntl is None:
        return None
    floor = None
    try:
        floor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        fcntl.flock(floor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if floor is not None:
            os.close(floor)
        if isinstance(error, BlockingIOError):
            raise _in_use(folder, None) from error
        return None
    return floor


def _is_at(lock: IO[bytes], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(lock.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _hold(lock: IO[bytes], folder: Path) -> None:
    if fcntl is None:
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        tenant = _tenant(lock)
        lock.close()
        raise _in_use(folder, tenant) from error
    except OSError as error:
        # Nobody can hold it, so it is nobody's.
        with lock, suppress(OSError):
            (folder / LOCK).unlink()
        raise TelltaleError(
            f"home {str(folder)!r} cannot be locked: {error.strerror}; expected a file system with "
            "locks, so that no two servers write there; give another home with --home or "
            "TELLTALE_HOME"
        ) from error


def _in_use(folder: Path, tenant: Tenant | None) -> TelltaleError:
    who, remedy = "another Telltale server", "stop it"
    if tenant is not None:
        who = f"the Telltale server of process {tenant.pid}"
        remedy = f"open {tenant.address}, stop it" if tenant.address else "stop it"
    return TelltaleError(
        f"home {str(folder)!r} is in use by {who}; {remedy}, or give this one a folder of its "
        "own with --home"
    )


def _is_held(lock: IO[bytes]) -> bool:
    if fcntl is None:
        return True
    try:
        # Shared, so that two who ask at once do not take each other for the server.
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def _tenant(lock: IO[bytes]) -> Tenant | None:
    lock.seek(0)
    try:
        return msgspec.json.decode(lock.read(), type=Tenant)
    except msgspec.MsgspecError:
        return None
