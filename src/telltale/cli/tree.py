"""A trace drawn in a terminal: who did what, how long, for how many tokens and what money.

                                               TIME  TOKENS       COST
    ◎ crew  TripCrew                         27.6 s
    ├ ⚑ task  Find the best city…            10.2 s
    │ └ ☺ agent  City Selector                9.8 s
    │   ├ ◆ llm  → search(…)  Tokyo           812 ms   1.24k  $0.000544
    │   └ ⚒ tool  search  ✗ error             5.00 ms
    │     TimeoutError: no answer within 5 s

Colour only repeats what a sign or a word says already.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from telltale.cli.cells import ELLIPSIS, cells, fit, plain
from telltale.cli.figures import lasted, money, tokens
from telltale.cli.heading import PLAIN, RED, Failure, heading
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
_FIGURES = (13, 7, 11)
"""Cells for duration, tokens, cost; right-aligned, two cells apart."""
_HEADS = ("TIME", "TOKENS", "COST")
_YELLOW, _DIM, _BOLD = "\x1b[33m", "\x1b[2m", "\x1b[1m"
_STATES = (State.ENDED, State.RUNNING, State.LOST)
ERROR = 2
"""The status of a failed span in a skeleton."""
_MISSING = -2
_PICO_PER_NANO = 1000


_NO_FAILURES: Mapping[int, Failure] = {}


class _Line(msgspec.Struct, frozen=True):
    """One span's line: the branch that leads to it, and its row in the skeleton."""

    branch: str
    below: str
    """The branch of what stands beneath the line and belongs to it."""
    row: int
    model: str = ""
    """Of a call, where the trace has calls of its kind to another one."""


def draw(
    trace: Trace,
    skeleton: Skeleton,
    width: int,
    colour: bool,
    why: Mapping[int, Failure] = _NO_FAILURES,
    experiment: str = "",
) -> str:
    """The trace as lines of at most `width` cells, without a last newline.

    A heading, the names of the figures, then a line for each span. Beneath one that failed stands
    why, unless that stands beneath one inside of it, where it came from.

    Args:
        why: What is known of failures, by ordinal.
        experiment: The name of the trace's; empty where that is not known.
    """
    models = _models(skeleton)
    lines = [msgspec.structs.replace(line, model=models[line.row]) for line in _walk(skeleton)]
    widest = max((cells(_text(skeleton, line)) for line in lines), default=0)
    room = min(widest, max(23, width - sum(size + 2 for size in _FIGURES)))
    root = next((one for one, up in _ups(skeleton) if up < 0 and one in why), -1)
    drawn = list(heading(trace, skeleton, width, colour, why.get(root), experiment))
    if lines:
        heads = " " * room + _columns(_HEADS)
        drawn.append(f"{_DIM}{heads}{PLAIN}" if colour else heads)
    told, ordinals = _told_at(skeleton, why), skeleton.ordinals()
    for line in lines:
        drawn.append(_span(skeleton, line, room, colour))
        ordinal = ordinals[line.row]
        # Why the root failed stands in the heading already.
        if ordinal != root and (words := told.get(ordinal)):
            reason = fit(f"{line.below}{words}", width).rstrip()
            drawn.append(f"{RED}{reason}{PLAIN}" if colour else reason)
    return "\n".join(drawn)


def _ups(skeleton: Skeleton) -> Iterator[tuple[int, int]]:
    return zip(skeleton.ordinals(), skeleton.parent, strict=True)


def _told_at(skeleton: Skeleton, why: Mapping[int, Failure]) -> dict[int, str]:
    """What is told beneath which span: an exception that went up is told where it began."""
    told = {ordinal: failure.words for ordinal, failure in why.items()}
    parents = dict(_ups(skeleton))
    passed_on = {
        up for one, words in told.items() if (up := parents.get(one, -1)) in told
        and told[up] == words
    }  # fmt: skip
    return {ordinal: words for ordinal, words in told.items() if ordinal not in passed_on}


def _walk(skeleton: Skeleton) -> Iterator[_Line]:
    """Lines in reading order: children by time under their parents.

    A span whose parent is not stored stands at the top, marked. So does the earliest of spans
    that a damaged trace makes their own ancestors: every span is shown, and once.
    """
    rows = {ordinal: row for row, ordinal in enumerate(skeleton.ordinals())}
    starts = skeleton.starts()
    parents = {row: rows[of] for row, of in enumerate(skeleton.parent) if of in rows}
    in_time = sorted(rows.values(), key=lambda row: (starts[row], row))
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
            first = min(loop, key=lambda row: (starts[row], row))
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
        under = [child for child in children.get(row, ()) if child not in seen]
        yield _Line(branch, below + ("│ " if under else "  "), row)
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
    if skeleton.status[row] == ERROR:
        paint = RED
    elif skeleton.state[row]:
        paint = _YELLOW
    branch, rest = text[: len(line.branch)], text[len(line.branch) :]
    return f"{_DIM}{branch}{PLAIN}{paint}{rest}{PLAIN}{_DIM}{figures}{PLAIN}"


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
    if line.model:
        words.append(line.model)
    if skeleton.label[line.row]:
        words.append(skeleton.label[line.row])
    return line.branch + plain("  ".join(words))


def _models(skeleton: Skeleton) -> list[str]:
    """The model of each row; empty where all calls of its kind have the same, or it has none."""
    pairs = list(zip(skeleton.kind, skeleton.model, strict=True))
    counts = Counter(kind for kind, model in set(pairs) if model >= 0)
    return [
        skeleton.models[model] if model >= 0 and counts[kind] > 1 else "" for kind, model in pairs
    ]


def _marks(skeleton: Skeleton, row: int) -> list[str]:
    marks = ["(parent missing)"] if skeleton.parent[row] == _MISSING else []
    if skeleton.state[row]:
        marks.append(_STATES[skeleton.state[row]].value)
    if skeleton.status[row] == ERROR:
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
    return _columns(shown)


def _columns(texts: Sequence[str]) -> str:
    return "".join(
        "  " + " " * (size - cells(text)) + text for size, text in zip(_FIGURES, texts, strict=True)
    )
