"""What an ordeal has to say: progress on stderr, its table on stdout and in docs/reliability.md."""

import sys
from collections.abc import Sequence

from benchmarks.figures import Row
from benchmarks.tables import Column, Table
from torture import ROOT

PAGE = ROOT / "docs" / "reliability.md"


def say(words: str) -> None:
    """One line of progress."""
    print(f"torture: {words}", file=sys.stderr, flush=True)


def table(name: str, where: str, interpreter: str, rows: Sequence[Row]) -> Table:
    """The result of one ordeal."""
    columns = (Column(interpreter, tuple(rows)),)
    return Table(name, where, columns, made_by="make torture", heading="what came")


def missed(rows: Sequence[Row], *, is_short: bool = False) -> list[str]:
    """What was promised and not kept, a sentence each.

    Args:
        is_short: The run was one; bars that need a long one are passed over.
    """
    held = [row for row in rows if not (is_short and row.needs_long_run)]
    return [f"{row.what}: {row.figure()}, bar {row.bar()}" for row in held if row.kept is False]
