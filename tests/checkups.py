"""Let the doctor look at a machine, and hold each remedy to commands that exist."""

import re
import time
from pathlib import Path
from typing import NamedTuple

import click

from recording import NOWHERE
from telltale.cli.checks.examination import examine
from telltale.cli.checks.finding import Finding, Level
from telltale.cli.commands import telltale

QUIET_CREWAI = {
    "CREWAI_TRACING_ENABLED": "false",
    "CREWAI_DISABLE_TELEMETRY": "true",
    "CREWAI_DISABLE_VERSION_CHECK": "true",
}
_COMMAND = re.compile(r"`telltale ([^`]+)`")


class Checkup(NamedTuple):
    """What the doctor said."""

    findings: list[Finding]

    def of(self, words: str) -> Finding:
        """The one finding that says this."""
        matching = [finding for finding in self.findings if words in finding.found]
        assert len(matching) == 1, (words, [finding.found for finding in self.findings])
        return matching[0]

    def says(self, words: str) -> bool:
        """Whether any finding says this."""
        return any(words in finding.found for finding in self.findings)


def checkup(
    home: Path, address: str | None = NOWHERE, now_ns: int | None = None, **environment: str
) -> Checkup:
    """Examine a machine on which no variable is set but what is said here."""
    told = QUIET_CREWAI | environment
    findings = list(examine(home, address, told, time.time_ns() if now_ns is None else now_ns))
    for finding in findings:
        assert (finding.level is Level.OK) == (not finding.remedy), finding
        for command in _COMMAND.findall(finding.remedy):
            assert_exists(command)
    return Checkup(findings)


def assert_exists(command: str) -> None:
    """Read a command line as click does, up to where it would be run."""
    words, found = command.split(), telltale
    while isinstance(found, click.Group):
        name = words.pop(0)
        with click.Context(found) as context:
            within = found.get_command(context, name)
        assert within is not None, f"`telltale {command}`: no command {name!r}"
        found = within
    found.make_context(found.name, words)
