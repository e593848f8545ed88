"""The result: variant by version, and beneath it what is missing where."""

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from matrix import ROOT
from matrix.judge import Verdict

PAGE = ROOT / "docs" / "crewai.md"
_BEGIN, _END = "<!-- matrix -->", "<!-- end -->"
_MOST_CHARACTERS = 160


def say(words: str) -> None:
    """One line of progress."""
    print(f"matrix: {words}", file=sys.stderr, flush=True)


def table(found: Mapping[str, Sequence[Verdict]]) -> str:
    """A line a variant, a column a version: ✓, – where the version cannot do it, or a number."""
    notes: dict[str, int] = {}
    lines = [f"| variant | {' | '.join(found)} |", f"| --- |{' --- |' * len(found)}"]
    for row in zip(*found.values(), strict=True):
        cells = [_cell(verdict, notes) for verdict in row]
        lines.append(f"| `{row[0].name}` | {' | '.join(cells)} |")
    told = [f"{number}. {note}" for note, number in notes.items()]
    return "\n".join([*lines, *([""] if told else []), *told])


def write(made: str, page: Path) -> None:
    """Put the table between its markers.

    Raises:
        SystemExit: If the page has no place for it.
    """
    text = page.read_text("utf-8")
    place = re.compile(f"{_BEGIN}\n.*?{_END}", re.DOTALL)
    if not place.search(text):
        raise SystemExit(f"{page}: no {_BEGIN} … {_END} to put the table in")
    page.write_text(place.sub(lambda _: f"{_BEGIN}\n{made}\n{_END}", text), "utf-8")


def _cell(verdict: Verdict, notes: dict[str, int]) -> str:
    if verdict.lacks:
        return "–"
    if not verdict.wrong:
        return "✓"
    marks = [
        str(notes.setdefault(f"{verdict.name}: {_short(wrong)}", len(notes) + 1))
        for wrong in dict.fromkeys(verdict.wrong)
    ]
    return ", ".join(marks)


def _short(words: str) -> str:
    return words if len(words) <= _MOST_CHARACTERS else f"{words[:_MOST_CHARACTERS].rstrip()} …"
