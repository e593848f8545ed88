"""What people do with crewAI has the trace that it should have; `make matrix` has every version."""

import pytest

from matrix.judge import Verdict
from matrix.rounds import run
from matrix.variants import names
from matrix.versions import NEWEST, OLDEST

pytestmark = [pytest.mark.crew, pytest.mark.timeout(600)]

ON_THE_OLDEST = (
    "hello",
    "kickoff_async",
    "for_each",
    "two_tasks_at_once",
    "hierarchical",
    "model_fails",
    "tool_is_used",
    "tool_raises",
    "interrupted",
    "flow_of_crews",
)


@pytest.fixture(scope="module")
def on_the_newest() -> dict[str, Verdict]:
    return {verdict.name: verdict for verdict in run(NEWEST, names())}


@pytest.fixture(scope="module")
def on_the_oldest() -> dict[str, Verdict]:
    return {verdict.name: verdict for verdict in run(OLDEST, ON_THE_OLDEST)}


@pytest.mark.parametrize("name", names())
def test_the_newest_version_does_it_and_its_trace_says_so(on_the_newest, name):
    verdict = on_the_newest[name]

    assert (verdict.lacks, verdict.wrong) == ("", ())
    assert verdict.spans > 0


@pytest.mark.parametrize("name", ON_THE_OLDEST)
def test_the_oldest_version_does_it_and_its_trace_says_so(on_the_oldest, name):
    verdict = on_the_oldest[name]

    assert (verdict.lacks, verdict.wrong) == ("", ())
    assert verdict.spans > 0
