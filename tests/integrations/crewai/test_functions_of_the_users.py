"""What crews and agents call that is not theirs, and what they do before they say they begin."""

import pytest
from accounts import MENDED, errors, only

pytestmark = [pytest.mark.crew, pytest.mark.timeout(600)]

VARIANTS = (
    "callbacks_work",
    "guardrail_asks",
    "guardrail_raises",
    "guardrail_refuses",
    "lone_agent_remembers",
    "task_at_once_fails",
    "callback_of_a_step_fails",
    "callback_before_fails",
    "callback_after_fails",
)
HELPS = ("unknown", [("crew", [("task", [("agent", [("llm (agent)", [])])])])])


@pytest.mark.parametrize("variant", VARIANTS)
def test_each_span_ends_once_in_one_trace_and_the_tokens_are_the_servers(run, variant):
    there = run(variant)

    assert there.recorded.left_open == ()
    assert there.tree.root.parent_id is None
    assert there.traced_tokens() == there.tokens()


def test_what_is_called_before_a_kickoff_and_behind_it_belongs_to_its_crew(run):
    there = run("callbacks_work")

    begun = [event.parent_event_id for event in there.account.of("crew_kickoff_started")]
    assert begun.count(None) == 3, MENDED

    task = ("task", [("agent", [("llm (agent)", [])]), HELPS])
    assert there.tree.shape() == ("crew", [HELPS, task, HELPS])
    assert there.tree.root.attributes["telltale.inputs"] == '{"who":"Ada"}'


def test_a_function_that_fails_before_a_kickoff_fails_the_crew(run):
    there = run("callback_before_fails")

    assert "crew_kickoff_started" not in there.account.types, MENDED

    assert there.tree.shape() == ("crew", [])
    assert errors(there.tree.spans) == {"LookupError"}


def test_a_function_that_fails_behind_a_kickoff_fails_the_crew_and_nothing_in_it(run):
    there = run("callback_after_fails")

    types = there.account.types
    assert {"crew_kickoff_completed", "crew_kickoff_failed"} <= set(types), MENDED

    assert errors([there.tree.root]) == {"LookupError"}
    assert there.tree.root.attributes["telltale.outputs"] == "Hello."
    assert errors([one for one in there.tree.spans if one is not there.tree.root]) == {""}


def test_a_guardrail_that_asks_a_crew_and_a_model_holds_both(run):
    there = run("guardrail_asks")

    guardrail = only(there.tree, "guardrail")
    inside = [span.attributes["telltale.kind"] for span in there.tree.children(guardrail)]
    assert inside == ["crew", "llm"]
    assert guardrail.attributes["telltale.guardrail.passed"] is True
    assert there.tree.root.attributes["telltale.outputs"] == "It is."


def test_what_no_output_satisfies_fails_the_task_and_not_the_agents_who_tried(run):
    tree = run("guardrail_refuses").tree

    told = [span.attributes["telltale.guardrail.passed"] for span in tree.of_kind("guardrail")]
    assert told == [False, False]
    assert errors([tree.root, only(tree, "task")]) == {"Exception"}
    assert errors(tree.of_kind("agent")) == {""}


def test_an_agent_asked_by_itself_recalls_and_keeps_in_its_own_trace(run):
    there = run("lone_agent_remembers")

    types = there.account.types
    began = types.index("lite_agent_execution_started")
    assert types.index("memory_retrieval_started") < began, MENDED

    kinds = [span.attributes["telltale.kind"] for span in there.tree.children(there.tree.root)]
    assert kinds == ["memory", "llm", "llm", "memory"]


def test_a_task_at_once_that_fails_leaves_the_one_beside_it_alone(run):
    tree = run("task_at_once_fails").tree

    assert [span.attributes.get("error.type") for span in tree.of_kind("task")] == [
        "InternalServerError",
        None,
    ]
    assert errors([tree.root]) == {"InternalServerError"}


def test_a_guardrail_that_raises_has_failed_and_has_not_judged(run):
    tree = run("guardrail_raises").tree

    guardrail = only(tree, "guardrail")
    assert guardrail.attributes["error.type"] == "LookupError"
    assert "telltale.guardrail.passed" not in guardrail.attributes
