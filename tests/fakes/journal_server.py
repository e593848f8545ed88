"""A small real server that takes journals, and can be told to misbehave.

Standard library only: the SDK's tests run where nothing of the server is installed.
"""

import contextlib
import json
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self

from telltale.nouns.span import RawSpan
from telltale.tracing.records import Segment, read_segment
from testbed.waiting import wait_until

VERSION = {"name": "telltale", "version": "0.0.0", "journal": [1]}


class Asked(NamedTuple):
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Answer(NamedTuple):
    """What a journal post gets instead of an acknowledgement."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b"{}"


HANG = Answer(status=-1)
"""Say nothing until the server stops."""
DROP = Answer(status=-2)
"""Close the connection without an answer."""
DRIP = Answer(status=-3)
"""Begin to answer, and send a byte now and then until the server stops."""
_DRIP_EVERY_S = 0.05


def busy(retry_after_s: int) -> Answer:
    """The server cannot take more now."""
    return Answer(503, (("Retry-After", str(retry_after_s)),), b'{"title": "busy"}')


class JournalServer:
    """Answers `/api/v1/version` and `/api/v1/journal`; by `with`, or by `start` and `stop`."""

    def __init__(self, port: int = 0, version: Any = VERSION) -> None:
        self.port = port
        self.version = version
        """What the version question is answered with; None hangs."""
        self.asked: list[Asked] = []
        """Every request, in the order in which it was read."""
        self.misbehave: list[Answer] = []
        """Answers for the next posts, used up one by one."""
        self.most_bytes = 0
        """Of a body; a longer one is refused with 413. 0 takes any."""
        self.bytes_a_second = 0
        """How fast it stores; 0 as fast as it can."""
        self._segments: dict[tuple[bytes, int], bytearray] = {}
        self._stored: list[RawSpan] = []
        self._stopping = threading.Event()
        self._http: _Http | None = None

    @property
    def url(self) -> str:
        """Its address, also while it is stopped."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def posts(self) -> list[Asked]:
        """The journal posts among the requests."""
        return [asked for asked in self.asked if asked.method == "POST"]

    @property
    def spans(self) -> list[RawSpan]:
        """Ended spans that were acknowledged, each as often as it came."""
        return [span for span in self._stored if span.end_ns is not None]

    @property
    def names(self) -> list[str]:
        """Their names."""
        return [span.name for span in self.spans]

    @property
    def segments(self) -> list[bytes]:
        """The segments put together again from what was posted."""
        return [bytes(self._segments[key]) for key in sorted(self._segments)]

    def wait_for(self, condition: Callable[[Self], object], timeout_s: float = 20.0) -> None:
        """Wait until something has arrived."""
        wait_until(lambda: condition(self), timeout_s)

    def start(self) -> Self:
        """Listen; the port stays the same from the first start on."""
        self._stopping = threading.Event()
        self._http = _Http(("127.0.0.1", self.port), self, self._stopping)
        self.port = self._http.server_address[1]
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def stop(self) -> None:
        """Gone: listening ends, and so does every connection."""
        self._stopping.set()
        if self._http is not None:
            self._http.shutdown()
            self._http.server_close()
            self._http.hang_up()
            self._http = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *raised: object) -> None:
        self.stop()

    def take(self, body: bytes, offset: int) -> Answer:
        """Store a piece of a segment as the real server does, and acknowledge it."""
        segment = read_segment(body)
        self._put(segment, body, offset)
        self._stored.extend(segment.spans)
        reached = offset + segment.end - segment.begin
        return Answer(body=json.dumps({"offset": reached}).encode())

    def _put(self, segment: Segment, body: bytes, offset: int) -> None:
        key = segment.header.journal_id, segment.header.segment
        whole = self._segments.setdefault(key, bytearray(body[: segment.begin]))
        piece = body[segment.begin :]
        whole[offset : offset + len(piece)] = piece


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(
        self, address: tuple[str, int], journal: JournalServer, stopping: threading.Event
    ) -> None:
        self.journal = journal
        self.stopping = stopping
        self._open: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        # HTTPServer.server_bind asks DNS for the host's name.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = self.server_address[:2]

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that die are part of the play."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Http

    def do_GET(self) -> None:
        self._read()
        version = self.server.journal.version
        if version is None:
            self.server.stopping.wait()
            self.close_connection = True
        elif isinstance(version, Answer):
            self._send(version)
        else:
            self._send(Answer(body=json.dumps(version).encode()))

    def do_POST(self) -> None:
        body, journal = self._read(), self.server.journal
        answer = journal.misbehave.pop(0) if journal.misbehave else None
        if answer is None and 0 < journal.most_bytes < len(body):
            answer = Answer(413, body=b"too large")
        if answer is None and journal.bytes_a_second:
            self.server.stopping.wait(len(body) / journal.bytes_a_second)
        if answer is None:
            answer = journal.take(body, int(self.path.partition("offset=")[2] or 0))
        self._send(answer)

    def _read(self) -> bytes:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.journal.asked.append(Asked(self.command, self.path, headers, body))
        return body

    def _send(self, answer: Answer) -> None:
        if answer in (HANG, DROP, DRIP):
            if answer is HANG:
                self.server.stopping.wait()
            elif answer is DRIP:
                self._drip()
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def _drip(self) -> None:
        with contextlib.suppress(OSError):
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Drip: ")
            while not self.server.stopping.wait(_DRIP_EVERY_S):
                self.wfile.write(b"x")
                self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: what came is in `asked`."""
