"""Spans by `with`: where they stand, what they say, and what they leave alone."""

import asyncio
import contextvars
import threading

import pytest

import telltale
from telltale.entities import SpanType
from telltale.nouns.errors import BadInput
from telltale.nouns.span import Kind, Status
from telltale.tracing.spans import begin


def test_a_span_inside_another_is_its_child(recording):
    with telltale.start_span("outer"), telltale.start_span("middle"):
        with telltale.start_span("first"):
            pass
        with telltale.start_span("second"):
            pass

    outer, middle = recording.named("outer"), recording.named("middle")
    assert recording.names == ["first", "second", "middle", "outer"]
    assert {span.trace_id for span in recording.spans} == {outer.trace_id}
    assert (outer.parent_id, middle.parent_id) == (None, outer.span_id)
    assert [recording.named(n).parent_id for n in ("first", "second")] == [middle.span_id] * 2


def test_one_after_another_are_traces_of_their_own(recording):
    for name in ("one", "two"):
        with telltale.start_span(name):
            pass

    assert len({span.trace_id for span in recording.spans}) == 2


def test_times_are_unix_nanoseconds_and_children_lie_within(recording):
    with telltale.start_span("outer"), telltale.start_span("inner"):
        pass

    inner, outer = recording.spans
    assert 1.7e18 < outer.start_ns <= inner.start_ns <= inner.end_ns <= outer.end_ns < 4e18


def test_a_start_is_written_before_its_end_with_the_same_ids(recording):
    with telltale.start_span("work"):
        (started,) = recording.reports
        assert started.end_ns is None

    start, end = recording.reports
    assert (start.trace_id, start.span_id, start.start_ns) == (
        end.trace_id,
        end.span_id,
        end.start_ns,
    )


def test_what_is_said_of_a_span_is_recorded(recording):
    with telltale.start_span("work", attributes={"count": 3}) as span:
        span.set_inputs({"city": "东京"})
        span.set_outputs("plain words")
        span.set_attribute("ok", True)
        span.set_attributes({"ratio": 0.5, "names": ["a", "b"], "deep": {"x": [1]}})
        span.add_event("halfway", {"step": 2})
        span.set_name("worked")
        span.set_status("OK")

    one = recording.one
    assert (one.name, one.status, one.scope) == ("worked", Status.OK, "telltale")
    assert one.attributes == {
        "telltale.kind": "unknown",
        "count": 3,
        "telltale.inputs": '{"city":"东京"}',
        "telltale.outputs": "plain words",
        "ok": True,
        "ratio": 0.5,
        "names": ["a", "b"],
        "deep": '{"x":[1]}',
    }
    assert [(event.name, event.attributes) for event in one.events] == [("halfway", {"step": 2})]


@pytest.mark.parametrize(
    ("span_type", "kind", "operation"),
    [
        (SpanType.LLM, Kind.LLM, "chat"),
        (SpanType.CHAT_MODEL, Kind.LLM, "chat"),
        (SpanType.AGENT, Kind.AGENT, "invoke_agent"),
        (SpanType.TOOL, Kind.TOOL, "execute_tool"),
        (SpanType.RETRIEVER, Kind.RETRIEVER, "retrieval"),
        (SpanType.EMBEDDING, Kind.EMBEDDING, "embeddings"),
        (SpanType.WORKFLOW, Kind.CHAIN, None),
        (SpanType.PARSER, Kind.CHAIN, None),
        (SpanType.CREW, Kind.CREW, "invoke_workflow"),
        (SpanType.UNKNOWN, Kind.UNKNOWN, None),
        ("tool", Kind.TOOL, "execute_tool"),
    ],
)
def test_a_span_type_is_a_kind_and_an_operation(recording, span_type, kind, operation):
    with telltale.start_span("work", span_type=span_type):
        pass

    attributes = recording.one.attributes
    assert attributes["telltale.kind"] == kind
    assert attributes.get("gen_ai.operation.name") == operation
    assert "telltale.span_type" not in attributes


def test_every_span_type_has_a_kind(recording):
    types = [value for name, value in vars(SpanType).items() if name.isupper()]
    for span_type in types:
        with telltale.start_span(span_type, span_type=span_type):
            pass

    unknown = {s.name for s in recording.spans if s.attributes["telltale.kind"] == "unknown"}
    assert unknown == {"UNKNOWN"}


def test_a_type_of_the_users_own_is_kept_as_a_word(recording):
    with telltale.start_span("work", span_type="BOOKING"):
        pass

    assert recording.one.attributes == {
        "telltale.kind": "unknown",
        "telltale.span_type": "BOOKING",
    }


def test_a_model_call_is_a_client_span(recording):
    with telltale.start_span("ask", span_type=SpanType.LLM):
        pass
    with telltale.start_span("think", span_type=SpanType.AGENT):
        pass

    assert [span.span_kind for span in recording.spans] == ["client", "internal"]


def test_the_type_may_be_said_later(recording):
    with telltale.start_span("work") as span:
        span.set_span_type(SpanType.TOOL)

    assert recording.one.attributes["telltale.kind"] == "tool"


@pytest.mark.parametrize("error", [ValueError("no rooms"), KeyboardInterrupt(), SystemExit(2)])
def test_an_exception_is_recorded_and_goes_on_its_way(recording, error):
    with pytest.raises(type(error)) as raised, telltale.start_span("work"):
        raise error

    assert raised.value is error
    one = recording.one
    (event,) = one.events
    assert (one.status, one.status_message) == (Status.ERROR, str(error))
    assert one.attributes["error.type"] == type(error).__name__
    assert event.name == "exception"
    assert event.attributes["exception.type"] == type(error).__name__
    assert event.attributes["exception.message"] == str(error)
    assert "test_span_context.py" in event.attributes["exception.stacktrace"]


def test_an_exception_that_was_caught_inside_leaves_the_span_well(recording):
    with telltale.start_span("work"):
        try:
            raise ValueError("never mind")
        except ValueError:
            pass

    assert (recording.one.status, recording.one.events) == (Status.UNSET, ())


def test_a_child_that_failed_does_not_fail_its_parent_by_itself(recording):
    with telltale.start_span("outer"):
        try:
            with telltale.start_span("inner"):
                raise ValueError("inner trouble")
        except ValueError:
            pass

    assert [(s.name, s.status) for s in recording.spans] == [("inner", "error"), ("outer", "unset")]


def test_a_status_that_is_none_says_what_is_one(recording):
    with telltale.start_span("work") as span, pytest.raises(BadInput, match="'OK'") as refused:
        span.set_status("FINE")

    assert (refused.value.given, refused.value.expected) == ("'FINE'", "'OK', 'ERROR' or 'UNSET'")


def test_the_active_span_is_the_innermost_open_one(recording):
    assert telltale.get_current_active_span() is None
    with telltale.start_span("outer") as outer:
        with telltale.start_span("inner") as inner:
            assert telltale.get_current_active_span() is inner
        assert telltale.get_current_active_span() is outer
    assert telltale.get_current_active_span() is None


def test_ending_twice_is_ending_once(recording):
    with telltale.start_span("work") as span:
        span.end()
        assert not span.is_open

    assert recording.names == ["work"]


def test_facts_about_the_trace_stand_on_the_current_span(recording):
    with telltale.start_span("outer"):
        with telltale.start_span("inner"):
            telltale.update_current_trace(
                tags={"customer": "acme", "n": 3}, metadata={"build": 7}, session_id="s1", user="u1"
            )
        telltale.update_current_trace(tags={"late": "yes"})

    assert recording.named("inner").attributes == {
        "telltale.kind": "unknown",
        "telltale.trace.tag.customer": "acme",
        "telltale.trace.tag.n": "3",
        "telltale.trace.tag.build": "7",
        "gen_ai.conversation.id": "s1",
        "user.id": "u1",
    }
    assert recording.named("outer").attributes["telltale.trace.tag.late"] == "yes"


def test_facts_about_no_trace_are_told_to_nobody(recording):
    telltale.update_current_trace(tags={"a": "b"})

    assert not recording.folder.exists()


def test_a_thread_begins_a_trace_of_its_own(recording):
    def work():
        with telltale.start_span("thread"):
            pass

    with telltale.start_span("main"):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    assert recording.named("thread").parent_id is None


def test_a_thread_with_the_context_copied_is_inside(recording):
    def work():
        with telltale.start_span("thread"):
            pass

    with telltale.start_span("main") as main:
        thread = threading.Thread(target=contextvars.copy_context().run, args=(work,))
        thread.start()
        thread.join()
        assert telltale.get_current_active_span() is main

    main, thread = recording.named("main"), recording.named("thread")
    assert (thread.trace_id, thread.parent_id) == (main.trace_id, main.span_id)


def test_tasks_that_run_at_once_do_not_adopt_each_others_spans(recording):
    async def work(number):
        with telltale.start_span(f"outer {number}"):
            await asyncio.sleep(0)
            with telltale.start_span(f"inner {number}"):
                await asyncio.sleep(0)

    async def main():
        with telltale.start_span("root"):
            await asyncio.gather(*(work(number) for number in range(5)))

    asyncio.run(main())

    root = recording.named("root")
    for number in range(5):
        outer, inner = (recording.named(f"{name} {number}") for name in ("outer", "inner"))
        assert (outer.parent_id, inner.parent_id) == (root.span_id, outer.span_id)


def test_a_span_that_is_left_in_another_context_disturbs_nobody_there(recording):
    """As async generators are that the event loop closes."""

    def opened():
        with telltale.start_span("opened elsewhere"):
            yield

    generator = opened()
    contextvars.Context().run(next, generator)
    with telltale.start_span("mine") as mine:
        generator.close()
        assert telltale.get_current_active_span() is mine

    assert recording.names == ["opened elsewhere", "mine"]


def test_a_root_of_the_past_may_be_given_its_time_and_links(recording):
    with telltale.start_span("ingestion") as ingestion:
        context = ingestion.otel.get_span_context()
    late = begin("crew", Kind.CREW, links=[context], link_text="knowledge", start_ns=5)
    late.end(9)

    crew = recording.named("crew")
    (link,) = crew.links
    assert (crew.start_ns, crew.end_ns) == (5, 9)
    assert (link.span_id, link.attributes) == (
        recording.named("ingestion").span_id,
        {"telltale.link": "knowledge"},
    )
