"""Small crews of every fate: what the trace says is what happened."""

from collections.abc import Callable

import msgspec
import pytest

from matrix.recorded import Recorded, Tree
from matrix.rounds import Round, perform
from matrix.versions import NEWEST

pytestmark = [pytest.mark.crew, pytest.mark.timeout(300)]

SCENARIOS = (
    "defined",
    "hello",
    "tool_is_used",
    "tool_raises",
    "model_fails",
    "model_is_busy_once",
    "streamed",
    "akickoff",
    "in_threads",
    "inside_a_span",
    "two_tasks_at_once",
    "interrupted",
    "flow_of_crews",
    "flow_awaits_a_crew",
    "flow_fails",
    "lone_agent",
)
PLAIN = ("crew", [("task", [("agent", [("llm (agent)", [])])])])


@pytest.fixture(scope="module")
def performed() -> Round:
    """One process that runs all the scenarios: importing crewAI is what takes its time."""
    ran = perform(NEWEST, SCENARIOS)
    assert ran.recorded.returncode == 0, ran.recorded.stderr
    return ran


@pytest.fixture
def recorded(performed) -> Recorded:
    return performed.recorded


@pytest.fixture
def trees(recorded) -> Callable[[str], list[Tree]]:
    return lambda scenario: recorded.of_experiment(scenario).traces()


def only(found: list) -> object:
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_trace_has_one_root_no_orphans_and_children_within_their_parents(trees, scenario):
    found = trees(scenario)

    assert found
    for tree in found:
        for span in tree.spans:
            for child in tree.children(span):
                assert span.start_ns <= child.start_ns <= child.end_ns <= span.end_ns


def test_nothing_stays_open(recorded):
    assert recorded.left_open == ()


def test_tokens_are_those_of_the_servers_log(recorded):
    llms = [span for tree in recorded.traces() for span in tree.of_kind("llm")]
    answered = [call for call in recorded.calls if call.kind == "chat" and call.status == 200]

    for key, counted in (("input_tokens", "input_tokens"), ("output_tokens", "output_tokens")):
        traced = sum(span.attributes.get(f"gen_ai.usage.{key}", 0) for span in llms)
        assert traced == sum(getattr(call, counted) for call in answered)


def test_the_result_is_what_the_crew_wrote(performed):
    told = performed.told

    assert told["hello"].result == "Hello, Ada."
    assert told["model_fails"].error.startswith("InternalServerError")
    assert told["interrupted"].error.startswith("KeyboardInterrupt")


def test_a_kickoff_is_crew_task_agent_and_call(trees):
    tree = only(trees("hello"))

    assert tree.shape() == PLAIN
    assert tree.root.attributes["telltale.inputs"] == '{"who":"Ada"}'
    assert tree.root.attributes["telltale.outputs"] == "Hello, Ada."
    assert only(tree.of_kind("agent")).name == "Clerk"


def test_runs_of_the_same_crew_share_its_definition_whatever_their_inputs(trees):
    first, again, twin, other = (
        tree.root.attributes["telltale.crew.definition"] for tree in trees("defined")
    )

    assert first == again == twin
    assert other != first
    assert len(first) == 16


def test_a_tool_stands_between_the_call_that_asked_for_it_and_the_next(trees):
    tree = only(trees("tool_is_used"))
    agent = only(tree.of_kind("agent"))

    names = [span.name for span in tree.children(agent)]
    asked, tool, _ = tree.children(agent)
    assert names == ["→ add(…)", "add", "→ final answer"]
    assert tool.attributes["gen_ai.tool.call.arguments"] == '{"a":2,"b":3}'
    assert tool.attributes["gen_ai.tool.call.result"] == "5"
    said = msgspec.json.decode(asked.attributes["gen_ai.output.messages"])
    assert said[0]["parts"][0]["id"] == tool.attributes["gen_ai.tool.call.id"]


def test_the_next_call_is_told_of_the_tool_in_the_words_of_the_first(trees):
    """crewAI's own event has that part of the conversation as reprs."""
    asked, told = only(trees("tool_is_used")).of_kind("llm")

    (said,) = msgspec.json.decode(asked.attributes["gen_ai.output.messages"])
    heard = msgspec.json.decode(told.attributes["gen_ai.input.messages"])
    calls = [part for m in heard for part in m["parts"] if part["type"] == "tool_call"]
    assert calls == said["parts"]
    assert calls[0]["name"] == "add"
    assert {"type": "tool_call_response", "response": "5", "id": calls[0]["id"]} in [
        part for message in heard for part in message["parts"]
    ]


def test_a_span_of_the_users_inside_a_tool_is_the_tools_child(trees):
    tree = only(trees("tool_is_used"))

    tool = only(tree.of_kind("tool"))
    assert [span.name for span in tree.children(tool)] == ["work inside the tool"]


def test_a_tool_that_raises_has_failed_and_the_crew_has_not(trees):
    tree = only(trees("tool_raises"))

    tool = only(tree.of_kind("tool"))
    assert (tool.status, tool.attributes["error.type"]) == ("error", "ValueError")
    assert "cannot work with ink" in tool.status_message
    assert tree.root.status == "unset"


def test_a_model_that_fails_fails_everything_around_it(trees):
    tree = only(trees("model_fails"))

    assert tree.shape() == PLAIN
    for span in tree.spans:
        assert (span.status, span.attributes["error.type"]) == ("error", "InternalServerError")


def test_a_model_that_was_busy_is_one_call_that_went_well(trees):
    tree = only(trees("model_is_busy_once"))

    assert tree.shape() == PLAIN
    assert {span.status for span in tree.spans} == {"unset"}


def test_a_streamed_call_tells_when_its_first_words_came(trees):
    call = only(only(trees("streamed")).of_kind("llm"))

    assert 0 < call.attributes["gen_ai.response.time_to_first_chunk"] < 10
    assert call.attributes["gen_ai.response.model"] == "gpt-4o-mini-2024-07-18"
    said = msgspec.json.decode(call.attributes["gen_ai.output.messages"])
    assert said[0]["parts"] == [{"type": "text", "content": "One word after another."}]


def test_an_asynchronous_kickoff_reads_the_same(trees):
    assert only(trees("akickoff")).shape() == PLAIN


def test_crews_in_threads_keep_to_their_own_traces(trees):
    found = trees("in_threads")

    assert sorted(tree.root.name for tree in found) == [f"crew {number}" for number in range(8)]
    for tree in found:
        assert tree.shape() == PLAIN
        assert tree.root.attributes["telltale.outputs"] == f"Hello {tree.root.name[-1]}."


def test_a_crew_inside_a_span_of_the_users_belongs_to_its_trace(trees):
    tree = only(trees("inside_a_span"))

    assert tree.shape() == ("chain", [PLAIN])
    said = tree.root.attributes
    assert (said["gen_ai.conversation.id"], said["user.id"]) == ("s-1", "ada")
    assert said["telltale.trace.tag.env"] == "test"


def test_tasks_at_the_same_time_are_siblings(trees):
    tree = only(trees("two_tasks_at_once"))

    first, second = tree.of_kind("task")
    assert tree.shape() == ("crew", PLAIN[1] * 2)
    assert second.attributes["telltale.task.context"] == [first.attributes["telltale.task.id"]]
    assert [span.attributes["telltale.task.index"] for span in (first, second)] == [0, 1]


def test_an_interrupted_crew_is_closed_with_what_interrupted_it(trees):
    tree = only(trees("interrupted"))

    for kind in ("crew", "task", "agent", "tool"):
        span = only(tree.of_kind(kind))
        assert (span.status, span.attributes["error.type"]) == ("error", "KeyboardInterrupt")


def test_a_flow_holds_its_methods_and_they_hold_their_crews(trees):
    tree = only(trees("flow_of_crews"))

    crews = ("crew", PLAIN[1])
    assert tree.shape() == (
        "flow",
        [("method", [crews]), ("method", []), ("method", [crews])],
    )
    ask, decide, act = tree.of_kind("method")
    assert [span.name for span in (tree.root, ask, decide, act)] == [
        "Errand",
        "ask",
        "decide",
        "act",
    ]
    assert tree.root.attributes["telltale.inputs"] == '{"errand":"milk"}'
    assert decide.attributes["telltale.outputs"] == "go"
    assert tree.root.attributes["telltale.outputs"] == "Two."


def test_a_crew_that_a_flow_awaits_belongs_to_the_method(trees):
    tree = only(trees("flow_awaits_a_crew"))

    assert tree.shape() == ("flow", [("method", [("crew", PLAIN[1])])])


def test_a_flow_that_fails_has_failed_with_its_method(trees):
    tree = only(trees("flow_fails"))

    for span in tree.spans:
        assert (span.status, span.attributes["error.type"]) == ("error", "ValueError")
    assert len(tree.spans) == 2


def test_an_agent_without_a_crew_is_a_trace_of_its_own(trees):
    tree = only(trees("lone_agent"))

    assert tree.shape() == (
        "agent",
        [("llm (agent)", []), ("tool", [("unknown", [])]), ("llm (agent)", [])],
    )
    assert tree.root.name == "Clerk"
    assert only(tree.of_kind("tool")).attributes["gen_ai.tool.call.id"]
