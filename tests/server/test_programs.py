"""What traced programs say of their own recording is summed up once, in the order of writing."""

import itertools

import httpx2
import pytest
from exposition import read_figures

from journals import crew, header, opened, piece
from telltale.server.counts import Counts
from telltale.server.programs import Programs
from telltale.tracing.records import GONE, OWNER, Beat, encode_beat, encode_header
from testbed.servers import RunningServer

ONE, OTHER = b"1" * 16, b"2" * 16


@pytest.fixture
def counts():
    return Counts()


@pytest.fixture
def programs(counts):
    return Programs(counts)


def sdk_figures(counts: Counts) -> dict[str, int]:
    """The figures of programs, without the words that all their names have."""
    figures = read_figures(counts.exposition())
    return {
        name.removeprefix("telltale_sdk_").removesuffix("_total"): value
        for name, value in figures.items()
        if name.startswith("telltale_sdk_")
    }


def test_totals_of_programs_are_counted_once_however_often_they_are_told(counts, programs):
    programs.tell(ONE, (0, 10), Beat(time_ns=10, retries=3, waiting_bytes=500))
    programs.tell(ONE, (0, 20), Beat(time_ns=20, retries=5, waiting_bytes=700))
    programs.tell(ONE, (0, 20), Beat(time_ns=20, retries=5, waiting_bytes=700))
    programs.tell(ONE, (0, 10), Beat(time_ns=10, retries=3, waiting_bytes=500))
    programs.tell(OTHER, (0, 9), Beat(time_ns=5, retries=1, dropped_segments=2, dropped_bytes=80))

    assert sdk_figures(counts) == {
        "retries": 6,
        "waiting_bytes": 700,
        "dropped_segments": 2,
        "dropped_bytes": 80,
        "unwritten": 0,
    }


@pytest.mark.parametrize("later", [(0, 20), (1, 5)], ids=["behind it", "in the next segment"])
def test_a_clock_that_was_set_back_makes_no_beat_an_older_one(counts, programs, later):
    programs.tell(ONE, (0, 10), Beat(time_ns=2000, retries=3, waiting_bytes=500))
    programs.tell(ONE, later, Beat(time_ns=1000, retries=4, waiting_bytes=0))

    assert (sdk_figures(counts)["retries"], sdk_figures(counts)["waiting_bytes"]) == (4, 0)


def test_what_a_program_left_waiting_is_not_shown_for_ever(counts, programs):
    programs.tell(ONE, (0, 10), Beat(time_ns=1, waiting_bytes=500))
    for _ in range(2):  # Its acknowledgement was lost, and it comes again.
        programs.tell(ONE, (0, 20), Beat(time_ns=2, waiting_bytes=300, retries=3))
        programs.end(ONE)

    assert (sdk_figures(counts)["retries"], sdk_figures(counts)["waiting_bytes"]) == (3, 0)


def test_an_end_that_is_told_before_an_older_piece_stays_one(counts, programs):
    programs.tell(ONE, (1, 10), Beat(time_ns=2, waiting_bytes=500))
    programs.end(ONE)
    programs.end(OTHER)
    programs.tell(ONE, (0, 10), Beat(time_ns=1, waiting_bytes=300))

    assert sdk_figures(counts)["waiting_bytes"] == 0


def test_those_that_live_are_remembered_longer_than_those_that_ended(counts, programs, monkeypatch):
    monkeypatch.setattr("telltale.server.programs.MOST_PROGRAMS", 3)
    living = [bytes([number]) * 16 for number in range(3)]
    for journal in (*living[:2], ONE, living[2]):
        programs.tell(journal, (0, 10), Beat(time_ns=1, retries=2, waiting_bytes=100))
        if journal == ONE:
            programs.end(ONE)

    for journal in living:
        programs.tell(journal, (0, 20), Beat(time_ns=2, retries=3, waiting_bytes=100))

    assert sdk_figures(counts)["retries"] == 4 * 2 + 3
    assert sdk_figures(counts)["waiting_bytes"] == 300


def test_what_a_forgotten_program_left_waiting_is_forgotten_too(counts, programs, monkeypatch):
    monkeypatch.setattr("telltale.server.programs.MOST_PROGRAMS", 2)
    for number in range(5):
        programs.tell(bytes([number]) * 16, (0, 10), Beat(time_ns=1, waiting_bytes=100))

    assert sdk_figures(counts)["waiting_bytes"] == 200


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


def test_the_server_knows_later_beats_by_where_they_stand_and_the_dead_by_who_brings_them(tmp_path):
    of = header()
    beats = [
        encode_beat(Beat(time_ns=time_ns, retries=retries, waiting_bytes=100))
        for time_ns, retries in ((3000, 1), (2000, 2), (1000, 3))
    ]
    with RunningServer(tmp_path) as server, httpx2.Client(base_url=server.base_url) as http:

        def post(offset, body, **more):
            answer = http.post(
                "/api/v1/journal",
                params={"offset": offset},
                content=encode_header(of) + body,
                **more,
            )
            assert answer.status_code == 200

        for beat, end in zip(beats, itertools.accumulate(map(len, beats)), strict=True):
            post(100 + end - len(beat), beat)
        living = read_figures(http.get("/metrics").text)
        post(1000, piece([crew()], of)[len(encode_header(of)) :], headers={OWNER: GONE})
        dead = read_figures(http.get("/metrics").text)

    assert living["telltale_sdk_retries_total"] == dead["telltale_sdk_retries_total"] == 3
    assert living["telltale_sdk_waiting_bytes"] == 100
    assert dead["telltale_sdk_waiting_bytes"] == 0
