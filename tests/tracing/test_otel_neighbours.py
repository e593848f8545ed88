"""Other people's OpenTelemetry in the same process: not followed, not fed, not disturbed."""

import pytest
from opentelemetry import trace as otel
from opentelemetry.context import get_current
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags

import telltale
from programs import run_program


@pytest.fixture
def theirs():
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return provider.get_tracer("theirs"), exporter


def test_the_global_provider_and_context_are_left_alone(recording):
    provider, context = otel.get_tracer_provider(), get_current()
    with telltale.start_span("ours"):
        assert get_current() == context
        assert otel.get_current_span() is otel.INVALID_SPAN

    assert otel.get_tracer_provider() is provider


def test_a_foreign_parent_is_named_and_not_followed(recording, theirs):
    tracer, _ = theirs
    with (
        tracer.start_as_current_span("theirs") as foreign,
        telltale.start_span("ours"),
        telltale.start_span("child"),
    ):
        pass

    ours, child, context = recording.named("ours"), recording.named("child"), foreign.context
    assert ours.parent_id is None
    assert ours.trace_id != context.trace_id.to_bytes(16, "big")
    assert (
        ours.attributes["telltale.foreign_parent"]
        == f"{context.trace_id:032x}-{context.span_id:016x}"
    )
    assert "telltale.foreign_parent" not in child.attributes


def test_spans_of_others_within_ours_are_not_our_children_and_ours_not_theirs(recording, theirs):
    tracer, exporter = theirs
    with (
        tracer.start_as_current_span("outer"),
        telltale.start_span("ours"),
        tracer.start_as_current_span("inner"),
        telltale.start_span("ours too"),
    ):
        pass

    inner, outer = exporter.get_finished_spans()
    assert (inner.name, inner.parent.span_id) == ("inner", outer.context.span_id)
    assert recording.named("ours too").parent_id == recording.named("ours").span_id


@pytest.mark.parametrize("flags", [TraceFlags.DEFAULT, TraceFlags.SAMPLED])
def test_a_parent_that_others_did_not_sample_does_not_silence_us(recording, flags):
    context = SpanContext(7, 9, is_remote=True, trace_flags=TraceFlags(flags))
    with otel.use_span(NonRecordingSpan(context)), telltale.start_span("ours"):
        pass

    assert recording.one.attributes["telltale.foreign_parent"] == f"{7:032x}-{9:016x}"


def test_a_global_provider_that_drops_everything_does_not_reach_us(home):
    program = run_program(
        """
        from opentelemetry import trace
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
        trace.set_tracer_provider(TracerProvider(sampler=ALWAYS_OFF))
        import telltale
        with trace.get_tracer("x").start_as_current_span("theirs"):
            with telltale.start_span("ours"): pass
        """,
        home,
    )

    assert program.recording.names == ["ours"]
    assert ALWAYS_OFF is not None


@pytest.mark.parametrize("sampler", ["always_off", "traceidratio", "parentbased_always_off"])
def test_no_sampler_from_the_environment_thins_our_traces(home, sampler):
    program = run_program(
        "import telltale\nwith telltale.start_span('work'): pass",
        home,
        OTEL_TRACES_SAMPLER=sampler,
        OTEL_TRACES_SAMPLER_ARG="0",
    )

    assert program.recording.names == ["work"]


def test_no_limit_from_the_environment_cuts_our_spans(home):
    program = run_program(
        """
        import telltale
        with telltale.start_span("work") as span:
            span.set_outputs("x" * 5000)
            for n in range(300):
                span.set_attribute(f"a{n}", n)
                span.add_event(f"e{n}", {"a": 1, "b": "y" * 50})
        """,
        home,
        OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT="5",
        OTEL_ATTRIBUTE_COUNT_LIMIT="2",
        OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT="2",
        OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT="5",
        OTEL_SPAN_EVENT_COUNT_LIMIT="2",
        OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT="1",
        OTEL_SPAN_LINK_COUNT_LIMIT="1",
    )

    one = program.recording.one
    assert one.attributes["telltale.outputs"] == "x" * 5000
    assert len(one.attributes) == 302
    assert len(one.events) == 300
    assert one.events[0].attributes == {"a": 1, "b": "y" * 50}


DISABLED = """
import telltale
{before}
for n in range(3):
    with telltale.start_span("work") as span:
        span.set_outputs(n)
        with telltale.start_span("inner"): print(n)
telltale.update_current_trace(tags={{"a": "b"}})
"""


def test_otel_sdk_disabled_silences_us_with_one_warning(home):
    program = run_program(DISABLED.format(before=""), home, OTEL_SDK_DISABLED="true")

    assert (program.stdout, program.returncode) == ("0\n1\n2\n", 0)
    assert program.recording.reports == []
    (warning,) = program.stderr.splitlines()
    assert "CREWAI_DISABLE_TELEMETRY=true" in warning
    assert "ignore_otel_disabled=True" in warning


def test_otel_sdk_disabled_can_be_overruled_for_us_alone(home):
    program = run_program(
        DISABLED.format(before="telltale.configure(ignore_otel_disabled=True)")
        + "import os; print(os.environ['OTEL_SDK_DISABLED'])",
        home,
        OTEL_SDK_DISABLED="true",
    )

    assert program.stdout == "0\n1\n2\ntrue\n"
    assert program.recording.names == ["inner", "work"] * 3
    assert "OTEL_SDK_DISABLED" not in program.stderr


@pytest.mark.parametrize("value", ["false", "", "0", "1"])
def test_otel_sdk_disabled_means_true_and_nothing_else(home, value):
    program = run_program(DISABLED.format(before=""), home, OTEL_SDK_DISABLED=value)

    assert len(program.recording.spans) == 6
