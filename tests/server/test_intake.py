"""Bodies in memory are bounded, and every counter says what it counts."""

import re

import pytest
from exposition import read_figures

from telltale.server.counts import Count, Counts
from telltale.server.intake import RETRY_AFTER_S, Intake
from telltale.server.problems import Refusal


def test_what_is_beyond_the_bound_is_sent_away_and_told_when_to_come_back():
    counts = Counts()
    intake = Intake(counts, most_bytes=100)
    with intake.room() as one, intake.room() as other:
        one(30)
        one(30)
        with pytest.raises(Refusal) as refused:
            other(41)
        other(40)
        assert read_figures(counts.exposition())["telltale_intake_bytes"] == 100

    assert refused.value.problem.status == 503
    assert refused.value.headers["Retry-After"] == str(RETRY_AFTER_S)
    assert read_figures(counts.exposition())["telltale_intake_bytes"] == 0


def test_a_body_that_does_not_fit_any_more_makes_room_for_the_others():
    intake = Intake(Counts(), most_bytes=100)
    with intake.room() as one:
        one(60)
        with pytest.raises(Refusal), intake.room() as other:
            other(40)
            other(1)
        one(40)


def test_one_body_alone_is_always_taken():
    with Intake(Counts(), most_bytes=100).room() as alone:
        alone(60)
        alone(5000)


def test_room_is_given_back_whatever_happens():
    intake = Intake(Counts(), most_bytes=100)
    with pytest.raises(ZeroDivisionError), intake.room() as failing:
        failing(100)
        raise ZeroDivisionError

    with intake.room() as one, intake.room() as other:
        one(50)
        other(50)


def test_every_counter_is_there_from_the_start_and_says_what_it_counts(http):
    text = http.get("/metrics").text

    for name in Count:
        kind = "counter" if name.endswith("_total") else "gauge"
        assert re.search(rf"^# HELP {name} .+\.$", text, re.MULTILINE)
        assert f"# TYPE {name} {kind}" in text
        assert re.search(rf"^{name}(\{{.*\}})? \d+$", text, re.MULTILINE)
