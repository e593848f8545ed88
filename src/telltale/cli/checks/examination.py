"""The table of checks, in the order of the report; none of them can take the others with it."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from telltale.cli.answers import Answer, ask
from telltale.cli.checks.clock import check_clock
from telltale.cli.checks.damage import check_damage
from telltale.cli.checks.databases import check_databases
from telltale.cli.checks.destination import find_destination
from telltale.cli.checks.disk import check_disk
from telltale.cli.checks.environment import check_environment
from telltale.cli.checks.finding import Finding, Level, Topic
from telltale.cli.checks.home import (
    check_file_system,
    check_home,
    check_known,
    found_mounts,
    unusable_home,
    unusable_journal,
)
from telltale.cli.checks.journal import check_journal
from telltale.cli.checks.server import check_localhost, check_server, check_tenant
from telltale.cli.checks.versions import (
    check_copies,
    check_skew,
    check_versions,
    found_python,
    version_of,
)
from telltale.cli.checks.waiting import check_waiting
from telltale.cli.home import SameHome
from telltale.nouns.version import installed_version
from telltale.server.home import Tenant, tenant_of
from telltale.store.traces import found_sqlite
from telltale.tracing.settings import programs_home

Check = Callable[[], Iterable[Finding]]
Checks = tuple[tuple[Topic, Check], ...]
"""Each with the topic that it belongs to."""


def examine(
    home: Path | None, address: str | None, variables: Mapping[str, str], now_ns: int
) -> Iterator[Finding]:
    """All findings, each as soon as it is there.

    Args:
        home: None for the one that programs use.
        address: Of the server; None for the one that programs would send to.

    Raises:
        BadInput: If `address` is none.
    """
    asked = cache(ask)
    named = find_destination(variables, address, asked)
    given, programs = home, programs_home()
    home = home or programs.path
    mounts = found_mounts()
    no_home = unusable_home(home, mounts)
    # No remedy leads into a home that cannot be used.
    same_home = SameHome(None if no_home else given)
    folder, crewai = home / "journal", version_of("crewai")
    no_journal = no_home or unusable_journal(folder)
    is_readable = not no_journal or _can_be_read(folder)

    def answer() -> Answer:
        return asked(named.address)

    @cache
    def holder() -> Tenant | None:
        return None if no_home else tenant_of(home)

    of_journal: Checks = (
        (Topic.JOURNAL, lambda: check_journal(folder, now_ns, same_home)),
        (
            Topic.JOURNAL,
            lambda: check_waiting(folder, now_ns, named.address, asked, holder(), same_home),
        ),
        (Topic.JOURNAL, lambda: check_damage(folder, same_home)),
    )
    checks: Checks = (
        (Topic.VERSIONS, lambda: check_versions(found_python(), found_sqlite(), version_of)),
        (Topic.VERSIONS, lambda: check_copies([part or os.curdir for part in sys.path])),
        (Topic.VERSIONS, lambda: check_skew(answer(), installed_version())),
        (Topic.ENVIRONMENT, lambda: check_environment(variables, named.address, crewai, asked)),
        (Topic.HOME, lambda: check_known(programs) if given is None else ()),
        *(_only(no_home) if no_home else _of_home(home, mounts, same_home)),
        *(_only(no_journal) if no_journal else ()),
        *(of_journal if is_readable else ()),
        (Topic.SERVER, lambda: check_server(answer(), named, holder(), same_home)),
        (Topic.SERVER, lambda: check_localhost(answer(), asked)),
        (Topic.SERVER, lambda: check_tenant(home, holder(), answer(), asked, same_home)),
        (Topic.CLOCK, lambda: check_clock(folder if is_readable else None, answer(), now_ns)),
    )
    said = set()
    for topic, check in checks:
        for finding in guarded(topic, check):
            # What breaks one check off may break off the next, too.
            if finding not in said:
                said.add(finding)
                yield finding


def _of_home(home: Path, mounts: str, same_home: SameHome) -> Checks:
    """Of one that can be used."""
    return (
        (Topic.HOME, lambda: check_home(home)),
        (Topic.HOME, lambda: check_file_system(home, mounts)),
        (Topic.HOME, lambda: check_disk(home)),
        (Topic.HOME, lambda: check_databases(home, same_home)),
    )


def _can_be_read(folder: Path) -> bool:
    """Whether what lies there can be told, though nobody can write it: its disk is read-only."""
    return os.path.isdir(folder) and os.access(folder, os.R_OK | os.X_OK)  # noqa: PTH112  no errors


def _only(finding: Finding) -> Checks:
    """In place of checks that would all stumble over the one thing that is wrong."""
    return ((finding.topic, lambda: (finding,)),)


def guarded(topic: Topic, check: Check) -> Iterator[Finding]:
    """The findings of one check; that it failed is one, too."""
    try:
        yield from check()
    except Exception as error:  # noqa: BLE001  the other checks go on
        yield Finding(
            topic,
            Level.WARNING,
            f"this check failed: {type(error).__name__}: {error}",
            "fix what it names; if it names nothing that you can fix, please report it",
        )
