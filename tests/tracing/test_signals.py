"""A program's signals are for its own threads: none of ours takes them."""

import socket
import socketserver
import struct
import threading
from collections.abc import Iterator

import pytest

from programs import run_program

GREETING = b'{"name": "telltale", "version": "0", "journal": [1]}'
UNDISTURBED = """
import os
from pathlib import Path

def wait_until_undisturbed(number):
    "Until both of our threads block the signal."
    mine = str(os.getpid())
    while True:
        others = [task for task in Path("/proc/self/task").iterdir() if task.name != mine]
        said = [line for task in others for line in (task / "status").read_text().splitlines()]
        masks = [int(line.split()[1], 16) for line in said if line.startswith("SigBlk")]
        if len(masks) == 2 and all(mask >> (number - 1) & 1 for mask in masks):
            return
"""


class HangingUp(socketserver.BaseRequestHandler):
    """Greets as Telltale does, and hangs up rudely as soon as it is sent something."""

    def handle(self) -> None:
        while True:
            said = self.request.recv(65536)
            if not said.startswith(b"GET"):
                self.request.setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                )
                self.server.hung_up += 1
                return
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(GREETING)}\r\n\r\n".encode()
            self.request.sendall(head + GREETING)


@pytest.fixture
def hanging_up() -> Iterator[socketserver.ThreadingTCPServer]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), HangingUp) as server:
        server.daemon_threads = True
        server.hung_up = 0
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGPROF"])
def test_a_signal_that_the_program_has_blocked_waits_for_it(home, name):
    code = f"""
import signal, telltale
{UNDISTURBED}
with telltale.start_span("work"): pass
wait_until_undisturbed(signal.{name})
signal.pthread_sigmask(signal.SIG_BLOCK, {{signal.{name}}})
os.kill(os.getpid(), signal.{name})
print("done")
print(signal.sigwait({{signal.{name}}}).name)
"""
    program = run_program(code, home)

    assert (program.returncode, program.stdout.split()) == (0, ["done", name])


def test_a_server_that_hangs_up_ends_no_program_that_dies_of_broken_pipes(home, hanging_up):
    program = run_program(
        """
        import signal, telltale
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        for _ in range(20):
            with telltale.start_span("work") as span:
                span.set_inputs("x" * 3_000_000)
            telltale.flush(0.2)
        print("done")
        """,
        home,
        f"http://127.0.0.1:{hanging_up.server_address[1]}",
    )

    assert hanging_up.hung_up
    assert (program.returncode, program.stdout) == (0, "done\n")
