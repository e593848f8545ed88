"""A span that still runs says what it does; one that has ended says no more."""

import logging

import telltale
from telltale.tracing.state import TRACING


def test_a_running_span_shows_what_it_was_given(recording):
    with telltale.start_span("work", attributes={"city": "東京"}):
        (started,) = recording.starts

    assert started.attributes["city"] == "東京"


def test_a_running_function_shows_its_arguments(recording):
    @telltale.trace
    def plan(city):
        (started,) = recording.starts
        return started

    assert plan("東京").attributes["telltale.inputs"] == '{"city":"東京"}'


def test_what_is_said_to_an_ended_span_is_not_heard_and_not_complained_of(recording, caplog):
    with telltale.start_span("work") as span:
        pass
    with caplog.at_level(logging.DEBUG):
        span.set_outputs("late")
        span.set_attributes({"a": 1})
        span.set_status("OK")
        span.add_event("late")
        span.set_name("late")
        span.record_exception(ValueError("late"))

    (ended,) = recording.spans
    assert (ended.name, ended.events) == ("work", ())
    assert caplog.records == []


def test_a_traced_logging_handler_does_not_wait_for_itself(recording, monkeypatch):
    class Traced(logging.Handler):
        @telltale.trace
        def emit(self, record):
            heard.append(record.getMessage())

    heard: list[str] = []
    handler = Traced()
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    logging.getLogger("telltale").addHandler(handler)
    try:
        TRACING.tracer()
    finally:
        logging.getLogger("telltale").removeHandler(handler)

    assert any("OTEL_SDK_DISABLED" in line for line in heard)
