"""Whoever else traces crewAI in the same program: each records what it would record alone."""

import json
from typing import Any, NamedTuple

import pytest
from beside import PROGRAM

from matrix import ROOT
from matrix.recorded import Recorded, run_program
from telltale.demo.scripted_llm import ScriptedLLM

pytestmark = [pytest.mark.crew, pytest.mark.timeout(300)]

RUNS = ("tool_is_used", "model_is_busy_once", "flow_of_crews")
ALONE = ("+telltale", *RUNS, "-telltale", "same")
OTHERS = {
    "openinference": ("+openinference", *RUNS, "-openinference", "same"),
    "session": ("+session", *RUNS, "-session", "same"),
}
BOTH = {
    "ours first": ("+telltale", "+openinference", *RUNS, "-openinference", "-telltale", "same"),
    "theirs first": ("+openinference", "+telltale", *RUNS, "-telltale", "-openinference", "same"),
    "crewAI's session": ("+telltale", "+session", *RUNS, "-session", "-telltale", "same"),
}
# Theirs holds ours, and puts it back: nothing can be done about that but to do nothing in there.
CROSSED = ("+telltale", "+openinference", "-telltale", "hello", "-openinference", "hello")
AGAIN = ("+telltale", "hello", "-telltale")


class Told(NamedTuple):
    """What the program told of its steps, and what we have recorded meanwhile."""

    steps: tuple[str, ...]
    told: dict[int, dict[str, Any]]
    recorded: Recorded

    def part(self, steps: tuple[str, ...]) -> list[int]:
        """Numbers of the variants in these steps."""
        begin = next(
            at for at in range(len(self.steps)) if self.steps[at : at + len(steps)] == steps
        )
        return [number for number in range(begin, begin + len(steps)) if number in self.told]

    def ours(self, steps: tuple[str, ...]) -> list[Any]:
        """Shapes of our traces, variant by variant."""
        return [
            [tree.shape() for tree in self.recorded.of_experiment(str(number)).traces()]
            for number in self.part(steps)
            if "result" in self.told[number]
        ]

    def theirs(self, steps: tuple[str, ...]) -> list[Any]:
        """Names of the other tracer's spans, and of what each stands in."""
        (off,) = (n for n in self.part(steps) if self.steps[n] in ("-openinference", "-session"))
        return self.told[off]["theirs"]

    def results(self, steps: tuple[str, ...]) -> list[str]:
        return [self.told[n]["result"] for n in self.part(steps) if "result" in self.told[n]]

    def is_same(self, steps: tuple[str, ...]) -> bool:
        return self.told[self.part(steps)[-1]]["same"]


@pytest.fixture(scope="module")
def ran(tmp_path_factory) -> Told:
    steps = (*ALONE, *(step for part in (OTHERS | BOTH).values() for step in part))
    steps += (*CROSSED, *AGAIN)
    with ScriptedLLM(port=0) as llm:
        recorded = run_program(
            [PROGRAM, *steps],
            tmp_path_factory.mktemp("beside"),
            llm,
            PYTHONPATH=f"{ROOT / 'src'}:{ROOT}",
        )
    assert recorded.returncode == 0, recorded.stderr
    lines = [json.loads(line) for line in recorded.stdout.splitlines() if line.startswith("{")]
    return Told(steps, {line.pop("step"): line for line in lines}, recorded)


@pytest.mark.parametrize("beside", BOTH)
def test_our_traces_are_those_that_we_make_alone(ran, beside):
    assert all(ran.ours(ALONE))
    assert ran.ours(BOTH[beside]) == ran.ours(ALONE)
    assert ran.results(BOTH[beside]) == ran.results(ALONE)
    assert ran.recorded.left_open == ()


@pytest.mark.parametrize(
    ("beside", "alone"),
    [("ours first", "openinference"), ("theirs first", "openinference"),
     ("crewAI's session", "session")],
)  # fmt: skip
def test_their_traces_are_those_that_they_make_alone(ran, beside, alone):
    assert ran.theirs(OTHERS[alone])
    assert ran.theirs(BOTH[beside]) == ran.theirs(OTHERS[alone])


@pytest.mark.parametrize("steps", [ALONE, *BOTH.values()], ids=["alone", *BOTH])
def test_who_goes_in_turn_leaves_the_identical_functions(ran, steps):
    assert ran.is_same(steps)


def test_what_they_put_back_of_ours_records_nothing_and_is_no_second_tracer(ran):
    assert ran.ours(CROSSED) == [[], []]
    assert ran.ours(AGAIN) == [[("crew", [("task", [("agent", [("llm (agent)", [])])])])]]
