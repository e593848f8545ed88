"""Whether the machines agree on what time it is."""

from collections.abc import Iterator
from pathlib import Path

from telltale.cli.answers import Answer
from telltale.cli.checks.finding import Finding, Level, Topic
from telltale.cli.measures import age, many
from telltale.tracing.folder import journals

MOST_SKEW_S = 2.0
_SLACK_NS = 2_000_000_000
_FIRST_NS = 1_704_067_200 * 1_000_000_000
"""2024-01-01: before Telltale was."""
_SYNCHRONISE = "set the clock by NTP; on Linux: timedatectl set-ntp true"


def check_clock(folder: Path | None, answer: Answer, now_ns: int) -> Iterator[Finding]:
    """This machine's clock against the calendar, the server's and the journal's.

    Args:
        folder: Of the journal; None where there can be none.
        answer: Of the server that spans are sent to.
        now_ns: What this machine's clock says.
    """
    findings = [*_calendar(now_ns), *_server(answer)]
    findings += _journal(folder, now_ns) if folder is not None else []
    yield from findings
    if not findings:
        others = ["the calendar"] if folder is None else ["the journal's files"]
        others += [f"the clock at {answer.address}"] if answer.ahead_s is not None else []
        yield Finding(
            Topic.CLOCK, Level.OK, f"this machine's clock agrees with {' and '.join(others)}"
        )


def _calendar(now_ns: int) -> Iterator[Finding]:
    if now_ns < _FIRST_NS:
        yield Finding(
            Topic.CLOCK,
            Level.PROBLEM,
            f"this machine's clock is before 2024, so it is slow by {age(_FIRST_NS - now_ns)} at "
            "least: traces are filed where nobody looks, and https fails",
            _SYNCHRONISE,
        )


def _server(answer: Answer) -> Iterator[Finding]:
    ahead_s = answer.ahead_s or 0.0
    if abs(ahead_s) > MOST_SKEW_S:
        direction = "ahead of" if ahead_s > 0 else "behind"
        yield Finding(
            Topic.CLOCK,
            Level.WARNING,
            f"the clock at {answer.address} is {abs(ahead_s):.0f} s {direction} this machine's: "
            "traces with spans of both machines show them at wrong times, and lists are out of "
            "order",
            _SYNCHRONISE,
        )


def _journal(folder: Path, now_ns: int) -> Iterator[Finding]:
    early = [
        segment.changed_ns - now_ns
        for journal in journals(folder)
        for segment in journal.segments
        if segment.changed_ns > now_ns + _SLACK_NS
    ]
    if early:
        yield Finding(
            Topic.CLOCK,
            Level.WARNING,
            f"{many(len(early), 'segment')} of the journal dated up to {age(max(early))} in the "
            "future: the clock has been set back since",
            _SYNCHRONISE,
        )
