"""Runs that are cut, put away, and gone on with: crewAI leaves out their ends, and then starts."""

import pytest
from accounts import MENDED, errors, only

pytestmark = [pytest.mark.crew, pytest.mark.timeout(600)]

# What crewAI leaves open stays open for all that comes behind: the worst are last.
VARIANTS = (
    "flow_resumes",
    "crew_resumes",
    "crew_resumes_in_a_task",
    "crew_goes_on_in_a_task",
    "flow_pauses",
    "lone_agent_resumes",
    "lone_agent_resumes_async",
    "lone_agent_is_cancelled",
    "lone_agent_is_interrupted",
)


@pytest.mark.parametrize("variant", VARIANTS)
def test_each_span_ends_once_and_the_tokens_are_the_servers(run, variant):
    there = run(variant)

    assert there.recorded.left_open == ()
    assert there.traced_tokens() == there.tokens()


def test_a_flow_that_is_put_away_is_paused_and_its_second_half_another_trace(run):
    before, after = run("flow_pauses").trees

    paused = {span.attributes.get("telltale.crew.op") for span in before.spans}
    assert (paused, errors(before.spans)) == ({"paused"}, {""})
    assert [span.name for span in after.of_kind("method")] == ["write", "publish"]
    assert after.root.attributes["telltale.crew.op"] == "resumed"
    assert after.root.attributes["telltale.outputs"] == "published"


def test_a_flow_that_goes_on_from_a_checkpoint_does_again_only_what_failed(run):
    before, after = run("flow_resumes").trees

    assert [span.status for span in before.of_kind("method")] == ["unset", "error"]
    assert [span.name for span in after.of_kind("method")] == ["read"]
    assert (after.root.status, after.root.attributes["telltale.crew.op"]) == ("unset", "resumed")


def test_a_crew_that_goes_on_from_a_checkpoint_has_a_beginning(run):
    there = run("crew_resumes")

    ends = [
        *there.account.closed_by("crew_kickoff_failed"),
        *there.account.closed_by("crew_kickoff_completed"),
    ]
    assert ends == ["crew_kickoff_started"] * 2, MENDED
    assert there.account.types.count("crew_kickoff_started") == 1, MENDED
    sequence = [event.sequence for event in there.account.told]
    assert len(set(sequence)) < len(sequence), MENDED

    before, after = there.trees
    assert before.root.attributes["error.type"] == "InternalServerError"
    assert (after.root.status, after.root.attributes["telltale.crew.op"]) == ("unset", "resumed")
    crew_id = "telltale.crew.id"
    assert before.root.attributes[crew_id] == after.root.attributes[crew_id]
    assert [task.attributes["telltale.task.index"] for task in after.of_kind("task")] == [1]
    assert after.root.attributes["telltale.outputs"] == "Two."


def test_a_task_that_goes_on_in_its_middle_has_a_beginning(run):
    there = run("crew_goes_on_in_a_task")

    types = there.account.types
    assert (types.count("task_started"), types.count("task_completed")) == (2, 2), MENDED

    cut, after = there.trees
    assert errors(cut.spans) == {"", "KeyboardInterrupt"}
    agent = ("agent", [("llm (agent)", []), ("tool", []), ("llm (agent)", [])])
    assert after.shape() == ("crew (resumed)", [("task (resumed)", [agent])])
    assert only(after, "task").attributes["telltale.task.index"] == 1


def test_a_task_that_was_half_done_is_begun_again_where_its_agent_forgets(run):
    """crewAI keeps what was said, and gives it to nobody."""
    _, after = run("crew_resumes_in_a_task").trees

    agent = ("agent", [("llm (agent)", []), ("tool", []), ("llm (agent)", [])])
    assert after.shape() == ("crew (resumed)", [("task", [agent])])


def test_an_agent_without_a_crew_that_goes_on_has_a_beginning(run):
    there = run("lone_agent_resumes")

    types = there.account.types
    assert types.count("lite_agent_execution_started") == 1, MENDED

    cut, after = there.trees
    assert errors(cut.spans) == {"", "KeyboardInterrupt"}
    assert after.root.name == "Clerk"
    assert after.shape()[0] == "agent (resumed)"
    assert after.root.attributes["telltale.outputs"] == "It is 5."


def test_an_agent_without_a_crew_that_is_interrupted_ends(run):
    there = run("lone_agent_is_interrupted")

    assert there.account.unended("lite_agent_execution_started") == 1, MENDED

    assert there.tree.shape() == ("agent", [("llm (agent)", []), ("tool", [])])
    assert (there.tree.root.status, errors([there.tree.root])) == ("error", {"KeyboardInterrupt"})
