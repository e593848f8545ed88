"""Bodies in memory are bounded, and every counter says what it counts."""

import re
from contextlib import ExitStack

import pytest
from exposition import read_figures

from telltale.server.counts import Count, Counts
from telltale.server.intake import PACE_BYTES, PACE_S, RETRY_AFTER_S, Intake
from telltale.server.problems import Refusal


def test_what_is_beyond_the_bound_is_sent_away_and_told_when_to_come_back():
    counts = Counts()
    intake = Intake(counts, most_bytes=100)
    with intake.room() as one, intake.room() as other:
        one.take(30)
        one.take(30)
        with pytest.raises(Refusal) as refused:
            other.take(41)
        other.take(40)
        assert read_figures(counts.exposition())["telltale_intake_bytes"] == 100

    assert refused.value.problem.status == 503
    assert refused.value.headers["Retry-After"] == str(RETRY_AFTER_S)
    assert read_figures(counts.exposition())["telltale_intake_bytes"] == 0


def test_a_body_that_does_not_fit_any_more_makes_room_for_the_others():
    intake = Intake(Counts(), most_bytes=100)
    with intake.room() as one:
        one.take(60)
        with pytest.raises(Refusal), intake.room() as other:
            other.take(40)
            other.take(1)
        one.take(40)


def test_one_body_alone_is_always_taken():
    with Intake(Counts(), most_bytes=100).room() as alone:
        alone.take(60)
        alone.take(5000)


class Slow:
    """Bodies of some bytes each that wait for more, from the second 0 on."""

    def __init__(self, *sizes: int) -> None:
        self.now_s = 0.0
        self.intake = Intake(Counts(), sum(sizes), now_s=lambda: self.now_s)
        self.stack = ExitStack()
        self.rooms = [self.stack.enter_context(self.intake.room()) for _ in sizes]
        for room, size in zip(self.rooms, sizes, strict=True):
            room.take(size)
            self.stack.enter_context(room.being_filled(lambda: None))

    @property
    def lost(self) -> list[bool]:
        return [room.is_lost for room in self.rooms]


def test_the_largest_of_the_slow_makes_room_and_no_more_than_that():
    scene = Slow(10, 60, 30)
    scene.now_s = PACE_S + 1
    with scene.stack, scene.intake.room() as newcomer:
        newcomer.take(50)

    assert scene.lost == [False, True, False]


def test_who_keeps_pace_keeps_its_room():
    counts, now_s = Counts(), 0.0
    intake = Intake(counts, most_bytes=2 * PACE_BYTES, now_s=lambda: now_s)
    with intake.room() as quick, quick.being_filled(pytest.fail), intake.room() as newcomer:
        quick.take(PACE_BYTES)
        now_s = PACE_S
        quick.take(PACE_BYTES)
        now_s += PACE_S
        with pytest.raises(Refusal):
            newcomer.take(1)


def test_a_body_that_is_being_stored_loses_nothing():
    scene = Slow(100)
    scene.stack.close()
    with scene.intake.room() as whole, scene.intake.room() as newcomer:
        whole.take(100)
        scene.now_s = 10 * PACE_S
        with pytest.raises(Refusal):
            newcomer.take(1)


def test_room_is_given_back_whatever_happens():
    intake = Intake(Counts(), most_bytes=100)
    with pytest.raises(ZeroDivisionError), intake.room() as failing:
        failing.take(100)
        raise ZeroDivisionError

    with intake.room() as one, intake.room() as other:
        one.take(50)
        other.take(50)


def test_every_counter_is_there_from_the_start_and_says_what_it_counts(http):
    text = http.get("/metrics").text

    for name in Count:
        kind = "counter" if name.endswith("_total") else "gauge"
        assert re.search(rf"^# HELP {name} .+\.$", text, re.MULTILINE)
        assert f"# TYPE {name} {kind}" in text
        assert re.search(rf"^{name}(\{{.*\}})? \d+$", text, re.MULTILINE)
