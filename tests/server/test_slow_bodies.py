"""Who sends the head of a request and then stalls, or drips, holds up nobody else."""

import json
import select
import socket
import time
from contextlib import ExitStack, suppress

import httpx2
import pytest
from exposition import read_figures

from journals import crew, piece
from telltale.server.intake import MOST_BYTES
from telltale.server.routes.journal import BODY_LIMIT
from testbed.servers import RunningServer
from testbed.waiting import wait_until

SILENT_S, WHOLE_S = 1.0, 3.0
PROGRAM = """
import pathlib, sys
from telltale.server.run import serve
from telltale.server.settings import Patience, Settings
settings = Settings(
    home=pathlib.Path(sys.argv[-1]), port=0, patience=Patience(*map(float, sys.argv[1].split(",")))
)
serve(settings, lambda url: print(f"is ready: {url}", flush=True))
"""


@pytest.fixture(scope="module")
def impatient(tmp_path_factory):
    """A server that waits for a body no longer than a test does."""
    with patient_for(tmp_path_factory.mktemp("home"), SILENT_S, WHOLE_S) as running:
        yield running


def patient_for(home, *seconds: float) -> RunningServer:
    """A server that waits so long, as `Patience` has it."""
    return RunningServer(home, program=("-c", PROGRAM, ",".join(map(str, seconds))))


def begin(server, declared: int | None = BODY_LIMIT, body: bytes = b"") -> socket.socket:
    """Send the head of a post, and so much of its body."""
    peer = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    length = "Transfer-Encoding: chunked" if declared is None else f"Content-Length: {declared}"
    head = f"POST /api/v1/journal HTTP/1.1\r\nHost: localhost\r\n{length}\r\n\r\n"
    peer.sendall(head.encode() + body)
    return peer


def drip(peer: socket.socket) -> None:
    """Send one byte more, which may come too late."""
    with suppress(ConnectionError):
        peer.sendall(b"x")


def answer_to(peer: socket.socket) -> tuple[int, str, dict]:
    """Status, head and problem of what the server says before it hangs up."""
    said = b""
    # It hangs up with a reset if a byte comes that it does not read any more.
    with suppress(ConnectionResetError):
        while more := peer.recv(65536):
            said += more
    head, _, body = said.partition(b"\r\n\r\n")
    return int(head.split()[1]), head.decode().lower(), json.loads(body)


def figures(server) -> dict[str, int]:
    return read_figures(httpx2.get(f"{server.base_url}/metrics").text)


@pytest.mark.parametrize("declared", [BODY_LIMIT, None], ids=["declared", "chunked"])
def test_a_body_that_stalls_is_told_what_was_waited_for(impatient, declared):
    with begin(impatient, declared) as peer:
        status, head, problem = answer_to(peer)

    assert (status, problem["type"]) == (408, "/problems/too-slow")
    assert "content-type: application/problem+json" in head
    assert "connection: close" in head
    assert problem["given"] == "0 bytes"
    assert problem["expected"] == "more of it within 1 s, and all of it within 3 s"
    assert "again" in problem["remedy"]


def test_a_body_that_drips_is_told_so_too(tmp_path):
    """Its server waits for ever for one that is silent: only the whole can last too long."""
    sent = 0
    with patient_for(tmp_path, 3600, 2) as running, begin(running) as peer:
        while not select.select([peer], [], [], 0.1)[0]:
            drip(peer)
            sent += 1
        status, _, problem = answer_to(peer)

    assert status == 408
    assert problem["expected"] == "more of it within 3600 s, and all of it within 2 s"
    assert sent > 1
    assert problem["given"] in (f"{sent - 1} bytes", f"{sent} bytes")  # The last may be too late.


def test_heads_alone_take_no_room_from_other_programs(server):
    """A patient server: nobody is sent away meanwhile."""
    with ExitStack() as stack:
        for _ in range(MOST_BYTES // BODY_LIMIT + 2):
            stack.enter_context(begin(server))

        answer = httpx2.post(f"{server.base_url}/api/v1/journal", content=piece([crew()]))

    assert answer.status_code == 200


def test_the_room_of_bodies_that_stall_is_given_back(impatient):
    refused = 'telltale_refused_total{reason="too-slow"}'
    before = figures(impatient).get(refused, 0)
    half = bytes(BODY_LIMIT // 2)
    with ExitStack() as stack:
        peers = [stack.enter_context(begin(impatient, body=half)) for _ in range(3)]
        answers = [answer_to(peer)[0] for peer in peers]

    assert answers == [408] * 3
    assert figures(impatient)["telltale_intake_bytes"] == 0
    assert figures(impatient)[refused] - before == 3


def test_who_goes_away_in_the_middle_leaves_no_room_taken(impatient):
    with begin(impatient, body=bytes(BODY_LIMIT // 2)):
        wait_until(lambda: figures(impatient)["telltale_intake_bytes"] > 0)

    wait_until(lambda: figures(impatient)["telltale_intake_bytes"] == 0)


def test_a_body_that_comes_slowly_but_in_time_is_stored(tmp_path):
    """It lasts longer than the server waits for one that is silent, and is never silent so long."""
    body, silent_s = piece([crew()]), 3.0
    with patient_for(tmp_path, silent_s, 3600) as running, begin(running, len(body)) as peer:
        began_s, sent = time.monotonic(), 0
        while time.monotonic() - began_s <= silent_s:
            peer.sendall(body[sent : sent + 1])
            sent += 1
            assert not select.select([peer], [], [], 0.1)[0]
        peer.sendall(body[sent:])
        assert peer.recv(65536).startswith(b"HTTP/1.1 200")


def test_bodies_that_drip_lose_their_room_to_others(tmp_path):
    """Patience alone would let these keep everybody out for half an hour."""
    # What is left takes the drops, and no post of anybody else.
    left, pace_s = 80_000, 0.5
    half = bytes((MOST_BYTES - left) // 8)
    post = piece([crew(attributes={"telltale.inputs": "x" * left})])
    with patient_for(tmp_path, 30, 60, pace_s) as paced, ExitStack() as stack:
        peers = [stack.enter_context(begin(paced, body=half)) for _ in range(8)]
        wait_until(lambda: figures(paced)["telltale_intake_bytes"] == 8 * len(half))

        def stores_while_others_drip() -> bool:
            silent = [peer for peer in peers if not select.select([peer], [], [], 0)[0]]
            for peer in silent:
                drip(peer)
            answer = httpx2.post(f"{paced.base_url}/api/v1/journal", content=post)
            return answer.status_code == 200

        wait_until(stores_while_others_drip)
        told = [peer for peer in peers if select.select([peer], [], [], 0)[0]]
        status, _, problem = answer_to(told[0])

    assert status == 408
    assert problem["expected"] == f"262144 bytes each {pace_s} s while others need the room"
    assert "again" in problem["remedy"]
    assert len(told) < len(peers)  # No more than were needed.
