"""A trace's row says what its spans add up to."""

from decimal import Decimal

import pytest
from store_records import record, trace_id

from telltale.nouns.message import Message, Reasoning, Text
from telltale.nouns.span import Kind, State, Status
from telltale.nouns.usage import Cost, Usage
from telltale.store.questions import ReadTrace

ONE = trace_id(1)
LLM = {"kind": Kind.LLM}


def written(store, *changes):
    store.write(changes)
    return store.read(ReadTrace(ONE))


def test_the_root_gives_name_kind_times_and_status(store):
    trace = written(
        store,
        record(span=2, parent=1, name="child", start_ms=-5, status=Status.ERROR),
        record(span=1, name="root", kind=Kind.CREW, start_ms=0, end_ms=20, status=Status.OK),
    )

    assert (trace.name, trace.kind, trace.status) == ("root", "crew", Status.OK)
    assert (trace.duration_us, trace.errors, trace.spans) == (20_000, 1, 2)


def test_the_earliest_span_stands_in_until_the_root_arrives(store):
    children = [
        record(span=2, parent=1, name="later", start_ms=5),
        record(span=3, parent=1, name="sooner", start_ms=3),
    ]
    assert written(store, *children).name == "sooner"
    assert written(store, record(span=1, name="root", start_ms=9)).name == "root"


def test_a_trace_runs_while_its_root_is_open(store):
    running = written(store, record(end_ms=None), record(span=2, parent=1))
    assert (running.state, running.duration_us) == (State.RUNNING, None)

    ended = written(store, record(end_ms=50), record(span=3, parent=1, end_ms=None))
    assert (ended.state, ended.duration_us) == (State.ENDED, 50_000)


def test_usage_is_summed_over_llm_and_embedding_spans_only(store):
    trace = written(
        store,
        record(span=1, kind=Kind.AGENT, usage=Usage(1000, 1000)),
        record(span=2, parent=1, **LLM, usage=Usage(10, 5, 4, 3, 2)),
        record(span=3, parent=1, kind=Kind.EMBEDDING, usage=Usage(7)),
        record(span=4, parent=1, kind=Kind.TOOL),
    )

    assert trace.usage == Usage(17, 5, 4, 3, 2)
    assert (trace.llm_calls, trace.tool_calls) == (1, 1)


def test_cost_is_exact_and_unknown_is_not_free(store):
    assert written(store, record(span=1)).cost_usd is None

    trace = written(
        store,
        record(span=2, parent=1, **LLM, cost=Cost(1, "p")),
        record(span=3, parent=1, **LLM, cost=Cost(999_999_999_999, "p")),
    )
    assert trace.cost_usd == "1"


def test_only_model_calls_that_ended_well_count_as_unpriced(store):
    trace = written(
        store,
        record(span=1, kind=Kind.AGENT),
        record(span=2, parent=1, **LLM),
        record(span=3, parent=1, kind=Kind.EMBEDDING),
        record(span=4, parent=1, **LLM, cost=Cost(0, "p")),
        record(span=5, parent=1, **LLM, status=Status.ERROR),
        record(span=6, parent=1, **LLM, end_ms=None),
        record(span=7, parent=1, **LLM, end_ms=None, state=State.LOST),
    )

    assert trace.unpriced_calls == 2


def test_sums_beyond_64_bits_stay_at_the_most_that_a_column_holds(store):
    most = 2**63 - 1
    trace = written(
        store,
        *(
            record(span=n, **LLM, usage=Usage(most, 2**80), cost=Cost(most, "p"))
            for n in range(1, 4)
        ),
    )

    assert (trace.usage.input_tokens, trace.usage.output_tokens) == (most, most)
    assert Decimal(trace.cost_usd) == Decimal(most) / 10**12


def test_facts_are_merged_and_the_span_that_ended_later_wins(store):
    trace = written(
        store,
        record(span=1, end_ms=30, user="ann", tags={"a": "root", "c": "only"}),
        record(span=2, parent=1, end_ms=40, session="late", tags={"a": "late", "b": "1"}),
        record(span=3, parent=1, end_ms=20, session="early", tags={"b": "0"}),
    )

    assert (trace.session, trace.user) == ("late", "ann")
    assert trace.tags == {"a": "late", "b": "1", "c": "only"}


def test_a_fact_that_a_span_no_longer_states_is_gone(store):
    written(store, record(tags={"a": "1", "b": "2"}, session="s"))
    trace = written(store, record(tags={"a": "1"}))

    assert (trace.tags, trace.session) == ({"a": "1"}, None)


INPUTS = {
    "inputs as they are": ({"inputs": '{"topic": "tea"}'}, '{"topic": "tea"}'),
    "what the user said last": (
        {
            "input_messages": (
                Message("system", (Text("be kind"),)),
                Message("user", (Text("first"),)),
                Message("user", (Text("one"), Text("two"))),
                Message("assistant", (Text("hm"),)),
            )
        },
        "one two",
    ),
    "one line": ({"inputs": "  a\n\tb\r\n c "}, "a b c"),
    "nothing": ({}, ""),
}


@pytest.mark.parametrize("said, preview", INPUTS.values(), ids=INPUTS)
def test_input_shows_what_the_root_was_given(store, said, preview):
    assert written(store, record(**said)).input == preview


def test_output_shows_the_answer_without_its_reasoning(store):
    answer = Message("assistant", (Reasoning("hm"), Text("Kyoto")))

    assert written(store, record(output_messages=(answer,))).output == "Kyoto"


def test_output_shows_what_was_recorded_rather_than_messages(store):
    answer = Message("assistant", (Text("Kyoto"),))

    assert written(store, record(outputs="said so", output_messages=(answer,))).output == "said so"


def test_a_long_preview_is_cut_visibly(store):
    trace = written(store, record(inputs="東京 " * 5000, outputs="x" * 240))

    assert len(trace.input) == 240
    assert trace.input.endswith("…")
    assert trace.output == "x" * 240


def test_previews_stay_while_other_spans_arrive(store):
    written(store, record(span=1, inputs="in", outputs="out"))
    trace = written(store, record(span=2, parent=1, inputs="other"))

    assert (trace.input, trace.output) == ("in", "out")


def test_a_clock_that_was_set_back_is_no_negative_duration(store):
    assert written(store, record(start_ms=10, end_ms=5)).duration_us == 0
