"""`telltale doctor`: look at everything that tracing depends on, and say what mends what is odd."""

import os
import shutil
import sys
import textwrap
import time
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

import click
import msgspec

from telltale.cli.cells import plain
from telltale.cli.checks.examination import examine
from telltale.cli.checks.finding import Finding, Level
from telltale.cli.home import chosen_home, home_option

EXIT_CODES = "Exit codes: 0 nothing is a problem, 1 something is, 2 used wrongly."
_COLOURS = {Level.OK: "green", Level.NOTE: "cyan", Level.WARNING: "yellow", Level.PROBLEM: "red"}
_SIGN_WIDTH = max(map(len, Level))
_SMALLEST_WIDTH = 40


@click.command(epilog=EXIT_CODES)
@home_option("Folder of journal and databases.")
@click.option(
    "--server",
    "-s",
    metavar="ADDRESS",
    help="Address of the server.  [default: where a program started here would send its spans]",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON array of findings.")
def doctor(home: Path | None, server: str | None, as_json: bool) -> None:
    """Look at versions, environment, home, journal, server and clock.

    Changes nothing, and needs no server. One line a finding: ok, note (good to know), warning
    (may not work for long, or not as meant) or problem (does not work, or loses spans); and after
    each that is not ok, what mends it.
    """
    chosen = None if home is None else chosen_home(home)
    findings = examine(chosen, server, os.environ, time.time_ns())
    if as_json:
        told = list(findings)
        click.echo(msgspec.json.format(msgspec.json.encode(told), indent=2).decode())
    else:
        told = []
        columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        for line in report(_kept(findings, told), columns):
            click.echo(line)
        click.echo(f"\n{summary(told)}")
    if any(finding.level is Level.PROBLEM for finding in told):
        raise SystemExit(1)


def report(findings: Iterable[Finding], columns: int | None) -> Iterator[str]:
    """The findings as lines, grouped by topic, each as soon as it is there.

    Args:
        columns: Of the terminal; None where none is there to be broken for.
    """
    for topic, group in groupby(findings, key=lambda finding: finding.topic):
        yield click.style(topic, bold=True)
        for finding in group:
            sign = click.style(f"{finding.level.value:<{_SIGN_WIDTH}}", _COLOURS[finding.level])
            yield f"  {sign}  {_broken(plain(finding.found), columns)}"
            if finding.remedy:
                yield f"  {'':{_SIGN_WIDTH}}  {_broken('→ ' + plain(finding.remedy), columns)}"


def summary(findings: list[Finding]) -> str:
    """One line: how many of each, or that all is well."""
    counts = []
    for level in (Level.PROBLEM, Level.WARNING, Level.NOTE):
        count = sum(finding.level is level for finding in findings)
        counts += [f"{count} {level.value}{'' if count == 1 else 's'}"] if count else []
    if not counts:
        return "All is well."
    is_well = all(finding.level in (Level.OK, Level.NOTE) for finding in findings)
    return f"{'All is well' if is_well else 'Not all is well'}: {', '.join(counts)}."


def _broken(text: str, columns: int | None) -> str:
    if columns is None:
        return text
    width = max(_SMALLEST_WIDTH, columns - _SIGN_WIDTH - 4)
    lines = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
    return ("\n" + " " * (_SIGN_WIDTH + 4)).join(lines)


def _kept(findings: Iterable[Finding], told: list[Finding]) -> Iterator[Finding]:
    for finding in findings:
        told.append(finding)
        yield finding
