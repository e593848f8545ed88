"""Where crewAI's own account of a run is wrong, ours is right.

Each test first holds crewAI to its error. One that fails there, marked MENDED, tells that crewAI
has put it right: then what we do about it may go.
"""

import pytest
from accounts import MENDED, above, errors, only

pytestmark = [pytest.mark.crew, pytest.mark.timeout(600)]

# What crewAI leaves open stays open for all that comes behind: the worst are last.
VARIANTS = (
    "model_fails",
    "model_is_busy_once",
    "model_is_busy_for_long",
    "litellm_uses_a_tool",
    "functions_are_given",
    "own_model",
    "form_is_filled_in",
    "form_by_litellm",
    "human_input",
    "person_is_asked_by_the_users_own",
    "person_is_awaited_by_the_users_own",
    "flow_asks_a_person",
    "flow_asks_by_the_users_own",
    "flow_awaits_the_users_own",
    "conditional_skipped",
    "memory_is_kept",
    "knowledge_is_used",
    "time_runs_out",
    "remote_agent_async",
    "remote_agent_fails",
    "remote_agent_twice",
    "remote_agent",
    "agent_is_served",
    "agent_is_asked_by_a_crew",
    "agent_is_served_and_fails",
    "agent_is_served_and_cancelled",
    "hook_aborts",
    "cancelled",
    "interrupted",
    "program_ends",
    "hello",
)


@pytest.mark.parametrize("variant", VARIANTS)
def test_whatever_crewai_says_each_span_ends_once_and_the_tokens_are_the_servers(run, variant):
    there = run(variant)

    assert there.recorded.left_open == ()
    assert there.trees
    assert there.traced_tokens() == there.tokens()


def test_a_providers_error_that_is_told_twice_ends_the_call_alone(run):
    there = run("model_fails")

    ended = there.account.closed_by("llm_call_failed")
    assert ended == ["llm_call_started", "flow_started"], MENDED

    call = only(there.tree, "llm")
    assert above(there.tree, call) == ["agent", "task", "crew"]
    assert errors(there.tree.spans) == {"InternalServerError"}
    assert len(there.tree.spans) == 4


def test_the_call_after_a_429_stands_where_the_first_stood(run):
    there = run("model_is_busy_for_long")

    told = [there.account.parent(event) for event in there.account.of("llm_call_started")]
    assert told == ["flow_started", "agent_execution_started"], MENDED

    agent = only(there.tree, "agent")
    first, second = there.tree.children(agent)
    assert (first.status, first.attributes["error.type"]) == ("error", "RateLimitError")
    assert (second.status, agent.status, there.tree.root.status) == ("unset",) * 3


def test_a_clients_own_retries_are_told(run):
    there = run("model_is_busy_once")

    types = there.account.types
    assert (types.count("llm_call_started"), types.count("llm_call_failed")) == (1, 0), MENDED

    call = only(there.tree, "llm")
    assert [event.name for event in call.events] == ["telltale.attempt.failed"]
    assert call.status == "unset"


def test_litellms_turn_that_asks_for_a_tool_has_an_end(run):
    there = run("litellm_uses_a_tool")

    assert there.account.unended("llm_call_started") == 1, MENDED

    agent = only(there.tree, "agent")
    asked, tool, answered = there.tree.children(agent)
    assert [span.status for span in (asked, tool, answered)] == ["unset"] * 3
    assert asked.end_ns <= tool.start_ns
    assert asked.attributes["gen_ai.response.finish_reasons"] == ["tool_calls"]
    assert tool.attributes["gen_ai.tool.call.id"] in asked.attributes["gen_ai.output.messages"]


def test_a_call_that_runs_its_tool_itself_tells_what_it_used_and_which_call_it_was(run):
    there = run("functions_are_given")

    (told,) = there.account.of("llm_call_completed")
    assert (told.usage, told.finish_reason) == (None, None), MENDED

    call, tool = only(there.tree, "llm"), only(there.tree, "tool")
    assert above(there.tree, tool) == ["llm", "unknown"]
    assert call.attributes["gen_ai.response.finish_reasons"] == ["tool_calls"]
    assert tool.attributes["gen_ai.tool.call.id"] in call.attributes["gen_ai.output.messages"]


def test_a_model_class_of_the_users_is_a_call(run):
    there = run("own_model")

    assert "llm_call_started" not in there.account.types, MENDED

    call = only(there.tree, "llm")
    assert above(there.tree, call) == ["agent", "task", "crew"]
    assert call.attributes["gen_ai.request.model"] == "parrot"
    assert "Final Answer: Hello." in call.attributes["gen_ai.output.messages"]


def test_a_form_that_a_library_asks_for_is_a_call_of_its_task(run):
    there = run("form_is_filled_in")

    told = there.account.types.count("llm_call_started")
    assert (told, len(there.calls)) == (1, 2), MENDED

    _, form = there.tree.of_kind("llm")
    assert above(there.tree, form) == ["task", "crew"]
    assert form.attributes["gen_ai.response.model"] == "gpt-4o-mini-2024-07-18"


def test_a_form_by_litellm_tells_what_it_used(run):
    there = run("form_by_litellm")

    (told,) = there.account.of("llm_call_completed")
    assert told.usage is None, MENDED

    assert only(there.tree, "llm").attributes["gen_ai.usage.input_tokens"] > 0


def test_a_person_who_looks_at_an_output_is_waited_for(run):
    there = run("human_input")

    assert not [one for one in there.account.types if "human" in one or "input" in one], MENDED

    wait = only(there.tree, "human")
    assert above(there.tree, wait) == ["agent", "task", "crew"]


@pytest.mark.parametrize(
    "variant", ["person_is_asked_by_the_users_own", "person_is_awaited_by_the_users_own"]
)
def test_a_provider_of_the_users_is_waited_for_but_while_the_agent_works_again(run, variant):
    there = run(variant)

    assert not [one for one in there.account.types if "human" in one or "input" in one], MENDED

    found = there.tree.children(only(there.tree, "agent"))
    kinds = [span.attributes["telltale.kind"] for span in found]
    assert kinds == ["llm", "human", "llm", "human"]
    assert found[1].end_ns <= found[2].start_ns
    assert min(wait.end_ns - wait.start_ns for wait in found[1::2]) > 0.09e9


@pytest.mark.parametrize("variant", ["flow_asks_by_the_users_own", "flow_awaits_the_users_own"])
def test_a_provider_of_the_users_that_a_flow_asks_is_waited_for(run, variant):
    there = run(variant)

    assert "human_feedback_requested" not in there.account.types, MENDED

    wait = only(there.tree, "human")
    assert above(there.tree, wait) == ["method", "flow"]
    said = wait.attributes
    assert (said["telltale.inputs"], said["telltale.outputs"]) == ("Is it well?", "Well done.")


def test_a_person_whom_a_flow_asks_is_waited_for(run):
    there = run("flow_asks_a_person")

    assert there.account.unended("human_feedback_requested") == 1, MENDED

    wait = only(there.tree, "human")
    assert above(there.tree, wait) == ["method", "flow"]
    assert wait.attributes["telltale.outputs"] == "It is. [[say:yes]]"
    assert wait.end_ns <= only(there.tree, "llm").start_ns


def test_a_task_that_is_left_out_says_so(run):
    there = run("conditional_skipped")

    assert there.account.types.count("task_started") == 2, MENDED

    _, skipped, _ = there.tree.children(there.tree.root)
    assert skipped.attributes["telltale.crew.op"] == "skipped"
    assert skipped.attributes["telltale.task.index"] == 1
    assert (skipped.status, there.tree.children(skipped)) == ("unset", [])


def test_memories_that_are_written_when_their_agent_has_ended_belong_to_its_task(run):
    there = run("memory_is_kept")

    saves = there.account.of("memory_save_started")
    assert {there.account.parent(save) for save in saves} == {"agent_execution_started"}, MENDED
    assert any(there.account.ends_late(save) for save in saves), MENDED

    writes = [
        s for s in there.tree.of_kind("memory") if s.attributes["telltale.crew.op"] == "write"
    ]
    assert [above(there.tree, write) for write in writes] == [["task", "crew"]] * 2
    assert max(write.end_ns for write in writes) <= there.tree.root.end_ns


@pytest.mark.parametrize("variant", ["memory_is_kept", "knowledge_is_used"])
def test_embeddings_are_spans(run, variant):
    there = run(variant)

    assert not [one for one in there.account.types if "embed" in one], MENDED

    asked = [call for call in there.calls if call.kind == "embedding"]
    traced = [span for tree in there.trees for span in tree.of_kind("embedding")]
    used = sorted(span.attributes["gen_ai.usage.input_tokens"] for span in traced)
    assert used == sorted(call.input_tokens for call in asked)


def test_knowledge_that_is_taken_in_is_a_span_that_its_crew_points_to(run):
    there = run("knowledge_is_used")

    assert not [one for one in there.account.types if "ingest" in one or "source" in one], MENDED

    taken_in, crew = there.trees
    assert taken_in.root.attributes["telltale.crew.op"] == "ingest"
    (link,) = crew.root.links
    assert link.span_id == taken_in.root.span_id


def test_an_agent_whose_time_runs_out_has_failed_by_that_and_its_call_has_not(run):
    tree = run("time_runs_out").tree

    above_the_call = [only(tree, kind) for kind in ("crew", "task", "agent")]
    assert errors(above_the_call) == {"TimeoutError"}
    assert only(tree, "llm").status == "unset"


def test_a_remote_agent_is_asked_by_the_task_and_ends_nothing_but_itself(run):
    there = run("remote_agent")

    ended = [
        there.account.closed_by(kind)
        for kind in ("a2a_delegation_completed", "a2a_conversation_completed", "task_completed")
    ]
    assert ended == [["a2a_conversation_started"], ["task_started"], ["crew_kickoff_started"]], (
        MENDED
    )

    agent = ("agent", [("llm (agent)", [])])
    assert there.tree.shape() == ("crew", [("task", [agent, ("agent (delegate)", [])])])
    asked = there.tree.of_kind("agent")[1]
    said = asked.attributes
    assert (asked.name, asked.status) == ("Counter", "unset")
    assert said["telltale.a2a.endpoint"].endswith("/.well-known/agent-card.json")
    assert (said["telltale.a2a.turn"], said["telltale.a2a.state"]) == (1, "completed")
    assert said["telltale.outputs"] == "2 words"


def test_the_same_by_coroutines(run):
    there = run("remote_agent_async")

    assert there.account.closed_by("a2a_conversation_completed") == ["a2a_delegation_started"], (
        MENDED
    )

    assert there.tree.shape() == run("remote_agent").tree.shape()


def test_turns_of_a_conversation_stand_beside_what_was_thought_between_them(run):
    there = run("remote_agent_twice")

    assert there.account.closed_by("a2a_conversation_completed") == ["task_started"], MENDED

    task = only(there.tree, "task")
    names = [span.name for span in there.tree.children(task)]
    assert names == ["Clerk", "Counter", "Clerk", "Counter", "Clerk"]
    turns = [span.attributes for span in there.tree.children(task) if span.name == "Counter"]
    assert [turn["telltale.a2a.turn"] for turn in turns] == [1, 2]
    assert turns[0]["telltale.a2a.context"] == turns[1]["telltale.a2a.context"]


def test_a_remote_agent_that_fails_has_failed_and_the_crew_has_not(run):
    there = run("remote_agent_fails")

    (told,) = there.account.of("a2a_conversation_completed")
    assert told.status == "completed", MENDED

    asked = there.tree.of_kind("agent")[1]
    assert (asked.status, asked.attributes["error.type"]) == ("error", "RemoteAgentFailure")
    assert (asked.status_message, there.tree.root.status) == ("2 words", "unset")


def test_an_agent_that_answers_from_a_server_does_a_task_that_no_crew_gave(run):
    there = run("agent_is_served")

    assert "task_started" not in there.account.types, MENDED

    agent = ("agent", [("llm (agent)", []), ("tool", [("unknown", [])]), ("llm (agent)", [])])
    assert there.tree.shape() == ("task (serve)", [agent])
    said = there.tree.root.attributes
    assert (there.tree.root.name, said["telltale.outputs"]) == ("serve Answerer", "It is 5.")
    assert said["telltale.inputs"].startswith("Add. [[call:add")


def test_who_asks_and_who_answers_name_the_same_conversation(run):
    asking, answering = run("agent_is_asked_by_a_crew").trees

    delegation = asking.of_kind("agent")[1].attributes
    answer = answering.root.attributes
    assert answer["telltale.a2a.context"] == delegation["telltale.a2a.context"]
    assert answer["telltale.outputs"] in delegation["telltale.outputs"]


@pytest.mark.parametrize(
    ("variant", "error"),
    [
        ("agent_is_served_and_fails", "InternalServerError"),
        ("agent_is_served_and_cancelled", "CancelledError"),
    ],
)
def test_what_a_served_agent_did_not_finish_has_failed_with_its_cause(run, variant, error):
    there = run(variant)

    assert there.account.types.count("agent_execution_completed") == 0
    assert errors([there.tree.root, only(there.tree, "agent")]) == {error}


def test_a_hook_that_aborts_ends_the_agent_too(run):
    there = run("hook_aborts")

    assert "agent_execution_error" not in there.account.types, MENDED
    assert there.account.closed_by("task_failed") == ["agent_execution_started"], MENDED

    assert there.tree.shape() == ("crew", [("task", [("agent", [])])])
    assert errors(there.tree.spans) == {"HookAborted"}


@pytest.mark.parametrize(
    ("variant", "error"),
    [
        ("cancelled", "CancelledError"),
        ("interrupted", "KeyboardInterrupt"),
        ("program_ends", "SystemExit"),
    ],
)
def test_what_is_broken_off_ends_with_what_broke_it_off(run, variant, error):
    there = run(variant)

    open_ones = ("flow_started", "agent_execution_started", "task_started", "crew_kickoff_started")
    assert [there.account.unended(kind) for kind in open_ones] == [1] * 4, MENDED

    broken = [span for span in there.tree.spans if span.attributes["telltale.kind"] != "llm"]
    assert errors(broken) == {error}
    assert only(there.tree, "llm").status == "unset"  # It was answered, and paid for.


def test_a_crew_after_one_that_was_broken_off_does_not_hang_below_it(run):
    there = run("hello")

    (started,) = there.account.of("crew_kickoff_started")
    assert started.parent_event_id is not None, MENDED

    assert there.tree.root.name == "small"
    assert errors(there.tree.spans) == {""}
