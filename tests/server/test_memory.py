"""What a server used for large bodies it gives back, and it does not work on all at once."""

from concurrent.futures import ThreadPoolExecutor

import httpx2

from journals import piece, span
from telltale.server.intake import RETRY_AFTER_S
from testbed.processes import status
from testbed.servers import RunningServer
from testbed.waiting import wait_until

BODY = 15_000_000
"""Bytes: near the largest record."""
PIECES, SENDERS = 24, 6
MOST_AT_ONCE_MB, MOST_LEFT_MB = 300, 110
"""Above what it holds when it has started. Before: some 520 at once, and 250 to 450 left."""


def test_memory_is_bounded_under_large_bodies_and_given_back(tmp_path):
    def send(number: int) -> None:
        body = piece([span(attributes={"telltale.inputs": f"{number:x}" * (BODY // 2)})])
        with httpx2.Client(base_url=running.base_url, timeout=60) as client:
            wait_until(
                lambda: client.post("/api/v1/journal", content=body).status_code == 200,
                timeout_s=RETRY_AFTER_S * 30,
            )

    with RunningServer(tmp_path) as running:
        at_start = running.resident_bytes()
        with ThreadPoolExecutor(SENDERS) as pool:
            list(pool.map(send, range(16, 16 + PIECES)))
        most = status(running.pid, "VmHWM")
        wait_until(lambda: running.resident_bytes() - at_start < MOST_LEFT_MB * 1_000_000)

    assert most is not None
    assert most * 1024 - at_start < MOST_AT_ONCE_MB * 1_000_000
