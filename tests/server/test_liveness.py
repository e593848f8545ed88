"""Who is silent for too long is lost; who speaks again is found."""

import asyncio
import os
import threading
import time
from contextlib import closing

import httpx2
import pytest
from exposition import read_figures

from fakes.stores import SoonUnreadableStore
from journals import crew, header, opened, piece
from telltale.ingest.journal import read_piece, receive
from telltale.nouns.errors import StoreBroken, StoreBusy
from telltale.nouns.span import State
from telltale.server.app import make_app
from telltale.server.counts import Counts
from telltale.server.intake import MOST_BYTES
from telltale.server.liveness import LOOK_EVERY_S, SILENCE_S, Liveness
from telltale.server.page import load_page
from telltale.server.resources import gather
from telltale.server.routes.journal import BODY_LIMIT
from telltale.server.settings import Settings
from telltale.store.metadata import open_metadata
from telltale.store.questions import ReadTrace
from telltale.store.traces import open_trace_store
from telltale.tracing.line import LONGEST_WAIT_S
from telltale.tracing.records import OWNER
from telltale.tracing.watch import BEAT_S
from testbed.waiting import wait_until

HOUR_NS = 3600 * 10**9


class Clock:
    """A clock that stands still until it is told."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Scene:
    """A program with an open root, and the server that hears it."""

    def __init__(self, store) -> None:
        self.store, self.clock, self.rings = store, Clock(), 0
        self.of, self.root = header(), crew(start_ns=time.time_ns() - HOUR_NS)
        self.counts = Counts()
        self.liveness = self.fresh()
        receive(read_piece(piece([opened(self.root)], self.of)), 0, store, lambda name: 0)

    def fresh(self) -> Liveness:
        return Liveness(self.store, self.counts, self.ring, self.clock)

    def ring(self) -> None:
        self.rings += 1

    @property
    def state(self) -> State:
        return self.store.read(ReadTrace(self.root.trace_id)).state

    def pass_time(self, seconds: float) -> None:
        self.clock.now += seconds
        self.liveness.look()


@pytest.fixture
def scene(tmp_path):
    store = open_trace_store(tmp_path / "traces.db", 1)
    yield Scene(store)
    store.close()


def test_a_process_is_lost_within_a_minute_of_its_last_sign(scene):
    scene.liveness.hear(scene.of.journal_id)
    scene.pass_time(SILENCE_S - 1)
    assert scene.state is State.RUNNING

    scene.pass_time(2)

    assert (scene.state, scene.rings) == (State.LOST, 1)
    assert SILENCE_S + LOOK_EVERY_S + 1 < 60


def test_a_beat_that_comes_in_time_keeps_it(scene):
    for _ in range(20):
        scene.liveness.hear(scene.of.journal_id)
        scene.pass_time(BEAT_S)

    assert (scene.state, scene.rings) == (State.RUNNING, 0)


def test_a_beat_that_comes_again_takes_it_back(scene):
    scene.pass_time(SILENCE_S + 1)
    assert scene.state is State.LOST

    scene.liveness.hear(scene.of.journal_id)

    assert (scene.state, scene.rings) == (State.RUNNING, 2)
    scene.pass_time(SILENCE_S + 1)
    assert scene.state is State.LOST


def test_a_server_that_starts_anew_gives_everybody_time_to_be_heard(scene):
    scene.clock.now += 3600
    scene.liveness = scene.fresh()
    scene.pass_time(SILENCE_S - 1)
    assert scene.state is State.RUNNING

    scene.pass_time(2)
    assert scene.state is State.LOST
    assert LONGEST_WAIT_S * 1.5 < SILENCE_S, "who waits for a server is not yet lost"


def test_a_server_that_starts_anew_takes_back_what_another_one_lost(scene):
    scene.pass_time(SILENCE_S + 1)
    scene.liveness = scene.fresh()
    scene.liveness.start()
    scene.liveness.stop()

    scene.liveness.hear(scene.of.journal_id)

    assert scene.state is State.RUNNING


@pytest.fixture
def idle(tmp_path, scene):
    """What a server keeps, over the store of the scene."""
    with closing(open_metadata(f"sqlite:///{tmp_path / 'metadata.db'}")) as metadata:
        resources = gather(
            Settings(home=tmp_path), metadata, scene.store, load_page(tmp_path), scene.clock
        )
        scene.liveness = resources.liveness
        yield resources


@pytest.fixture
def full(idle):
    """The same, whose intake is taken by others."""
    with idle.intake.room() as others:
        others.take(MOST_BYTES)
        yield idle


def send(resources, owner, content):
    async def posted():
        transport = httpx2.ASGITransport(make_app(resources))
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            answer = await client.post("/api/v1/journal", content=content, headers={OWNER: owner})
            return answer.status_code

    return asyncio.run(posted())


def send_in_vain(full, owner):
    assert send(full, owner, b"x") == 503


def test_a_process_is_heard_of_while_a_large_piece_of_it_comes_over_a_thin_line(scene, idle):
    body = piece([opened(crew())], scene.of)

    async def thin():
        for place in range(len(body)):
            scene.pass_time(SILENCE_S / 3)
            yield body[place : place + 1]

    assert send(idle, scene.of.journal_id.hex(), thin()) == 200
    assert (scene.state, scene.rings) == (State.RUNNING, 0)


def test_whom_the_server_sends_away_is_not_lost(scene, full):
    full.liveness.hear(scene.of.journal_id)
    for _ in range(20):
        scene.pass_time(SILENCE_S / 3)
        send_in_vain(full, scene.of.journal_id.hex())

    scene.pass_time(SILENCE_S - 1)
    assert scene.state is State.RUNNING
    scene.pass_time(2)
    assert scene.state is State.LOST


def test_whom_the_server_refuses_for_the_length_of_a_piece_is_not_lost(scene, idle):
    idle.liveness.hear(scene.of.journal_id)
    for _ in range(4):
        scene.pass_time(SILENCE_S / 3)
        assert send(idle, scene.of.journal_id.hex(), bytes(BODY_LIMIT + 1)) == 413

    assert scene.state is State.RUNNING


@pytest.mark.parametrize("owner", ["", "gone", "0", "zz", "00" * 17])
def test_whose_post_it_is_may_be_unsaid_or_nonsense(full, owner):
    send_in_vain(full, owner)


def test_who_is_found_dead_is_lost_at_once(scene):
    scene.liveness.hear(scene.of.journal_id)

    scene.liveness.bury(scene.of.journal_id, scene.root.start_ns + 1_000_000)

    trace = scene.store.read(ReadTrace(scene.root.trace_id))
    assert (trace.state, trace.duration_us, scene.rings) == (State.LOST, 1000, 1)


def test_losses_and_finds_are_counted(scene):
    scene.pass_time(SILENCE_S + 1)
    scene.liveness.hear(scene.of.journal_id)

    told = scene.counts.exposition()
    assert "telltale_lost_spans_total 1\n" in told
    assert "telltale_found_spans_total 1\n" in told
    assert "telltale_open_processes 1\n" in told


def test_a_process_that_cannot_be_marked_now_is_marked_at_the_next_look(scene, monkeypatch):
    """The store is a real one; only its way to the disk is cut, as a full disk would."""

    def full(journal):
        raise StoreBroken("the disk is full")

    scene.pass_time(SILENCE_S + 1)
    with monkeypatch.context() as disk:
        disk.setattr(scene.store, "mark_running", full)
        with pytest.raises(StoreBroken):
            scene.liveness.hear(scene.of.journal_id)

    scene.liveness.hear(scene.of.journal_id)
    assert scene.state is State.RUNNING


def test_who_is_heard_while_it_is_called_lost_runs_again_at_the_next_look(scene, monkeypatch):
    mark_lost = scene.store.mark_lost

    def speak_first(journal, seen_ns):
        scene.liveness.hear(journal)
        return mark_lost(journal, seen_ns)

    with monkeypatch.context() as store:
        store.setattr(scene.store, "mark_lost", speak_first)
        scene.pass_time(SILENCE_S + 1)
    assert scene.state is State.LOST

    scene.pass_time(LOOK_EVERY_S)
    assert scene.state is State.RUNNING


def test_who_is_sent_away_after_it_was_called_lost_runs_again_at_the_next_look(scene, full):
    scene.pass_time(SILENCE_S + 1)
    assert scene.state is State.LOST

    send_in_vain(full, scene.of.journal_id.hex())
    scene.pass_time(LOOK_EVERY_S)

    assert scene.state is State.RUNNING


@pytest.mark.parametrize("error", [StoreBusy("full"), StoreBroken("full"), ValueError("ours")])
def test_a_look_that_fails_is_counted_and_another_follows(monkeypatch, error):
    monkeypatch.setattr("telltale.server.liveness.LOOK_EVERY_S", 0.001)
    counts = Counts()
    liveness = Liveness(SoonUnreadableStore(error), counts, lambda: None)
    liveness.start()
    try:
        wait_until(lambda: read_figures(counts.exposition())["telltale_liveness_retries_total"] > 2)
    finally:
        liveness.stop()


def test_many_may_be_heard_while_somebody_looks(scene):
    going = threading.Event()

    def hear():
        while not going.is_set():
            scene.liveness.hear(os.urandom(16))

    others = [threading.Thread(target=hear) for _ in range(2)]
    for other in others:
        other.start()
    try:
        for _ in range(300):
            scene.liveness.hear(scene.of.journal_id)
            scene.pass_time(1)
    finally:
        going.set()
        for other in others:
            other.join()

    assert scene.state is State.RUNNING
