"""The home: whether it is there, private, writable, and on a disk that keeps what is written."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from shlex import quote

from telltale.cli.checks.finding import Finding, Level, Topic
from telltale.cli.home import why_closed
from telltale.cli.measures import some
from telltale.store.files import TRACES
from telltale.tracing.settings import Home

MODE = 0o700
_SECRET = ("journal", TRACES, f"{TRACES}-wal")
_GOES = {"tmpfs", "ramfs"}
_FAR = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre"}
_FAR_FUSE = ("fuse.sshfs", "fuse.s3fs", "fuse.gcsfuse", "fuse.rclone", "fuse.glusterfs")
_LAYERS = {"overlay", "aufs"}
_KERNELS = {"proc", "sysfs", "cgroup", "cgroup2", "devpts", "debugfs", "tracefs", "securityfs"}
_SWEPT = ("/tmp", "/var/tmp", "/private/tmp", "/private/var/folders")
_ELSEWHERE = "set TELLTALE_HOME to a folder on a local disk"


def unusable_home(home: Path, mounts: str) -> Finding | None:
    """What keeps programs and server from using a home; None where nothing does.

    Args:
        mounts: The text of /proc/mounts; empty where the system has none.
    """
    why = ""
    if _exists(home):
        why = _why_unusable(home)
    elif _exists(home, follow=False):
        why = "is a link that leads nowhere"
    else:
        above = next(path for path in home.parents if _exists(path))
        if beneath := _why_nothing_beneath(above, mounts):
            why = f"cannot be made, because {above} {beneath}"
    if not why:
        return None
    remedy = "set TELLTALE_HOME to a folder that this user can write"
    return Finding(Topic.HOME, Level.PROBLEM, f"{home} {why}: nothing is recorded", remedy)


def _why_nothing_beneath(above: Path, mounts: str) -> str:
    if not above.is_dir():
        return "is a file, not a folder"
    # Whose folders say that root may write in them.
    if (kind := file_system_of(Path(os.path.realpath(above)), mounts)) in _KERNELS:
        return f"holds the kernel's own files ({kind})"
    return "" if os.access(above, os.W_OK | os.X_OK) else "may not be written by this user"


def unusable_journal(folder: Path) -> Finding | None:
    """What keeps programs from writing to the journal of a home that is usable."""
    why = _why_unusable(folder) if _exists(folder) else ""
    if not why:
        return None
    remedy = f"move it away, or let user {os.geteuid()} write in it"
    return Finding(Topic.JOURNAL, Level.PROBLEM, f"{folder} {why}: nothing is recorded", remedy)


def check_known(home: Home) -> Iterator[Finding]:
    """Whether there is a home of the user's own."""
    if home.problem:
        yield Finding(
            Topic.HOME,
            Level.WARNING,
            f"no home is known ({home.problem}): programs keep their spans in {home.path}",
            "set TELLTALE_HOME to a path that begins with /",
        )


def check_home(home: Path) -> Iterator[Finding]:
    """Whether a home that can be used is nobody else's, and closed to others."""
    if not home.exists():
        yield Finding(
            Topic.HOME, Level.OK, f"{home} is not there yet: the first program or server makes it"
        )
        return
    findings = [*_owner(home), *_privacy(home)]
    yield from findings
    if not findings:
        yield Finding(Topic.HOME, Level.OK, f"{home} is there, writable and private")


def check_file_system(home: Path, mounts: str) -> Iterator[Finding]:
    """Whether what is written there stays, and whether locks hold there.

    Args:
        mounts: The text of /proc/mounts; empty where the system has none.
    """
    place = Path(os.path.realpath(home))
    kind = file_system_of(place, mounts)
    if kind in _GOES:
        yield Finding(
            Topic.HOME,
            Level.WARNING,
            f"{home} lies in memory ({kind}): what waits in the journal is lost at a reboot",
            _ELSEWHERE,
        )
    elif kind in _FAR or kind.startswith(_FAR_FUSE):
        yield Finding(
            Topic.HOME,
            Level.WARNING,
            f"{home} lies on a network file system ({kind}): its locks do not hold reliably, "
            "and SQLite's log does not work across machines",
            _ELSEWHERE,
        )
    elif kind in _LAYERS:
        yield Finding(
            Topic.HOME,
            Level.NOTE,
            f"{home} lies in a container's own layer ({kind}): it is gone with the container",
            f"mount a volume at {home}, or set TELLTALE_HOME to a folder in one",
        )
    elif any(place.is_relative_to(swept) for swept in _SWEPT):
        yield Finding(
            Topic.HOME,
            Level.WARNING,
            f"{home} lies where the system deletes files that are a few days old",
            "set TELLTALE_HOME to a folder outside of it",
        )


def file_system_of(place: Path, mounts: str) -> str:
    """The kind of file system that a path lies on; empty where that is not known."""
    kind, longest = "", -1
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        # Spaces in a path are written as octal.
        point = fields[1].replace("\\040", " ")
        # A later line covers an earlier one at the same place.
        if len(point) >= longest and place.is_relative_to(point):
            kind, longest = fields[2], len(point)
    return kind


def found_mounts() -> str:
    """The text of /proc/mounts; empty where the system has none."""
    try:
        return Path("/proc/mounts").read_text(errors="replace")
    except OSError:
        return ""


def _owner(home: Path) -> Iterator[Finding]:
    owner = home.stat().st_uid
    if owner != os.geteuid():
        yield Finding(
            Topic.HOME,
            Level.WARNING,
            f"{home} belongs to user {owner}, this is user {os.geteuid()}: one of them makes "
            "files that the other cannot use",
            f"run as that user, or: chown -R {os.geteuid()} {quote(str(home))}",
        )


def _privacy(home: Path) -> Iterator[Finding]:
    mode = _mode(home)
    remedy = f"chmod 700 {quote(str(home))}"
    if mode & 0o022:
        yield Finding(
            Topic.HOME,
            Level.WARNING,
            f"{home} has mode {mode:04o}: others on this machine can put files into it",
            remedy,
        )
        return
    # Behind a folder that nobody else may enter, the modes of the rest do not matter.
    inside = [home / name for name in _SECRET] if mode & 0o011 else []
    open_to_all = [path.name for path in inside if _mode(path) & 0o044]
    if open_to_all:
        yield Finding(
            Topic.HOME,
            Level.WARNING,
            f"{home} has mode {mode:04o}, and {some(open_to_all)} in it can be read by others: "
            "they hold prompts",
            remedy,
        )
    elif mode & ~MODE:
        yield Finding(
            Topic.HOME,
            Level.NOTE,
            f"{home} has mode {mode:04o}: others can see that it is there, not what was recorded",
            remedy,
        )


def _mode(path: Path) -> int:
    """Its permissions; none where nothing is there."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return 0


def _exists(path: Path, *, follow: bool = True) -> bool:
    try:
        path.stat(follow_symlinks=follow)
    except OSError:
        return False  # Perhaps because a folder above it may not be entered.
    return True


def _why_unusable(folder: Path) -> str:
    """Why nothing can be written into what is there, as the end of a sentence; else empty."""
    if not folder.is_dir():
        return "is not a folder"
    return why_closed(folder)
