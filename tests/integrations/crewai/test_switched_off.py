"""Autolog is switched off while crews run: what was seen stays, and the program goes on."""

import json
from pathlib import Path

import pytest

from matrix import ROOT
from matrix.recorded import Recorded, run_program
from telltale.demo.scripted_llm import ScriptedLLM

pytestmark = [pytest.mark.crew, pytest.mark.timeout(300)]

PROGRAM = Path(__file__).parent / "switching.py"
CUT_OFF = "telltale.cut_off"
ANSWERS = {
    "in_a_tool": "Done.",
    "in_one_of_a_batch": ["Done.", "Done."],
    "beside_another_task": "Three.",
    "from_another_thread": "Done.",
    "in_a_flow": "Done.",
    "in_a_span_of_the_users": "Done.",
    "on_again": "Done.",
    "before_a_callback_fails": 'RuntimeError("the user\'s own")',
}
OPEN = {
    "in_a_tool": ["crew", "task", "agent", "tool"],
    "in_one_of_a_batch": ["chain", "crew", "task", "agent", "tool"],
    "beside_another_task": ["crew", "task", "agent", "llm", "task", "agent", "tool"],
    "from_another_thread": ["crew", "task", "agent", "llm"],
    "in_a_flow": ["flow", "method", "crew", "task", "agent", "tool"],
    "in_a_span_of_the_users": ["crew", "task", "agent", "tool"],
    "on_again": ["crew", "task", "agent", "tool"],
    "before_a_callback_fails": ["crew", "task", "agent", "tool"],
}
"""What was open when it was switched off."""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory) -> Recorded:
    with ScriptedLLM(port=0) as llm:
        ran = run_program(
            [str(PROGRAM)],
            tmp_path_factory.mktemp("off") / "ran",
            llm,
            PYTHONPATH=f"{ROOT / 'src'}:{ROOT}",
        )
    assert ran.returncode == 0, ran.stderr
    return ran


def test_nothing_stays_open_and_nothing_ends_twice(recorded):
    ids = [span.span_id for span in recorded.spans]

    assert [span.name for span in recorded.left_open] == []
    assert len(set(ids)) == len(ids)


def test_the_program_goes_on_undisturbed(recorded):
    lines = [line for line in recorded.stdout.splitlines() if line.startswith('{"name"')]
    told = {said["name"]: said["told"] for said in map(json.loads, lines)}

    assert told == ANSWERS
    assert "Telltale had a fault" not in recorded.stderr


@pytest.mark.parametrize("way", OPEN)
def test_what_was_open_says_that_it_was_cut_off_and_is_no_error(recorded, way):
    spans = recorded.of_experiment(way).spans
    cut = [span for span in spans if CUT_OFF in span.attributes]

    assert sorted(span.attributes["telltale.kind"] for span in cut) == sorted(OPEN[way])
    assert {span.attributes[CUT_OFF] for span in cut} == {"autolog was switched off"}
    assert {span.status for span in spans} == {"unset"}
    ends = {span.span_id: span.end_ns for span in cut}
    assert all(span.end_ns <= ends.get(span.parent_id, span.end_ns) for span in cut)


@pytest.mark.parametrize("way", OPEN)
def test_a_crew_behind_it_is_a_trace_of_its_own(recorded, way):
    (tree,) = recorded.of_experiment(f"after {way}").traces()

    kinds = [span.attributes["telltale.kind"] for span in tree.spans]
    assert sorted(kinds) == ["agent", "crew", "llm", "task"]
    assert not any(CUT_OFF in span.attributes for span in tree.spans)
