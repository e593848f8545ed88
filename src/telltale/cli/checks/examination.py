"""The table of checks, in the order of the report; none of them can take the others with it."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from shlex import quote

from telltale.cli.checks.answers import Answer, ask
from telltale.cli.checks.clock import clock
from telltale.cli.checks.damage import damage
from telltale.cli.checks.databases import databases
from telltale.cli.checks.destination import destination
from telltale.cli.checks.disk import disk
from telltale.cli.checks.environment import environment
from telltale.cli.checks.finding import Finding, Level
from telltale.cli.checks.home import (
    file_system,
    found_mounts,
    home_folder,
    unusable_home,
    unusable_journal,
)
from telltale.cli.checks.journal import journal
from telltale.cli.checks.server import localhost, server, tenant
from telltale.cli.checks.versions import copies, found_python, skew, version_of, versions
from telltale.cli.checks.waiting import waiting
from telltale.nouns.version import installed_version
from telltale.server.home import Tenant, tenant_of
from telltale.store.traces.sqlite.look import found_sqlite
from telltale.tracing.settings import default_home

Check = Callable[[], Iterable[Finding]]
Checks = tuple[tuple[str, Check], ...]
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
    named = destination(variables, address, asked)
    given, home = home, home or default_home()
    no_home = unusable_home(home)
    # No remedy leads into a home that cannot be used.
    flag = f" --home {quote(str(given))}" if given and not no_home else ""
    folder, crewai = home / "journal", version_of("crewai")
    no_journal = no_home or unusable_journal(folder)

    def answer() -> Answer:
        return asked(named.address)

    @cache
    def holder() -> Tenant | None:
        return None if no_home else tenant_of(home)

    of_home: Checks = (
        ("home", lambda: home_folder(home)),
        ("home", lambda: file_system(home, found_mounts())),
        ("home", lambda: disk(home)),
        ("home", lambda: databases(home, flag)),
    )
    of_journal: Checks = (
        ("journal", lambda: journal(folder, now_ns, flag)),
        ("journal", lambda: waiting(folder, now_ns, asked, holder(), flag)),
        ("journal", lambda: damage(folder, flag)),
    )
    checks: Checks = (
        ("versions", lambda: versions(found_python(), found_sqlite(), version_of)),
        ("versions", lambda: copies([part or os.curdir for part in sys.path])),
        ("versions", lambda: skew(answer(), installed_version())),
        ("environment", lambda: environment(variables, named.address, crewai, asked)),
        *(_only(no_home) if no_home else of_home),
        *(_only(no_journal) if no_journal else of_journal),
        ("server", lambda: server(answer(), named, holder(), flag)),
        ("server", lambda: localhost(answer(), asked)),
        ("server", lambda: tenant(home, holder(), answer(), asked, flag)),
        ("clock", lambda: clock(None if no_journal else folder, answer(), now_ns)),
    )
    said = set()
    for topic, check in checks:
        for finding in guarded(topic, check):
            # What breaks one check off may break off the next, too.
            if finding not in said:
                said.add(finding)
                yield finding


def _only(finding: Finding) -> Checks:
    """In place of checks that would all stumble over the one thing that is wrong."""
    return ((finding.topic, lambda: (finding,)),)


def guarded(topic: str, check: Check) -> Iterator[Finding]:
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
