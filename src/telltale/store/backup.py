"""A whole home copied while its server runs, into a folder that is itself a home."""

import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from telltale.nouns.errors import BadInput, StoreBroken
from telltale.store.copies import Tell, copy_database, sync
from telltale.store.files import METADATA, TRACES
from telltale.store.metadata.tables import COUNT_EXPERIMENTS
from telltale.store.traces import COUNT_TRACES

UNFINISHED = "unfinished"
"""Folder of the copies until they are whole."""


class Backup(msgspec.Struct, frozen=True):
    """What was copied."""

    folder: str
    bytes: int
    traces: int
    spans: int
    experiments: int


def back_up(home: Path, target: Path, tell: Tell) -> Backup:
    """Copy the databases of a home into a new folder.

    Traces first: every experiment that one of them names is then in the metadata, too. Both get
    their names in the end, because a home with one of them would be taken for a whole one.

    Args:
        tell: Called with what is done next, and now and then with how far it is.

    Raises:
        BadInput: If there is nothing to copy, or something lies at the target already.
        StoreBroken: If a file cannot be read, or the disk is full. Whatever the failure, nothing
            is left that was made.
    """
    home, target = home.absolute(), target.absolute()
    _check_home(home)
    _check_target(target)
    try:
        with _folder_in(target) as unfinished:
            size = 0
            for name in (TRACES, METADATA):
                tell(f"copying {name}, {_megabytes(home / name)}")
                size += copy_database(home / name, unfinished / name, tell)
            (traces, spans), (experiments,) = (
                _ask(unfinished / TRACES, COUNT_TRACES),
                _ask(unfinished / METADATA, COUNT_EXPERIMENTS),
            )
            _name(unfinished, target)
    except OSError as error:
        raise StoreBroken(
            f"{target} cannot be written ({error}); check its disk, or give a folder that can be "
            "written"
        ) from error
    return Backup(str(target), size, traces, spans, experiments)


@contextmanager
def _folder_in(target: Path) -> Iterator[Path]:
    """A folder to copy into, whose own folders are on the disk. What was made goes if it fails."""
    unfinished = target / UNFINISHED
    missing = [folder for folder in (target, *target.parents) if not folder.exists()]
    made: list[Path] = []
    try:
        for folder in (*reversed(missing), unfinished):
            folder.mkdir(mode=0o700 if folder in (target, unfinished) else 0o777)
            made.append(folder)
        for folder in missing:
            sync(folder.parent)
        yield unfinished
    except BaseException:
        if unfinished in made:
            shutil.rmtree(unfinished, ignore_errors=True)
        for folder in reversed(made):
            with suppress(OSError):  # Somebody else has put something there.
                folder.rmdir()
        raise


def _name(unfinished: Path, target: Path) -> None:
    """Give the copies their names, both or none."""
    named = []
    try:
        for name in (METADATA, TRACES):
            (unfinished / name).rename(target / name)
            named.append(target / name)
        unfinished.rmdir()
        sync(target)
    except BaseException:
        for path in named:
            path.unlink(missing_ok=True)
        raise


def _check_home(home: Path) -> None:
    for name in (TRACES, METADATA):
        try:
            # `is_file` would say of some that cannot be looked at that they are none.
            is_there = stat.S_ISREG((home / name).stat().st_mode)
        except (FileNotFoundError, NotADirectoryError):
            is_there = False
        except OSError as error:
            raise StoreBroken(
                f"{home} cannot be read: {error.strerror}; give the folder of a server with --home "
                "or TELLTALE_HOME, as a user who may read it"
            ) from error
        if not is_there:
            raise BadInput(
                f"home {str(home)!r}: it has no {name}; give the folder of a server with --home or "
                "TELLTALE_HOME",
                given=str(home),
                expected=f"a folder with {name}",
            )


def _check_target(target: Path) -> None:
    try:
        there = [path.name for path in target.iterdir()] if target.is_dir() else []
        is_taken = bool(there) or (target.exists() and not target.is_dir())
    except OSError as error:
        raise StoreBroken(
            f"{target} cannot be read: {error.strerror}; give a folder of your own"
        ) from error
    if there == [UNFINISHED]:
        raise BadInput(
            f"destination {str(target)!r}: another backup is being made there, or a backup that "
            f"was not finished was left; delete {str(target / UNFINISHED)!r}, or give another "
            "folder",
            given=str(target),
            expected="a new or empty folder",
        )
    if is_taken:
        raise BadInput(
            f"destination {str(target)!r}: something is there already; give a folder that is new "
            "or empty",
            given=str(target),
            expected="a new or empty folder",
        )


def _ask(copy: Path, question: str) -> tuple[int, ...]:
    connection = sqlite3.connect(f"{copy.as_uri()}?mode=ro", uri=True)
    try:
        return tuple(connection.execute(question).fetchone())
    except sqlite3.Error as error:
        raise StoreBroken(
            f"the copy of {copy.name} does not hold what was expected ({error}); give the folder "
            "of a Telltale server with --home"
        ) from error
    finally:
        connection.close()


def _megabytes(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:,.1f} MB"
