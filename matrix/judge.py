"""Hold what was recorded of a variant against what happened: its result, and the model's log."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from matrix.recorded import Recorded, Tree
from matrix.whole import whole
from telltale.demo.scripted_llm import Call
from telltale.nouns.span import RawSpan

USAGE = {
    "gen_ai.usage.input_tokens": "input_tokens",
    "gen_ai.usage.cache_read.input_tokens": "cached_tokens",
    "gen_ai.usage.cache_write.input_tokens": "cache_write_tokens",
    "gen_ai.usage.output_tokens": "output_tokens",
    "gen_ai.usage.reasoning.output_tokens": "reasoning_tokens",
}
KINDS: dict[str, dict[str, int]] = {
    "for_each": {"crew": 3, "chain": 1},
    "for_each_async": {"crew": 3, "chain": 1},
    "akickoff_for_each": {"crew": 3, "chain": 1},
    "guardrail_passes_at_last": {"guardrail": 2},
    "guardrail_by_model": {"guardrail": 1},
    "human_input": {"human": 1},
    "person_is_asked_by_the_users_own": {"human": 2},
    "person_is_awaited_by_the_users_own": {"human": 2},
    "flow_asks_a_person": {"human": 1},
    "conditional_skipped": {"task": 3},
    "remote_agent": {"agent": 2},
    "remote_agent_async": {"agent": 2},
    "remote_agent_twice": {"agent": 5},
    "remote_agent_fails": {"agent": 3},
    "planning": {"plan": 1},
    "reasoning": {"plan": 1},
    "own_model": {"llm": 1},
    "callbacks_work": {"crew": 4},
    "guardrail_asks": {"guardrail": 1, "crew": 2},
    "guardrail_refuses": {"guardrail": 2},
    "guardrail_raises": {"guardrail": 1},
    "lone_agent_remembers": {"memory": 2},
    "memory_is_kept": {"memory": 4},
    "knowledge_is_used": {"knowledge": 2},
    "tool_of_a_server": {"tool": 2},
    "hierarchical": {"agent": 2, "tool": 1},
}
"""How many spans of a kind there must be at least, where crewAI's own words do not tell of them."""
RESUMED = (
    "crew_resumes",
    "crew_resumes_in_kickoff",
    "crew_resumes_in_a_task",
    "crew_goes_on_in_a_task",
    "lone_agent_resumes",
    "lone_agent_resumes_async",
    "flow_resumes",
    "flow_pauses",
)
"""Two runs, the first of which did not get to its end."""
RUNS = {
    "twice": 2,
    "defined": 4,
    "in_threads": 8,
    "on_one_loop": 8,
    "replay": 2,
    "knowledge_is_used": 2,
    "agent_is_asked_by_a_crew": 2,
    **dict.fromkeys(RESUMED, 2),
}
"""Traces of a variant; one where it is not listed. Knowledge is taken in before its crew starts."""
OF_NO_SERVER = {"own_model": 1}
"""LLM spans that no call of a server's stands for."""
READ_LATER = (
    "crew_streams_behind_its_request",
    "crews_stream_on_a_loop",
    "crews_stream_one_by_one",
    "flow_streams_behind_its_request",
)
"""What runs when its words are read: behind the span that it was asked for in."""
_GIVEN_UP = "CancelledError"
"""A model's call goes on after it, in its thread: it is answered, and paid for."""
CAUSES = {"TimeoutError": _GIVEN_UP, "Refused": "InternalServerError"}
"""What a run may be ended by inside, where its caller sees something else."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a variant said of itself."""

    name: str
    result: str | None = None
    error: str | None = None
    """Type and words of the exception that it ended with."""
    lacks: str | None = None
    """What this version has not; nothing was run then."""


class Verdict(msgspec.Struct, frozen=True):
    """What became of one variant in one version."""

    name: str
    lacks: str = ""
    spans: int = 0
    wrong: tuple[str, ...] = ()


def judge(told: Told, plain: Told, recorded: Recorded, calls: Sequence[Call]) -> Verdict:
    """Every promise of a trace, held against one variant.

    Args:
        plain: What the same variant says without autolog.
        recorded: Its experiment alone.
        calls: The model server's log from its beginning to its end.
    """
    if told.lacks is not None:
        return Verdict(told.name, told.lacks)
    wrong = [*_result(told, plain), *_ends(recorded)]
    try:
        trees = recorded.traces()
    except AssertionError as error:
        wrong.append(f"no tree: {error}")
    else:
        wrong += [
            *_runs(told, trees),
            *_times(told, trees),
            *_fate(told, trees),
            *_calls(told.name, trees, calls),
        ]
        wrong += [*_kinds(told, recorded.spans), *_told_twice(recorded.spans)]
        wrong += _reprs(recorded.spans)
    return Verdict(told.name, "", len(recorded.spans), tuple(wrong))


def _result(told: Told, plain: Told) -> list[str]:
    same = (told.result, told.error) == (plain.result, plain.error)
    return [] if same else [f"answers {told.result or told.error!r} in place of {plain.result!r}"]


def _ends(recorded: Recorded) -> list[str]:
    return [f"{span.name!r} never ends" for span in recorded.left_open]


def _runs(told: Told, trees: list[Tree]) -> list[str]:
    runs = RUNS.get(told.name, 1)
    if len(trees) == runs:
        return []
    return [f"{len(trees)} traces for {runs}: {', '.join(sorted({t.root.name for t in trees}))}"]


def _kinds(told: Told, spans: Sequence[RawSpan]) -> list[str]:
    there = Counter(span.attributes["telltale.kind"] for span in spans)
    return [
        f"{there[kind]} {kind} spans of {count}"
        for kind, count in KINDS.get(told.name, {}).items()
        if there[kind] < count
    ]


def _told_twice(spans: Sequence[RawSpan]) -> list[str]:
    return [
        f"{span.name!r} tells of one error twice"
        for span in spans
        if sum(event.name == "exception" for event in span.events) > 1
    ]


def _reprs(spans: Sequence[RawSpan]) -> list[str]:
    return [
        f"{span.name!r} has a repr for its {key}"
        for span in spans
        for key, value in span.attributes.items()
        if " object at 0x" in str(value)
    ]


def _times(told: Told, trees: list[Tree]) -> list[str]:
    return [
        f"{child.name!r} is outside of {span.name!r}"
        for tree in trees
        for span in tree.spans
        for child in tree.children(span)
        if not (told.name in READ_LATER and span is tree.root)
        and not (span.start_ns <= child.start_ns and _end(child) <= _end(span))
        and not (_is_background(child) or _is_background(span))
        and span.attributes.get("error.type") != _GIVEN_UP
    ]


def _fate(told: Told, trees: list[Tree]) -> list[str]:
    ended_by = (told.error or "").partition(":")[0]
    expected = {ended_by, CAUSES.get(ended_by, ended_by)}
    last = trees[-1:] if told.name in RESUMED else trees
    found = [str(tree.root.attributes.get("error.type", "")) for tree in last]
    ends = [kind for kind in found if kind] or [""]
    if expected.intersection(ends):
        return []
    return [f"ended by {ends[0] or 'nothing'}, not {ended_by!r}"]


def _calls(name: str, trees: list[Tree], calls: Sequence[Call]) -> list[str]:
    spans = [span for tree in trees for span in tree.spans]
    llms = [span for span in spans if span.attributes["telltale.kind"] == "llm"]
    tools = [span for span in spans if span.attributes["telltale.kind"] == "tool"]
    embeddings = [
        span
        for span in spans
        if span.attributes["telltale.kind"] == "embedding" and span.status != "error"
    ]
    chats = [call for call in calls if call.kind == "chat"]
    # What an answer that broke off has cost is known in part, or not at all.
    broken = [call for call in chats if call.cut]
    answered = [call for call in chats if call.status == 200 and not call.cut]
    # An answer to a caller who had hung up by then was heard by nobody.
    unheard = sum(span.attributes.get("error.type") == _GIVEN_UP for span in llms)
    answered = answered[: len(answered) - unheard]
    asked = [call for call in calls if call.kind == "embedding" and call.status == 200]
    went_well = [span for span in llms if span.status != "error"]
    wrong = []
    most = len(answered) + OF_NO_SERVER.get(name, 0)
    # An answer that broke off may have been enough for who asked.
    if not most <= len(went_well) <= most + len(broken):
        wrong.append(f"{len(went_well)} LLM spans for {len(answered)} answers")
    if len(embeddings) != len(asked):
        wrong.append(f"{len(embeddings)} embeddings of {len(asked)}")
    for attribute, field in USAGE.items():
        traced = sum(int(span.attributes.get(attribute, 0)) for span in llms)
        spent = sum(getattr(call, field) for call in answered)
        if not spent <= traced <= spent + sum(getattr(call, field) for call in broken):
            wrong.append(f"{field} {traced} of {spent}")
    return [*wrong, *whole(llms, tools, answered, len(chats) - len(answered) - unheard)]


def _end(span: RawSpan) -> int:
    assert span.end_ns is not None
    return span.end_ns


def _is_background(span: RawSpan) -> bool:
    """Memories may be written after their task has ended, and crewAI's own word that they are."""
    return span.attributes.get("telltale.crew.op") == "write"
