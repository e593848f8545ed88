"""Bodies in memory are bounded, and every queue, drop and retry can be watched."""

import re

import pytest
from exposition import read_figures

from journals import crew, header, opened, piece
from telltale.server.counts import COUNTERS, Counts
from telltale.server.intake import RETRY_AFTER_S, Intake
from telltale.server.problems import Refusal
from telltale.server.programs import Programs
from telltale.tracing.records import Beat, encode_beat


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


def test_totals_of_programs_are_counted_once_however_often_they_are_told():
    counts = Counts()
    programs = Programs(counts)
    one, other = b"1" * 16, b"2" * 16

    programs.tell(one, Beat(time_ns=10, retries=3, waiting_bytes=500))
    programs.tell(one, Beat(time_ns=20, retries=5, waiting_bytes=700))
    programs.tell(one, Beat(time_ns=20, retries=5, waiting_bytes=700))
    programs.tell(one, Beat(time_ns=10, retries=3, waiting_bytes=500))
    programs.tell(other, Beat(time_ns=5, retries=1, dropped_segments=2, dropped_bytes=8_000_000))

    figures = read_figures(counts.exposition())
    assert figures["telltale_sdk_retries_total"] == 6
    assert figures["telltale_sdk_waiting_bytes"] == 700
    assert figures["telltale_sdk_dropped_segments_total"] == 2
    assert figures["telltale_sdk_dropped_bytes_total"] == 8_000_000


def test_what_a_program_left_waiting_is_not_shown_for_ever():
    counts = Counts()
    programs = Programs(counts)

    programs.tell(b"1" * 16, Beat(time_ns=1, waiting_bytes=500))
    for _ in range(2):  # Its acknowledgement was lost, and it comes again.
        programs.tell(b"1" * 16, Beat(time_ns=2, waiting_bytes=300, retries=3, last=True))

    assert read_figures(counts.exposition())["telltale_sdk_waiting_bytes"] == 0
    assert read_figures(counts.exposition())["telltale_sdk_retries_total"] == 3


def test_the_server_tells_what_its_programs_tell(http):
    of = header()
    before = read_figures(http.get("/metrics").text)
    body = piece([opened(crew())], of) + encode_beat(Beat(time_ns=1, unwritten=4, retries=2))
    assert http.post("/api/v1/journal", content=body).status_code == 200

    after = read_figures(http.get("/metrics").text)

    def grown(name):
        return after[name] - before[name]

    assert (grown("telltale_sdk_unwritten_total"), grown("telltale_sdk_retries_total")) == (4, 2)
    assert after["telltale_queue_writes"] == after["telltale_queue_bytes"] == 0


def test_every_counter_is_there_from_the_start_and_says_what_it_counts(http):
    text = http.get("/metrics").text

    for name in COUNTERS:
        kind = "counter" if name.endswith("_total") else "gauge"
        assert re.search(rf"^# HELP {name} .+\.$", text, re.MULTILINE)
        assert f"# TYPE {name} {kind}" in text
        assert re.search(rf"^{name}(\{{.*\}})? \d+$", text, re.MULTILINE)
