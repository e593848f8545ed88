"""The tree in the terminal: every span once, aligned, and honest about what went wrong."""

import pytest
from msgspec.structs import replace

from telltale.cli.cells import cells
from telltale.cli.heading import Failure
from telltale.cli.tree import draw
from telltale.nouns.span import State, Status
from telltale.nouns.trace import Skeleton, Trace, steps
from telltale.nouns.usage import Usage


def trace(**fields):
    defaults = {
        "trace_id": "a" * 32,
        "experiment_id": 0,
        "name": "TripCrew",
        "kind": "crew",
        "state": State.ENDED,
        "status": Status.OK,
        "errors": 0,
        "input": "",
        "output": "",
        "start_us": 0,
        "duration_us": 27_600_000,
        "spans": 4,
        "llm_calls": 2,
        "tool_calls": 1,
        "usage": Usage(26_000, 800),
        "cost_usd": "0.0057",
        "unpriced_calls": 0,
        "session": None,
        "user": None,
        "tags": {},
        "seq": 1,
    }
    return Trace(**(defaults | fields))


def skeleton(*rows):
    """A skeleton of rows `(parent, kind, name, {column: value})`, a millisecond apart."""
    columns = {
        "label": "", "state": 0, "status": 1, "duration": 5000, "input_tokens": -1,
        "cached_tokens": -1, "output_tokens": -1, "cost_nano_usd": -1, "model": -1,
    }  # fmt: skip
    kinds = tuple(dict.fromkeys(kind for _, kind, _, _ in rows))
    names = tuple(dict.fromkeys(name for _, _, name, _ in rows))
    filled = {
        column: tuple(given.get(column, default) for *_, given in rows)
        for column, default in columns.items()
    }
    starts = tuple(given.get("start", 1000 * row) for row, (*_, given) in enumerate(rows))
    return Skeleton(
        trace_id="a" * 32,
        seq=1,
        base_us=0,
        names=names,
        kinds=kinds,
        models=(),
        ordinal_step=steps(range(len(rows))),
        parent=tuple(parent for parent, *_ in rows),
        name=tuple(names.index(name) for _, _, name, _ in rows),
        kind=tuple(kinds.index(kind) for _, kind, _, _ in rows),
        start_step=steps(starts),
        **filled,
    )


TRIP = skeleton(
    (-1, "crew", "TripCrew", {"duration": 27_600_000}),
    (0, "task", "Find the best city", {"start": 5000}),
    (1, "llm", "→ search(…)", {"label": "东京", "input_tokens": 1200, "output_tokens": 40,
                                "cost_nano_usd": 544_000}),
    (1, "tool", "search", {"status": 2}),
    (0, "knowledge", "ingest", {"start": 4000}),
)  # fmt: skip


def test_a_trace_is_drawn_in_order_of_time_under_its_parents():
    assert draw(trace(errors=1), TRIP, 100, False).splitlines() == [
        f"trace {'a' * 32}  ok (1 error)",
        "27.6 s  4 spans  2 LLM calls  1 tool call  26.8k tokens  $0.00570",
        "                                       TIME   TOKENS         COST",
        "◎ crew  TripCrew                     27.6 s",
        "├ ☷ knowledge  ingest               5.00 ms",
        "└ ⚑ task  Find the best city        5.00 ms",
        "  ├ ◆ llm  → search(…)  东京        5.00 ms    1.24k    $0.000544",
        "  └ ⚒ tool  search  ✗ error         5.00 ms",
    ]


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_no_line_is_wider_than_the_terminal_and_figures_stay_aligned(width):
    long = skeleton(
        (-1, "crew", "旅" * 60, {"cost_nano_usd": 10**9}),
        (0, "llm", "x" * 300, {"cost_nano_usd": 10**9, "status": 2}),
    )
    _, _, _, *lines = draw(trace(), long, max(width, 60), False).splitlines()

    assert {cells(line) for line in lines} == {cells(lines[0])}
    assert cells(lines[0]) <= max(width, 60)
    assert "✗ error" in lines[1] and "…" in lines[1]


def test_what_runs_or_is_lost_or_has_no_parent_is_marked():
    drawn = draw(
        trace(state=State.RUNNING, status=Status.UNSET, duration_us=None),
        skeleton(
            (-1, "crew", "Crew", {"state": 1, "duration": -1, "status": 0}),
            (-2, "tool", "search", {"state": 2, "duration": -1, "status": 0}),
        ),
        100,
        False,
    )

    heading, _, _, crew, tool = drawn.splitlines()
    assert heading.endswith("running")
    assert crew.endswith("–") and "running" in crew
    assert "(parent missing)" in tool and "lost" in tool


def test_how_long_a_lost_span_lasted_is_a_lower_bound():
    """It was last heard of then, and may have gone on; the page says so, too."""
    drawn = draw(
        trace(state=State.LOST, status=Status.UNSET, duration_us=27_600_000),
        skeleton(
            (-1, "crew", "Crew", {"state": 2, "duration": 27_600_000, "status": 0}),
            (0, "tool", "search", {"duration": 3_840_000_000}),
            (0, "tool", "search", {"state": 2, "duration": 3_840_000_000, "status": 0}),
        ),
        100,
        False,
    )

    _, totals, _, crew, ended, lost = drawn.splitlines()
    assert totals.startswith("≥ 27.6 s  ")
    assert crew.endswith("  ≥ 27.6 s")
    assert ended.endswith("   1 h 04 min")
    assert lost.endswith(" ≥ 1 h 04 min")
    assert len({cells(line) for line in (crew, ended, lost)}) == 1


def test_spans_that_are_their_own_ancestors_are_drawn_once_with_what_is_below_them():
    loop = skeleton(
        (-1, "crew", "root", {}),
        (2, "llm", "a", {}),
        (3, "llm", "b", {}),
        (1, "llm", "c", {}),
        (2, "llm", "below b", {}),
        (5, "llm", "its own parent", {}),
    )

    drawn = draw(trace(), loop, 100, False).splitlines()[3:]

    assert [line.removesuffix("5.00 ms").rstrip() for line in drawn] == [
        "◎ crew  root",
        "? ◆ llm  a",
        "  └ ◆ llm  c",
        "    └ ◆ llm  b",
        "      └ ◆ llm  below b",
        "? ◆ llm  its own parent",
    ]


def test_a_trace_deeper_than_pythons_stack_is_drawn():
    deep = skeleton(*((row - 1, "chain", "step", {}) for row in range(3000)))

    assert len(draw(trace(), deep, 100, False).splitlines()) == 3003


def test_colour_repeats_and_adds_nothing():
    plain, coloured = (
        draw(trace(errors=1), TRIP, 100, False),
        draw(trace(errors=1), TRIP, 100, True),
    )

    for code in (0, 1, 2, 31, 33):
        coloured = coloured.replace(f"\x1b[{code}m", "")
    assert [line.rstrip() for line in coloured.splitlines()] == plain.splitlines()


def test_a_name_cannot_steer_the_terminal():
    nasty = skeleton((-1, "llm", "a\x1b[2Jb\nc\u202ed", {"label": "x\ty\x07"}))

    drawn = draw(trace(), nasty, 100, False)

    assert len(drawn.splitlines()) == 4
    assert not {"\x1b", "\x07", "\u202e", "\t"} & set(drawn)


def test_an_empty_trace_is_a_heading():
    assert len(draw(trace(spans=0), skeleton(), 100, False).splitlines()) == 2


def test_why_spans_failed_stands_once_where_it_began_and_in_the_heading():
    failed = {"status": 2}
    family = skeleton(
        (-1, "crew", "TripCrew", failed),
        (0, "task", "Find the best city", failed),
        (1, "tool", "search", failed),
        (1, "tool", "search", failed),
        (0, "task", "Book it", {}),
    )
    nope = Failure("ValueError", "nope\n東京")
    why = {0: nope, 1: nope, 2: nope, 3: Failure("", "no answer")}

    drawn = draw(trace(status=Status.ERROR, errors=4), family, 100, False, why).splitlines()

    assert drawn[0].endswith("  error (4 errors)")
    lines = [line.removesuffix("5.00 ms").split("  ✗")[0].rstrip() for line in drawn]
    assert [lines[2], *lines[4:]] == [
        "✗ ValueError: nope 東京",
        "◎ crew  TripCrew",
        "├ ⚑ task  Find the best city",
        "│ ├ ⚒ tool  search",
        "│ │   ValueError: nope 東京",
        "│ └ ⚒ tool  search",
        "│     no answer",
        "└ ⚑ task  Book it",
    ]


def test_the_heading_tells_what_a_trace_belongs_to_and_which_models_answered():
    calls = replace(skeleton((-1, "llm", "chat", {"model": 0})), models=("gpt-5-mini",))

    told = trace(session="chat-17", user="ada", tags={"env": "dev"})
    drawn = draw(told, calls, 120, False, experiment="CrewAI").splitlines()

    assert drawn[2] == (
        "experiment CrewAI  session chat-17  user ada  tags env=dev  model gpt-5-mini"
    )
    assert "gpt" not in drawn[4]


def test_a_call_names_its_model_where_others_of_its_kind_have_another():
    rows = [(-1, kind, "chat", {"model": model}) for kind, model in
            (("llm", 0), ("llm", 1), ("embedding", 2), ("llm", -1))]  # fmt: skip
    drawn = draw(trace(), replace(skeleton(*rows), models=("small", "large", "ada")), 120, False)

    lines = [line.split()[3] for line in drawn.splitlines()[4:]]
    assert lines == ["small", "large", "5.00", "5.00"]
