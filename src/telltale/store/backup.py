"""A whole home copied while its server runs, into a folder that is itself a home."""

import shutil
import sqlite3
from pathlib import Path

import msgspec

from telltale.nouns.errors import BadInput, StoreBroken
from telltale.store.copies import Tell, copy_database, sync

TRACES, METADATA = "traces.db", "metadata.db"
_COUNT_TRACES = (
    "SELECT count(*), coalesce(sum(spans), 0) FROM traces"
    " WHERE trace_no NOT IN (SELECT trace_no FROM doomed_traces)"
)
_COUNT_EXPERIMENTS = "SELECT count(*) FROM experiments"


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
        StoreBroken: If a file cannot be read, or the disk is full. Nothing is left at the target.
    """
    _check(home, target)
    unfinished = target / "unfinished"
    try:
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished.mkdir(mode=0o700)
        sync(target.parent)
    except OSError as error:
        raise StoreBroken(
            f"{target} cannot be made: {error.strerror}; give a folder that can be written"
        ) from error
    try:
        size = 0
        for name in (TRACES, METADATA):
            tell(f"copying {name}, {_megabytes(home / name)}")
            size += copy_database(home / name, unfinished / name, tell)
        (traces, spans), (experiments,) = (
            _ask(unfinished / TRACES, _COUNT_TRACES),
            _ask(unfinished / METADATA, _COUNT_EXPERIMENTS),
        )
        for name in (METADATA, TRACES):
            (unfinished / name).rename(target / name)
        unfinished.rmdir()
        sync(target)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return Backup(str(target), size, traces, spans, experiments)


def _check(home: Path, target: Path) -> None:
    for name in (TRACES, METADATA):
        if not (home / name).is_file():
            raise BadInput(
                f"home {str(home)!r}: it has no {name}; give the folder of a server with --home or "
                "TELLTALE_HOME",
                given=str(home),
                expected=f"a folder with {name}",
            )
    try:
        is_taken = target.exists() and (not target.is_dir() or any(target.iterdir()))
    except OSError as error:
        raise StoreBroken(
            f"{target} cannot be read: {error.strerror}; give a folder of your own"
        ) from error
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
