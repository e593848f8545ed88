"""The home: whether it is there, private, writable, and on a disk that keeps what is written."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from telltale.cli.checks.finding import Finding, Level
from telltale.cli.checks.measures import some

TOPIC = "home"
MODE = 0o700
_SECRET = ("journal", "traces.db", "traces.db-wal")
_GOES = {"tmpfs", "ramfs"}
_FAR = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre"}
_FAR_FUSE = ("fuse.sshfs", "fuse.s3fs", "fuse.gcsfuse", "fuse.rclone", "fuse.glusterfs")
_LAYERS = {"overlay", "aufs"}
_SWEPT = ("/tmp", "/var/tmp", "/private/tmp", "/private/var/folders")
_ELSEWHERE = "set TELLTALE_HOME to a folder on a local disk"


def home_folder(home: Path) -> Iterator[Finding]:
    """Whether programs and server can use the folder, and nobody else can."""
    if not home.exists():
        above = next(path for path in home.parents if path.exists())
        if os.access(above, os.W_OK | os.X_OK):
            yield Finding(
                TOPIC, Level.OK, f"{home} is not there yet: the first program or server makes it"
            )
        else:
            yield _unusable(home, f"is not there, and {above} may not be written")
        return
    if not home.is_dir():
        yield _unusable(home, "is not a folder")
        return
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        yield _unusable(home, "may not be written by this user")
        return
    findings = [*_owner(home), *_privacy(home)]
    yield from findings
    if not findings:
        yield Finding(TOPIC, Level.OK, f"{home} is there, writable and private")


def file_system(home: Path, mounts: str) -> Iterator[Finding]:
    """Whether what is written there stays, and whether locks hold there.

    Args:
        mounts: The text of /proc/mounts; empty where the system has none.
    """
    place = Path(os.path.realpath(home))
    kind = file_system_of(place, mounts)
    if kind in _GOES:
        yield Finding(
            TOPIC,
            Level.WARNING,
            f"{home} lies in memory ({kind}): what waits in the journal is lost at a reboot",
            _ELSEWHERE,
        )
    elif kind in _FAR or kind.startswith(_FAR_FUSE):
        yield Finding(
            TOPIC,
            Level.WARNING,
            f"{home} lies on a network file system ({kind}): its locks do not hold reliably, "
            "and SQLite's log does not work across machines",
            _ELSEWHERE,
        )
    elif kind in _LAYERS:
        yield Finding(
            TOPIC,
            Level.NOTE,
            f"{home} lies in a container's own layer ({kind}): it is gone with the container",
            f"mount a volume at {home}, or set TELLTALE_HOME to a folder in one",
        )
    elif any(place.is_relative_to(swept) for swept in _SWEPT):
        yield Finding(
            TOPIC,
            Level.WARNING,
            f"{home} lies where the system deletes files that are some days old",
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
            TOPIC,
            Level.WARNING,
            f"{home} belongs to user {owner}, this is user {os.geteuid()}: one of them makes "
            "files that the other cannot use",
            f"run as that user, or: chown -R {os.geteuid()} {home}",
        )


def _privacy(home: Path) -> Iterator[Finding]:
    mode = _mode(home)
    remedy = f"chmod 700 {home}"
    if mode & 0o022:
        yield Finding(
            TOPIC,
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
            TOPIC,
            Level.WARNING,
            f"{home} has mode {mode:04o}, and {some(open_to_all)} in it may be read by others: "
            "prompts stand there",
            remedy,
        )
    elif mode & ~MODE:
        yield Finding(
            TOPIC,
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


def _unusable(home: Path, why: str) -> Finding:
    return Finding(
        TOPIC,
        Level.PROBLEM,
        f"{home} {why}: nothing is recorded",
        "set TELLTALE_HOME to a folder that this user can write",
    )
