"""A whole home copied while its server runs, into a folder that is itself a home."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from telltale.nouns.errors import BadInput, StoreBroken
from telltale.store.copies import copy_database

TRACES, METADATA = "traces.db", "metadata.db"


class Backup(msgspec.Struct, frozen=True):
    """What was copied."""

    folder: str
    bytes: int


def back_up(home: Path, target: Path, tell: Callable[[str], None]) -> Backup:
    """Copy the databases of a home into a new folder.

    Traces first: every experiment that one of them names is then in the metadata, too.

    Args:
        tell: Called with what is done next.

    Raises:
        BadInput: If there is nothing to copy, or something lies at the target already.
        StoreBroken: If a file cannot be read, or the disk is full. Nothing is left at the target.
    """
    _check(home, target)
    try:
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreBroken(
            f"{target} cannot be made: {error.strerror}; give a folder that can be written"
        ) from error
    size = 0
    try:
        for name in (TRACES, METADATA):
            tell(f"copying {name}, {_megabytes(home / name)}")
            size += copy_database(home / name, target / name)
    except StoreBroken:
        for name in (TRACES, METADATA):
            (target / name).unlink(missing_ok=True)
        raise
    return Backup(str(target), size)


def _check(home: Path, target: Path) -> None:
    for name in (TRACES, METADATA):
        if not (home / name).is_file():
            raise BadInput(
                f"home {str(home)!r}: it has no {name}; give the folder of a server with --home or "
                "TELLTALE_HOME",
                given=str(home),
                expected=f"a folder with {name}",
            )
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BadInput(
            f"destination {str(target)!r}: something is there already; give a folder that is new "
            "or empty",
            given=str(target),
            expected="a new or empty folder",
        )


def _megabytes(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:,.1f} MB"
