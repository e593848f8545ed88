"""A relay between programs and their server: it notes what was acknowledged, and can be slow.

What it notes is what the programs were told. A server that is killed must know all of it again.
"""

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from telltale.tracing.records import read_segment

_ANSWER_S = 60.0


class Relay:
    """Listens on a port of its own, inside a `with`, and passes everything on to another."""

    def __init__(self, to_port: int, spans_a_second: float = 0) -> None:
        self.to_port = to_port
        self.spans_a_second = spans_a_second
        """How fast it lets spans through; 0 does not hold them up."""
        self.acknowledged: set[str] = set()
        """Ids of ended spans in pieces that the server has acknowledged."""
        self.posts = 0
        self._free = threading.Event()
        self._holding = threading.Lock()
        self._noting = threading.Lock()
        self._http = _Http(("127.0.0.1", 0), _Handler)
        self._http.relay = self

    @property
    def address(self) -> str:
        """Where programs find it."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def hold_up(self, body: bytes) -> None:
        """Let time pass as a slow server would, one piece after the other."""
        if self.spans_a_second and not self._free.is_set():
            with self._holding:
                self._free.wait(len(read_segment(body).spans) / self.spans_a_second)

    def let_go(self) -> None:
        """Be slow no more, neither with what it holds now."""
        self._free.set()

    def note(self, body: bytes) -> None:
        """A piece was acknowledged."""
        ended = {s.span_id.hex() for s in read_segment(body).spans if s.end_ns is not None}
        with self._noting:
            self.posts += 1
            self.acknowledged |= ended


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    relay: Relay

    def handle_error(self, request: object, client_address: object) -> None:
        """Servers and programs that die are what this is about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Http

    def do_GET(self) -> None:
        self._pass_on(None)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.relay.hold_up(body)
        self._pass_on(body)

    def _pass_on(self, body: bytes | None) -> None:
        there = http.client.HTTPConnection(
            "127.0.0.1", self.server.relay.to_port, timeout=_ANSWER_S
        )
        try:
            there.request(self.command, self.path, body, self._headers())
            answer = there.getresponse()
            data = answer.read()
        except (OSError, http.client.HTTPException):
            self.close_connection = True  # As if the server itself had hung up.
            return
        finally:
            there.close()
        if body is not None and answer.status == 200:
            # Before the program hears of it: what it may forget now must have been noted.
            self.server.relay.note(body)
        self._answer(answer, data)

    def _headers(self) -> dict[str, str]:
        kept = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection")}
        return kept | {"Host": f"127.0.0.1:{self.server.relay.to_port}"}

    def _answer(self, answer: http.client.HTTPResponse, data: bytes) -> None:
        try:
            self.send_response(answer.status)
            for name in ("Content-Type", "Retry-After"):
                if value := answer.headers.get(name):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""
