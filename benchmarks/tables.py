"""Tables for people: printed, and put between their markers on a page of docs.

The prose around the markers is written by hand and stays.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from benchmarks.figures import Row

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
_KEPT = {True: "yes", False: "**no**", None: ""}


class Column(msgspec.Struct, frozen=True):
    """All figures of one question with one interpreter."""

    interpreter: str
    rows: tuple[Row, ...]


class Table(msgspec.Struct, frozen=True):
    """The answer to one question."""

    name: str
    where: str
    """Date, machine, versions."""
    columns: tuple[Column, ...]
    """The first is the one that bars are held against."""
    made_by: str = "make bench"
    """The command that makes it anew, given the table's name."""
    heading: str = "median (min)"
    """What stands above the figures."""


def markdown(table: Table) -> str:
    """The table, and beneath it where and by which command it was made."""
    first, *others = table.columns
    head = ["what", table.heading, "bar", "kept?", *(column.interpreter for column in others)]
    lines = [_line(head), _line(["---"] * len(head))]
    for number, row in enumerate(first.rows):
        beside = [column.rows[number].figure() for column in others]
        lines.append(_line([row.what, row.figure(), row.bar(), _KEPT[row.kept], *beside]))
    made = f"{table.where}, {first.interpreter}. `{table.made_by} ARGS={table.name}`"
    return "\n".join(lines) + f"\n\n<sub>{made}</sub>"


def write(tables: Sequence[Table], path: Path = PAGE) -> None:
    """Put each table between its markers.

    Raises:
        SystemExit: If the page has no place for one.
    """
    for table in tables:
        put(table.name, markdown(table), path)


def put(name: str, made: str, path: Path) -> None:
    """Put what was made between the markers of that name.

    Raises:
        SystemExit: If the page has no place for it.
    """
    text = path.read_text("utf-8")
    begin, end = f"<!-- bench: {name} -->", "<!-- end -->"
    place = re.compile(f"{re.escape(begin)}\n.*?{re.escape(end)}", re.DOTALL)
    if not place.search(text):
        raise SystemExit(f"{path}: no place for {name!r}; add {begin!r} and {end!r}")
    path.write_text(place.sub(lambda _: f"{begin}\n{made}\n{end}", text), "utf-8")


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
