"""The folder that a server lives in, and the locks that keep it alone there.

The lock's file says who lives there, and anybody may delete it: then another could take one of the
same name. So the folder itself is locked too, which nobody can delete who leaves the databases; and
whoever lives there looks from time to time whether its word still stands.
"""

import logging
import os
import threading
from contextlib import closing, suppress
from pathlib import Path

import msgspec

from telltale.nouns.errors import StoreBroken, TelltaleError
from telltale.store.files import METADATA, TRACES
from telltale.tracing.handles import Handle

log = logging.getLogger(__name__)

LOCK = "server.lock"
LOOK_EVERY_S = 5.0
_WORD_BYTES = 128
"""More than any word has: each is as long as the one before, and goes over it in one write."""


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
        lock = Handle(folder / LOCK, os.O_RDONLY)
    except FileNotFoundError:
        return None
    with closing(lock):
        # One that was killed left its word behind; only the lock tells. It is shared, so that two
        # who ask at once do not take each other for the server.
        is_free = lock.lock(shared=True)
        tenant = _tenant(lock)
        return None if is_free else tenant


def home_of(pid: int) -> Path | None:
    """The home that a server's process lives in, where /proc tells and we may look; else None."""
    for link in Path(f"/proc/{pid}/fd").glob("*"):
        with suppress(OSError):
            held = link.readlink()
            if held.name == LOCK:
                return held.parent
    return None


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
        self._floor: Handle | None = None
        """The folder, which is locked; None where a folder cannot be."""
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
        with self._guard:
            self._tenant = Tenant(os.getpid(), address)
            self._write()

    def look(self) -> None:
        """Leave word again, where somebody has deleted or replaced the lock's file.

        Raises:
            TelltaleError: If it is in use by another, or cannot be made.
        """
        with self._guard:
            path = self.folder / LOCK
            try:
                if self._has_left or self._lock.is_named():
                    return
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
                self._floor.close()
            with closing(self._lock), suppress(OSError):
                if self._lock.is_named():
                    # Who has opened it already is not to read who lived here.
                    os.ftruncate(self._lock.number, 0)
                    self._lock.path.unlink()

    def _write(self) -> None:
        word = msgspec.json.encode(self._tenant).ljust(_WORD_BYTES)
        try:
            os.pwrite(self._lock.number, word, 0)
        except OSError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: OSError) -> StoreBroken:
        return StoreBroken(
            f"home {str(self.folder)!r} cannot be used: {error.strerror}; expected a folder that "
            "this user may write, with space left; give another with --home or TELLTALE_HOME"
        )


def _held(path: Path) -> Handle:
    """The lock file at a path, made if there is none, and held.

    Raises:
        OSError: If it cannot be made.
        TelltaleError: If another process holds it, or its file system has no locks.
    """
    while True:
        lock = Handle(path, os.O_CREAT | os.O_RDWR)
        _hold(lock)
        # Who left in between has unlinked it: what nobody else can open keeps nobody out.
        if lock.is_named():
            return lock
        lock.close()


def _held_floor(folder: Path) -> Handle | None:
    """The folder, held; None where a folder cannot be locked, as on NFS.

    Raises:
        TelltaleError: If another process holds it.
    """
    try:
        floor = Handle(folder, os.O_RDONLY)
    except OSError:
        return None
    try:
        is_held = floor.lock()
    except OSError:
        floor.close()
        return None
    if not is_held:
        floor.close()
        raise _in_use(folder, None)
    return floor


def _hold(lock: Handle) -> None:
    home = lock.path.parent
    try:
        is_held = lock.lock()
    except OSError as error:
        # Nobody can hold it, so it is nobody's.
        with closing(lock), suppress(OSError):
            lock.path.unlink()
        raise TelltaleError(
            f"home {str(home)!r} cannot be locked: {error.strerror}; expected a file system with "
            "locks, so that no two servers write there; give another home with --home or "
            "TELLTALE_HOME"
        ) from error
    if not is_held:
        with closing(lock):
            raise _in_use(home, _tenant(lock))


def _in_use(folder: Path, tenant: Tenant | None) -> TelltaleError:
    who, remedy = "another Telltale server", "stop it"
    if tenant is not None:
        who = f"the Telltale server of process {tenant.pid}"
        remedy = f"open {tenant.address}, stop it" if tenant.address else "stop it"
    return TelltaleError(
        f"home {str(folder)!r} is in use by {who}; {remedy}, or give this one a folder of its "
        "own with --home"
    )


def _tenant(lock: Handle) -> Tenant | None:
    try:
        return msgspec.json.decode(os.pread(lock.number, _WORD_BYTES, 0), type=Tenant)
    except msgspec.MsgspecError:
        return None
