"""How long a span took, where a clock is set back or stands still meanwhile."""

import time

import pytest

import telltale

HOUR_NS = 3600 * 10**9


def shifted(monkeypatch, clock: str, ns: int) -> None:
    """The clock jumps."""
    real = getattr(time, clock)
    monkeypatch.setattr(time, clock, lambda: real() + ns)


@pytest.mark.parametrize(
    ("clock", "jump_ns", "least_ns"),
    [
        ("time_ns", -5 * HOUR_NS, 0),
        ("time_ns", 5 * HOUR_NS, 5 * HOUR_NS),  # Or the machine slept.
        ("monotonic_ns", 5 * HOUR_NS, 5 * HOUR_NS),  # And the other was set back by as much.
    ],
)
def test_a_span_lasts_as_long_as_the_clock_says_that_counted_more(
    recording, monkeypatch, clock, jump_ns, least_ns
):
    with telltale.start_span("work"):
        shifted(monkeypatch, clock, jump_ns)

    span = recording.one
    assert least_ns < span.end_ns - span.start_ns < least_ns + HOUR_NS


def test_an_end_that_the_user_gives_is_taken_as_given(recording):
    with telltale.start_span("work") as span:
        span.end(span.otel.start_time - 5)

    assert recording.one.end_ns - recording.one.start_ns == -5
