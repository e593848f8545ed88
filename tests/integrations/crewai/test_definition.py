"""A crew's definition: shared by all runs of a crew, and by no other crew's."""

from pathlib import Path

import pytest

from matrix import ROOT
from matrix.recorded import Recorded, run_program
from telltale.demo.scripted_llm import ScriptedLLM

pytestmark = [pytest.mark.crew, pytest.mark.timeout(600)]

PROGRAM = Path(__file__).parent / "definitions.py"
BUILDS = ("simple", "rich", "planned", "managed", "led")
WAYS = {
    "again": 2,
    "without_inputs": 3,
    "copied_before": 3,
    "copied_after": 4,
    "for_each": 7,
    "for_each_async": 6,
    "in_pieces": 2,
}
"""How many kickoffs each has."""
# Of one with a model for functions crewAI 1.15 refuses its own copies.
CASES = [*((build, way) for build in BUILDS for way in WAYS), ("calling", "again")]
CHANGES = 55


@pytest.fixture(scope="module")
def defined(tmp_path_factory):
    def perform(sort: str, **environment: str) -> dict[str, list[str]]:
        with ScriptedLLM(port=0) as llm:
            ran = run_program(
                [str(PROGRAM), sort],
                tmp_path_factory.mktemp(sort) / "ran",
                llm,
                timeout_s=500,
                PYTHONPATH=f"{ROOT / 'src'}:{ROOT}",
                **environment,
            )
        assert ran.returncode == 0, ran.stderr
        return definitions(ran)

    return perform


@pytest.fixture(scope="module")
def fresh(defined) -> dict[str, list[str]]:
    """Those of crews that have not run, and of others, of a process of their own."""
    return defined("fresh", PYTHONHASHSEED="1")


@pytest.fixture(scope="module")
def same(defined) -> dict[str, list[str]]:
    return defined("same", PYTHONHASHSEED="2")


def definitions(recorded: Recorded) -> dict[str, list[str]]:
    """By experiment, one a kickoff."""
    found: dict[str, list[str]] = {}
    for span in recorded.spans:
        if (said := span.attributes.get("telltale.crew.definition")) is not None:
            found.setdefault(span.experiment, []).append(said)
    return found


@pytest.mark.parametrize(("build", "way"), CASES)
def test_all_runs_of_a_crew_and_of_its_copies_share_it_also_with_another_process(
    fresh, same, build, way
):
    assert same[f"{build} {way}"] == fresh[f"{build} fresh"] * WAYS[way]


def test_keys_names_and_what_shapes_no_answer_are_not_in_it(fresh, same):
    assert same["simple keyed"] == fresh["simple fresh"] * 2


def test_whatever_shapes_the_answers_makes_another_of_it(fresh):
    changed = {name: said for name, said in fresh.items() if name.startswith("other: ")}

    by_definition: dict[str, list[str]] = {}
    for name, said in changed.items():
        assert len(said) == 1, name
        by_definition.setdefault(said[0], []).append(name)
    assert [names for names in by_definition.values() if len(names) > 1] == []
    assert len(changed) == CHANGES
