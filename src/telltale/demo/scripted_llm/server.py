"""The server: sockets, threads and pauses around pure answers.

Standard library only, HTTP/1.1 with keep-alive, on 127.0.0.1 and nowhere else: it answers
anybody who asks, without a key.
"""

import contextlib
import logging
import socket
import socketserver
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, Self

from telltale.demo.scripted_llm.call import Call, CallLog
from telltale.demo.scripted_llm.reply import Refused, Reply, refusal
from telltale.demo.scripted_llm.route import answer

HOST = "127.0.0.1"
LARGEST_BODY = 32 * 1024 * 1024
log = logging.getLogger(__name__)


class ScriptedLLM:
    """A scripted OpenAI server, as a context manager or by `start` and `close`.

    Args:
        port: 0 takes a free one; read it back from `base_url`.
        delay_s: How long each chat and embedding takes, so that a demo can be watched; a
            streamed answer spreads it over its chunks.
    """

    def __init__(self, port: int = 0, delay_s: float = 0.0) -> None:
        self._wanted_port = port
        self._delay_s = delay_s
        self._log = CallLog()
        self._closing = threading.Event()
        """Also ends the pauses, so that closing waits for none."""
        self._http: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The address of the server, below which `/pages/…` stands."""
        if self._http is None:
            raise RuntimeError("the server is not running: call start() or use `with`")
        return f"http://{HOST}:{self._http.server_address[1]}"

    @property
    def base_url(self) -> str:
        """What an OpenAI client calls its base URL."""
        return f"{self.url}/v1"

    @property
    def calls(self) -> tuple[Call, ...]:
        """All that was answered, in order; a pause or a slow reader does not delay it."""
        return self._log.calls

    def start(self) -> None:
        """Bind and serve from a thread of its own.

        Raises:
            OSError: If the port is taken.
        """
        self._http = _Server(self._wanted_port, self._log, self._closing, self._delay_s)
        self._thread = threading.Thread(
            target=self._http.serve_forever,
            kwargs={"poll_interval": 0.05},
            name="scripted-llm",
            daemon=True,
        )
        self._thread.start()

    def wait(self) -> None:
        """Block until another thread closes the server."""
        self._closing.wait()

    def close(self) -> None:
        """Stop listening and cut the connections, also those kept alive: gone means gone."""
        self._closing.set()
        if self._http is None or self._thread is None:
            return
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()


class _Server(socketserver.ThreadingMixIn, HTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, calls: CallLog, closing: threading.Event, delay_s: float) -> None:
        self.calls = calls
        self.closing = closing
        self.delay_s = delay_s
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__((HOST, port), _Handler)

    def server_bind(self) -> None:
        # HTTPServer.server_bind asks DNS for the host's name, which can take seconds offline.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.server_address[1]

    def process_request(self, request: Any, client_address: object) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        super().server_close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):  # The peer was faster.
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        error = sys.exception()
        if not isinstance(error, ConnectionError | TimeoutError):
            log.error("connection from %s failed", client_address, exc_info=error)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    """Buffered: head and body leave in one segment; a stream is flushed by hand."""
    server: _Server

    def do_GET(self) -> None:
        self._serve()

    do_HEAD = do_POST = do_DELETE = do_PUT = do_PATCH = do_OPTIONS = do_GET  # noqa: N815

    def _serve(self) -> None:
        try:
            body = self._read_body()
        except Refused as refused:
            self.close_connection = True
            call = Call(path=self.path, kind="other", status=refused.status)
            self._send(refusal(call, str(refused)))
            return
        answered = answer(self.command, self.path, body, self.server.calls)
        self._send(answered.reply, answered.sleep_s)

    def _read_body(self) -> bytes:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers:
            raise Refused("Send the body with a Content-Length.", 411)
        if not length.isdecimal():
            raise Refused(f"Content-Length {length!r} is not a number.")
        if int(length) > LARGEST_BODY:
            raise Refused(f"The body has {length} bytes, at most {LARGEST_BODY} are read.", 413)
        return self.rfile.read(int(length))

    def _send(self, reply: Reply, sleep_s: float = 0.0) -> None:
        if reply.call is not None:
            self.server.calls.write(reply.call)
            sleep_s += self.server.delay_s if reply.call.kind in ("chat", "embedding") else 0.0
        pause_s = sleep_s / max(1, len(reply.events))
        if not reply.events:
            self.server.closing.wait(pause_s)
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.events:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(reply.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command == "HEAD":
            return
        for event in reply.events[: reply.cut_after]:
            self.server.closing.wait(pause_s)
            self.wfile.write(b"%x\r\n%b\r\n" % (len(event), event))
            self.wfile.flush()
        if reply.cut_after is not None:
            self.close_connection = True
            return
        self.wfile.write(b"0\r\n\r\n" if reply.events else reply.body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Also what http.server itself refuses (a torn request line) gets a JSON body."""
        self.close_connection = True
        call = Call(path=getattr(self, "path", ""), kind="other", status=code)
        self._send(refusal(call, message or explain or f"HTTP {code}"))

    def log_message(self, format: str, *args: object) -> None:
        log.debug(format, *args)
