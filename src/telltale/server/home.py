"""The folder that a server lives in, and the lock that keeps it alone there."""

import os
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


LOCK = "server.lock"


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
    server.lock    held by flock; says who holds it
    """

    def __init__(self, folder: Path) -> None:
        """Move in.

        Raises:
            StoreBroken: If the folder cannot be made or written, or its disk is full.
            TelltaleError: If another server lives there.
        """
        self.folder = folder
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = _held(folder / LOCK)
        except OSError as error:
            raise self._unusable(error) from error
        try:
            self._write(Tenant(os.getpid()))
        except StoreBroken:
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
        self._write(Tenant(os.getpid(), address))

    def leave(self) -> None:
        """Let the next server in, and leave nothing that this one made to keep others out."""
        with self._lock, suppress(OSError):  # Windows unlinks no file that is open.
            self._lock.truncate(0)
            if _is_at(self._lock, self.folder / LOCK):
                (self.folder / LOCK).unlink()

    def _write(self, tenant: Tenant) -> None:
        try:
            self._lock.truncate(0)
            self._lock.write(msgspec.json.encode(tenant))
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
        TelltaleError: If another process holds it.
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
    except OSError as error:
        tenant = _tenant(lock)
        lock.close()
        who, remedy = "another Telltale server", "stop it"
        if tenant is not None:
            who = f"the Telltale server of process {tenant.pid}"
            remedy = f"open {tenant.address}, stop it" if tenant.address else "stop it"
        raise TelltaleError(
            f"home {str(folder)!r} is in use by {who}; {remedy}, or give this one a folder of its "
            "own with --home"
        ) from error


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
