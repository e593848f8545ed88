"""What the user's handle stands for is a span of OpenTelemetry's SDK, cheaper to make."""

import pytest
from opentelemetry.attributes import BoundedAttributes
from opentelemetry.sdk.trace import Span
from opentelemetry.trace import SpanKind, set_span_in_context

import telltale
from telltale.tracing.state import TRACING


class Held(dict):
    """Not the dict that we know."""


class OtherAttributes(BoundedAttributes):
    """Attributes of an SDK that keeps them in another way."""

    @property
    def _dict(self):
        return self.held

    @_dict.setter
    def _dict(self, held):
        self.held = Held(held)


def test_it_is_a_span_of_the_sdk_and_says_what_was_said(recording):
    with telltale.start_span("work", attributes={"city": "Kyoto", "names": ["a", "b"]}) as span:
        assert isinstance(span.otel, Span)
        assert span.otel.is_recording()
        span.otel.set_attribute("said", "to OpenTelemetry")

    assert not span.otel.is_recording()
    assert span.otel.attributes == {
        "telltale.kind": "unknown",
        "city": "Kyoto",
        "names": ("a", "b"),
        "said": "to OpenTelemetry",
    }
    assert recording.one.attributes == {**span.otel.attributes, "names": ["a", "b"]}
    assert (recording.one.start_ns, recording.one.end_ns) == (
        span.otel.start_time,
        span.otel.end_time,
    )


def test_a_span_by_opentelemetrys_own_interface_is_recorded_like_any_other(recording):
    tracer = TRACING.tracer()
    with telltale.start_span("outer") as outer:
        context = set_span_in_context(outer.otel)
        with tracer.start_as_current_span("inner", context, SpanKind.CLIENT, {"n": [1, 2]}):
            pass
    tracer.start_span("alone").end()

    inner, alone = recording.named("inner"), recording.named("alone")
    assert (inner.parent_id, inner.span_kind) == (recording.named("outer").span_id, "client")
    assert (inner.attributes, alone.parent_id) == ({"n": "[1,2]"}, None)


ODD = {"none": None, "counts": [1, 2], "mixed": ["a", 1], "": "nameless", "raw": b"x", "n": 1}


@pytest.mark.parametrize("said", [ODD, {"n": 1, "names": ("a", "b")}, {"s": ("a", 1)}])
def test_what_is_said_to_it_is_kept_as_the_sdk_keeps_it(recording, said):
    with telltale.start_span("work") as span:
        before = dict(span.otel.attributes)
        span.otel.set_attributes(said)
        kept = {key: v for key, v in span.otel.attributes.items() if key not in before}

    assert kept == dict(BoundedAttributes(attributes=said, immutable=False))


def test_the_end_is_recorded_once(recording):
    with telltale.start_span("work") as span:
        span.otel.end()
        span.otel.end()

    assert len(recording.spans) == 1


def test_the_names_of_the_sdk_that_make_a_span_cheap_are_there(recording):
    with telltale.start_span("work") as span:
        assert type(span.otel._attributes._dict) is dict
    assert Span._readable_span(span.otel).name == "work"


@pytest.mark.parametrize("is_known", [True, False])
def test_without_them_a_span_says_the_same(recording, monkeypatch, is_known):
    if not is_known:
        monkeypatch.setattr("opentelemetry.sdk.trace.BoundedAttributes", OtherAttributes)
    with telltale.start_span("work", attributes={"city": "Kyoto"}) as span:
        span.set_outputs("done")

    assert recording.one.attributes == {
        "telltale.kind": "unknown",
        "city": "Kyoto",
        "telltale.outputs": "done",
    }
