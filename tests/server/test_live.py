"""The live stream: woken by writes, complete, paced, and gone when the server goes."""

import asyncio
import contextlib
import itertools
import json
import socket
import time

import httpx2
import pytest

from fakes.stores import QuietStore, RestlessStore
from journals import crew, llm_call, opened, piece
from telltale.server.counts import Counts
from telltale.server.live import Live, follow
from testbed.servers import RunningServer
from testbed.waiting import wait_until

LIVE = "/api/v1/live"
STOPPED_S = 20
"""A server that waits for its readers waits for ever; other tests may run beside this one."""


@pytest.fixture(scope="module")
def quiet(tmp_path_factory):
    """A server in which nothing changes but by these tests.

    In the one that all tests share a span of another may be called lost at any time.
    """
    with RunningServer(tmp_path_factory.mktemp("home")) as running:
        yield running


class Stream:
    """One reader of the live stream."""

    def __init__(self, response):
        self.response = response
        self._lines = response.iter_lines()

    def event(self):
        """The next `changes` event as (id, data, when it came)."""
        fields = {}
        for line in self._lines:
            if not line and "data" in fields:
                assert fields["event"] == "changes"
                return int(fields["id"]), json.loads(fields["data"]), time.monotonic()
            name, _, value = line.partition(": ")
            fields[name] = value
        raise EOFError

    def stands(self):
        """Wait for the comment that the stream begins with."""
        assert next(self._lines).startswith(":")

    def rest(self):
        """Read to the end."""
        return list(self._lines)


@contextlib.contextmanager
def reading(server, headers=None, **query):
    with (
        httpx2.Client(base_url=server.base_url, timeout=30) as client,
        client.stream("GET", LIVE, params=query, headers=headers) as response,
    ):
        assert response.status_code == 200, response.read()
        assert response.headers["content-type"].startswith("text/event-stream")
        stream = Stream(response)
        stream.stands()
        yield stream


def post(server, *spans):
    answer = httpx2.post(f"{server.base_url}/api/v1/journal", content=piece(spans))
    assert answer.status_code == 200


def seq(server):
    return httpx2.get(f"{server.base_url}/api/v1/traces?limit=1").json()["seq"]


def test_a_trace_appears_while_it_runs_and_again_when_it_has_ended(quiet):
    root = crew(experiment="live")
    with reading(quiet) as stream:
        post(quiet, opened(root))
        first, running, _ = stream.event()
        post(quiet, llm_call(root), root)
        second, ended, _ = stream.event()

    assert [trace["trace_id"] for trace in running["traces"]] == [root.trace_id.hex()]
    assert (running["traces"][0]["state"], ended["traces"][0]["state"]) == ("running", "ended")
    assert ended["traces"][0]["llm_calls"] == 1
    assert (first, second) == (running["seq"], ended["seq"])
    assert second > first


@pytest.mark.parametrize("by", ["query", "header"])
def test_who_comes_back_misses_nothing(quiet, by):
    before = seq(quiet)
    roots = [crew(), crew()]
    for root in roots:
        post(quiet, root)
    query = {"since": before} if by == "query" else {"since": 0}
    headers = {} if by == "query" else {"Last-Event-ID": str(before)}

    with reading(quiet, headers=headers, **query) as stream:
        _, data, _ = stream.event()

    assert [trace["trace_id"] for trace in data["traces"]] == [
        root.trace_id.hex() for root in roots
    ]


def test_a_reader_of_one_experiment_gets_no_other(quiet):
    mine, other = crew(experiment="mine"), crew(experiment="other")
    post(quiet, crew(experiment="mine"))

    with reading(quiet, experiment="mine") as stream:
        post(quiet, other)
        post(quiet, mine)
        _, data, _ = stream.event()

    assert [trace["trace_id"] for trace in data["traces"]] == [mine.trace_id.hex()]


def test_batches_come_at_most_four_times_a_second():
    async def moments():
        live, times = Live(), []
        async for data in follow(live, RestlessStore(), Counts(), 0, None):
            if data.startswith(b"event: changes"):
                times.append(time.monotonic())
            live.bell().set()
            if len(times) == 4:
                break
        return times

    times = asyncio.run(moments())

    # Timers may be a little early, never by a hundredth of a second.
    assert all(later - earlier > 0.24 for earlier, later in itertools.pairwise(times))


def test_more_changes_than_a_batch_holds_come_in_several(quiet):
    before = seq(quiet)
    roots = [crew() for _ in range(450)]
    post(quiet, *roots)

    got = []
    with reading(quiet, since=before) as stream:
        while len(got) < len(roots):
            got += [trace["trace_id"] for trace in stream.event()[1]["traces"]]

    assert got == [root.trace_id.hex() for root in roots]


@pytest.mark.parametrize("last", ["1000000", "9" * 5000])
def test_a_reader_from_another_home_gets_everything_anew(tmp_path, last):
    root = crew()
    with RunningServer(tmp_path) as server:
        post(server, root)
        with reading(server, headers={"Last-Event-ID": last}) as stream:
            _, data, _ = stream.event()

    assert [trace["trace_id"] for trace in data["traces"]] == [root.trace_id.hex()]


def test_many_readers_all_get_it(quiet):
    root = crew()
    with contextlib.ExitStack() as stack:
        streams = [stack.enter_context(reading(quiet)) for _ in range(40)]
        post(quiet, root)
        got = [stream.event()[1]["traces"][0]["trace_id"] for stream in streams]

    assert got == [root.trace_id.hex()] * 40


def test_a_reader_that_leaves_is_forgotten(tmp_path):
    with RunningServer(tmp_path) as server:
        with reading(server):
            assert "telltale_live_streams 1" in metrics(server)
        wait_until(lambda: "telltale_live_streams 0" in metrics(server))


def metrics(server):
    return httpx2.get(f"{server.base_url}/metrics").text.splitlines()


def test_a_silent_stream_keeps_itself_alive():
    async def first_lines():
        stream = follow(Live(), QuietStore(), Counts(), 0, None, keep_alive_s=0.01)
        return [await anext(stream) for _ in range(3)]

    assert asyncio.run(first_lines())[1:] == [b": still here\n\n"] * 2


def test_the_server_stops_at_once_though_streams_are_open(tmp_path):
    with RunningServer(tmp_path) as server, reading(server) as stream, reading(server) as other:
        began = time.monotonic()
        code = server.stop()
        took = time.monotonic() - began

        assert (code, stream.rest(), other.rest()) == (0, [""], [""])
        assert took < STOPPED_S


def test_the_server_stops_though_a_reader_does_not_read(tmp_path):
    with RunningServer(tmp_path) as server:
        wide = [crew(attributes={"telltale.inputs": "x" * 4000}) for _ in range(3000)]
        post(server, *wide)
        with socket.create_connection(("127.0.0.1", server.port)) as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.sendall(f"GET {LIVE}?since=0 HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            assert deaf.recv(64).startswith(b"HTTP/1.1 200")
            began = time.monotonic()
            server.stop()

    assert time.monotonic() - began < STOPPED_S


@pytest.mark.parametrize(
    ("query", "headers", "given"),
    [
        ({"since": "-1"}, {}, "-1"),
        ({"since": "x"}, {}, "x"),
        ({"since": "9" * 5000}, {}, "9" * 5000),
        ({}, {"Last-Event-ID": "x"}, "x"),
    ],
)
def test_where_to_begin_must_be_a_number(http, query, headers, given):
    answer = http.get(LIVE, params=query, headers=headers)

    assert (answer.status_code, answer.json()["given"]) == (400, given)


def test_who_follows_is_told_what_was_deleted(quiet):
    with httpx2.Client(base_url=quiet.base_url, timeout=30) as http:
        roots = [crew() for _ in range(2)]
        http.post("/api/v1/journal", content=piece(roots))
        with http.stream("GET", LIVE) as response:
            lines = response.iter_lines()
            assert next(lines).startswith(":")
            with httpx2.Client(base_url=quiet.base_url, timeout=30) as other:
                ids = [root.trace_id.hex() for root in roots]
                other.post("/api/v1/traces/delete", json={"trace_ids": ids})
            assert "event: gone" in itertools.takewhile(lambda line: "data" not in line, lines)
        with http.stream("GET", LIVE) as response:
            assert next(response.iter_lines()).startswith(":")


def test_each_stream_tells_once_of_what_went_while_it_stood():
    async def told():
        live = Live()
        live.open()
        live.say_gone(["before"])
        await asyncio.sleep(0)
        events = follow(live, QuietStore(), Counts(), 0, None, keep_alive_s=0.01)
        assert (await anext(events)).startswith(b":")
        live.say_gone(["a", "b"])
        live.say_gone(["c"])
        live.say_gone([])
        seen = []
        while len(seen) < 2:
            event = await anext(events)
            seen += [event] if b"gone" in event else []
        after = await anext(events)
        await events.aclose()
        return seen, after

    seen, after = asyncio.run(told())
    assert [b'["a","b"]' in seen[0], b'["c"]' in seen[1]] == [True, True]
    assert after == b": still here\n\n"
