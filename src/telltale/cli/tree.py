"""A trace drawn in a terminal: who did what, how long, for how many tokens and what money.

    ◎ crew  TripCrew                         27.6 s
    ├ ⚑ task  Find the best city…            10.2 s
    │ └ ☺ agent  City Selector                9.8 s
    │   └ ◆ llm  → search(…)  Tokyo           812 ms  1.24k  $0.000544

Colour only repeats what a sign or a word says already.
"""

from collections.abc import Iterator

import msgspec

from telltale.cli.cells import ELLIPSIS, cells, fit, plain
from telltale.cli.figures import NONE, lasted, money, tokens
from telltale.cli.measures import many
from telltale.nouns.span import Kind, State
from telltale.nouns.trace import Skeleton, Trace
from telltale.nouns.usage import usd

SIGNS = {
    "flow": "▣",
    "method": "▢",
    "crew": "◎",
    "task": "⚑",
    "agent": "☺",
    "llm": "◆",
    "tool": "⚒",
    "retriever": "☷",
    "embedding": "∷",
    "reranker": "⇅",
    "memory": "☁",
    "knowledge": "☷",
    "guardrail": "⛨",
    "evaluator": "★",
    "plan": "✎",
    "human": "☞",
    "chain": "○",
}
UNKNOWN_SIGN = "·"
_FIGURES = (13, 7, 10)
"""Cells for duration, tokens, cost; right-aligned, two cells apart."""
_RED, _YELLOW, _DIM, _BOLD, _PLAIN = "\x1b[31m", "\x1b[33m", "\x1b[2m", "\x1b[1m", "\x1b[0m"
_STATES = (State.ENDED, State.RUNNING, State.LOST)
_ERROR = 2
_MISSING = -2
_PICO_PER_NANO = 1000


class _Line(msgspec.Struct, frozen=True):
    """One span's line: the branch that leads to it, and its row in the skeleton."""

    branch: str
    row: int


def draw(trace: Trace, skeleton: Skeleton, width: int, colour: bool) -> str:
    """The trace as lines of at most `width` cells, without a last newline.

    Two lines of heading, then one a span.
    """
    lines = list(_walk(skeleton))
    widest = max((cells(_text(skeleton, line)) for line in lines), default=0)
    room = min(widest, max(24, width - sum(size + 2 for size in _FIGURES)))
    drawn = [_span(skeleton, line, room, colour) for line in lines]
    return "\n".join([*_heading(trace, width, colour), *drawn])


def _heading(trace: Trace, width: int, colour: bool) -> list[str]:
    went = trace.state.value if trace.status == "unset" else trace.status.value
    if trace.errors:
        went += f", {many(trace.errors, 'failed span')}"
    used = trace.usage.input_tokens + trace.usage.output_tokens
    facts = (
        lasted(trace.duration_us, trace.state),
        many(trace.spans, "span"),
        many(trace.llm_calls, "LLM call"),
        many(trace.tool_calls, "tool call"),
        f"{tokens(used) if used or not trace.llm_calls else NONE} tokens",
        money(trace.cost_usd, trace.unpriced_calls),
    )
    first = fit(f"trace {trace.trace_id}  {went}", width).rstrip()
    second = fit("  ".join(facts), width).rstrip()
    return [f"{_RED}{first}{_PLAIN}" if colour and trace.errors else first, second]


def _walk(skeleton: Skeleton) -> Iterator[_Line]:
    """Lines in reading order: children by time under their parents.

    A span whose parent is not stored stands at the top, marked. So does the earliest of spans
    that a damaged trace makes their own ancestors: every span is shown, and once.
    """
    rows = {ordinal: row for row, ordinal in enumerate(skeleton.ordinal)}
    parents = {row: rows[of] for row, of in enumerate(skeleton.parent) if of in rows}
    in_time = sorted(rows.values(), key=lambda row: (skeleton.start[row], row))
    children: dict[int, list[int]] = {}
    for row in in_time:
        if row in parents:
            children.setdefault(parents[row], []).append(row)
    seen: set[int] = set()
    for row in in_time:
        if row not in parents:
            yield from _branches(children, row, "", seen)
    for row in in_time:
        if row not in seen:
            loop = _loop_above(parents, row)
            first = min(loop, key=lambda row: (skeleton.start[row], row))
            yield from _branches(children, first, "? ", seen)


def _loop_above(parents: dict[int, int], row: int) -> list[int]:
    """The loop that the way up from a row ends in."""
    way: dict[int, int] = {}
    while row not in way:
        way[row] = len(way)
        row = parents[row]
    return list(way)[way[row] :]


def _branches(
    children: dict[int, list[int]], top: int, mark: str, seen: set[int]
) -> Iterator[_Line]:
    """Depth first with a stack of our own: a trace may be deeper than Python's."""
    stack = [(top, mark, " " * len(mark))]
    while stack:
        row, branch, below = stack.pop()
        seen.add(row)
        yield _Line(branch, row)
        under = [child for child in children.get(row, ()) if child not in seen]
        for place, child in reversed(list(enumerate(under))):
            last = place == len(under) - 1
            stack.append(
                (child, below + ("└ " if last else "├ "), below + ("  " if last else "│ "))
            )


def _span(skeleton: Skeleton, line: _Line, room: int, colour: bool) -> str:
    row = line.row
    text = fit(_text(skeleton, line), room)
    if text.rstrip().endswith(ELLIPSIS):
        text = _shortened(skeleton, line, room)
    figures = _figures(skeleton, row)
    if not colour:
        return (text + figures).rstrip()
    kind = skeleton.kinds[skeleton.kind[row]]
    paint = _BOLD if kind in ("crew", "flow") else ""
    if skeleton.status[row] == _ERROR:
        paint = _RED
    elif skeleton.state[row]:
        paint = _YELLOW
    branch, rest = text[: len(line.branch)], text[len(line.branch) :]
    return f"{_DIM}{branch}{_PLAIN}{paint}{rest}{_PLAIN}{_DIM}{figures}{_PLAIN}"


def _text(skeleton: Skeleton, line: _Line) -> str:
    return "  ".join((_words(skeleton, line), *_marks(skeleton, line.row)))


def _shortened(skeleton: Skeleton, line: _Line, room: int) -> str:
    """Where room is short the label gives way, not what went wrong."""
    marks = "".join(f"  {mark}" for mark in _marks(skeleton, line.row))
    return fit(fit(_words(skeleton, line), max(8, room - cells(marks))) + marks, room)


def _words(skeleton: Skeleton, line: _Line) -> str:
    kind = skeleton.kinds[skeleton.kind[line.row]]
    # Nobody said what it stands for, which is no fault.
    word = "span" if kind == Kind.UNKNOWN else kind
    words = [f"{SIGNS.get(kind, UNKNOWN_SIGN)} {word}", skeleton.names[skeleton.name[line.row]]]
    if skeleton.label[line.row]:
        words.append(skeleton.label[line.row])
    return line.branch + plain("  ".join(words))


def _marks(skeleton: Skeleton, row: int) -> list[str]:
    marks = ["(parent missing)"] if skeleton.parent[row] == _MISSING else []
    if skeleton.state[row]:
        marks.append(_STATES[skeleton.state[row]].value)
    if skeleton.status[row] == _ERROR:
        marks.append("✗ error")
    return marks


def _figures(skeleton: Skeleton, row: int) -> str:
    read, written = skeleton.input_tokens[row], skeleton.output_tokens[row]
    counted = read >= 0 or written >= 0
    nano = skeleton.cost_nano_usd[row]
    shown = (
        lasted(skeleton.duration[row], _STATES[skeleton.state[row]]),
        tokens(max(read, 0) + max(written, 0)) if counted else "",
        money(usd(nano * _PICO_PER_NANO)) if nano >= 0 else "",
    )
    return "".join(
        "  " + " " * (size - cells(text)) + text for size, text in zip(_FIGURES, shown, strict=True)
    )
