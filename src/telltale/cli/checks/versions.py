"""What is installed, whether it fits together, and whether it fits the server."""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import metadata
from pathlib import Path

from telltale.cli.answers import Answer, Who
from telltale.cli.checks.finding import Finding, Level, Topic
from telltale.cli.measures import some
from telltale.nouns.remedies import UPDATE
from telltale.nouns.version import installed_version
from telltale.store.traces import Sqlite
from telltale.tracing.records import FORMAT

PACKAGE = "telltale-sdk"
OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 13)
"""What Telltale is tested with, beside today's crewAI."""
_NEEDS = {"opentelemetry-sdk": ((1, 30), (2,)), "msgspec": ((0, 19), (99,))}
"""From this version on, and below that one; a test holds it to pyproject.toml."""
_CREWAI = ((0, 105), (2,))
"""As `telltale.integrations.crewai` is tested with."""


def version_of(package: str) -> str | None:
    """The installed version of a package, which is not imported; None where there is none."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def check_versions(
    python: tuple[int, ...], sqlite: Sqlite, installed: Callable[[str], str | None]
) -> Iterator[Finding]:
    """One line where all fits; then what does not."""
    found = [f"Telltale {installed_version()}", f"Python {_dotted(python)}"]
    found.append(f"SQLite {sqlite.version}")
    for package in (*_NEEDS, "crewai"):
        version = installed(package)
        found += [f"{package} {version}"] if version is not None else []
    found += ["crewai is not installed"] if installed("crewai") is None else []
    yield Finding(Topic.VERSIONS, Level.OK, " · ".join(found))
    if not OLDEST_PYTHON <= python[:2] <= NEWEST_PYTHON:
        yield Finding(
            Topic.VERSIONS,
            Level.WARNING,
            f"Python {_dotted(python)}: Telltale and crewAI are tested with "
            f"{_dotted(OLDEST_PYTHON)} to {_dotted(NEWEST_PYTHON)}",
            f"make the environment with Python {_dotted(NEWEST_PYTHON)}",
        )
    if not sqlite.is_new_enough:
        yield Finding(
            Topic.VERSIONS,
            Level.PROBLEM,
            f"SQLite {sqlite.version}: the server needs {sqlite.oldest} or newer",
            "use a newer Python, which brings its own",
        )
    for package, (least, below) in _NEEDS.items():
        version = installed(package)
        if version is not None and not least <= _numbers(version) < below:
            yield Finding(
                Topic.VERSIONS,
                Level.PROBLEM,
                f"{package} {version}: Telltale needs {_dotted(least)} or newer, below "
                f"{_dotted(below)}",
                f'pip install -U "{package}>={_dotted(least)}"',
            )
    crewai = installed("crewai")
    if crewai is not None and not _CREWAI[0] <= _numbers(crewai) < _CREWAI[1]:
        yield Finding(
            Topic.VERSIONS,
            Level.WARNING,
            f"crewai {crewai}: Telltale records {_dotted(_CREWAI[0])} or newer, below "
            f"{_dotted(_CREWAI[1])}",
            f'pip install -U "crewai>={_dotted(_CREWAI[0])}"',
        )


def check_copies(path: Sequence[str]) -> Iterator[Finding]:
    """Whether Python could find more than one Telltale.

    Args:
        path: Folders that modules are looked for in, as `sys.path`.
    """
    found = {str(place.resolve()) for place in map(Path, path) if _has_telltale(place)}
    if len(found) > 1:
        yield Finding(
            Topic.VERSIONS,
            Level.WARNING,
            f"{len(found)} copies of Telltale on Python's path: {some(sorted(found))}",
            f"run pip uninstall {PACKAGE} until nothing is left, then install it once",
        )
    said = {one.version for one in metadata.distributions(name=PACKAGE, path=list(path))}
    if len(said) > 1:
        yield Finding(
            Topic.VERSIONS,
            Level.WARNING,
            f"Telltale is installed in {len(said)} versions: {', '.join(sorted(said))}",
            f"run pip uninstall {PACKAGE} until nothing is left, then install it once",
        )


def check_skew(answer: Answer, ours: str) -> Iterator[Finding]:
    """Whether the server at the destination is another Telltale than this one.

    Args:
        ours: The version of this one.
    """
    theirs = answer.version.version
    if answer.who is Who.OTHER_FORMAT:
        side = "here" if min(answer.version.journal, default=0) > FORMAT else "there"
        yield Finding(
            Topic.VERSIONS,
            Level.PROBLEM,
            f"the server {theirs} at {answer.address} does not read journal format {FORMAT}, "
            f"which Telltale {ours} writes: programs' spans wait here",
            f"update {side}: {UPDATE}",
        )
    elif answer.takes_spans and theirs != ours:
        side = "here" if _numbers(theirs) > _numbers(ours) else "there, and start it again"
        yield Finding(
            Topic.VERSIONS,
            Level.WARNING,
            f"the server at {answer.address} is Telltale {theirs}, this is {ours}",
            f"update {side}: {UPDATE}",
        )


def found_python() -> tuple[int, ...]:
    """The version of this interpreter."""
    return sys.version_info[:3]


def _has_telltale(place: Path) -> bool:
    try:
        return (place / "telltale" / "__init__.py").is_file()
    except OSError:
        return False  # What may not be entered may not be imported from.


def _numbers(version: str) -> tuple[int, ...]:
    """The leading numbers; an empty one for what is no version."""
    found = re.match(r"\d+(\.\d+)*", version)
    return tuple(map(int, found[0].split("."))) if found else ()


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
