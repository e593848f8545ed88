"""One HTTP connection from inside somebody else's process, with an end to every wait.

A server may take a body as slowly as it likes, as long as it takes it: a large record over a thin
line needs minutes. It may not fall silent. And the program may close any descriptor: its number is
then another file's or socket's, which is none of ours to write to.
"""

import fcntl
import http.client
import math
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

from telltale.tracing.handles import HIGH, identity
from telltale.tracing.timed import TimedAnswer

SHORTEST_TIMEOUT_S = 0.05
PIECE_BYTES = 64 * 1024
SEND_BUFFER_BYTES = 256 * 1024
"""What the kernel holds and has not sent looks as if the server had taken it."""
MOST_ANSWER_BYTES = 64 * 1024

# The first connection would import the codec of host names, in a thread: a fork in that moment
# leaves the child a lock of the import's that nobody gives back.
"localhost".encode("idna")

Body = tuple[bytes, ...]
"""Sent one after the other: to join them would hold everything twice."""


class Question(NamedTuple):
    """A request."""

    method: str
    path: str
    """With the query."""
    timeout_s: float
    """For each step: to connect, to take a piece of the body, to answer once all is sent."""
    body: Body | None = None
    headers: Mapping[str, str] = {}


class Answer(NamedTuple):
    """What was answered."""

    status: int
    body: bytes
    """No more than is wanted: see `is_too_long`."""
    headers: Mapping[str, str]
    """Names in lower case."""

    @property
    def is_too_long(self) -> bool:
        """A video, a listing: whoever it is, no answer of Telltale's is that long."""
        return len(self.body) > MOST_ANSWER_BYTES


class Wire:
    """An open connection; not thread-safe."""

    def __init__(
        self, host: str, port: int, *, is_secure: bool, timeout_s: float, until_s: float = math.inf
    ) -> None:
        """Connect.

        Args:
            until_s: By the monotonic clock: what is not done by then is given up.

        Raises:
            OSError: If nobody answers, in time or at all.
        """
        self.until_s = until_s
        self._http = _connected(host, port, self._within(timeout_s), is_secure=is_secure)
        self._socket = identity(self._http.sock.fileno())
        """By which it is known again."""

    def is_open(self) -> bool:
        """Whether there is a socket, and it is still ours."""
        if self._http.sock is not None and identity(self._http.sock.fileno()) != self._socket:
            self._http.sock.detach()
            self._http.sock = None
        return self._http.sock is not None

    def ask(self, question: Question) -> Answer:
        """Send a request, and wait for the answer to it.

        Raises:
            OSError, http.client.HTTPException: If none comes; TimeoutError if none came in time.
        """
        sending_s = time.monotonic()
        self._http.sock.settimeout(self._within(question.timeout_s))
        body = None if question.body is None else self._pieces(question.body, question.timeout_s)
        # Whoever refuses a large body may say so and hang up before it has come: it is to be read.
        with suppress(BrokenPipeError, ConnectionResetError):
            self._http.request(question.method, question.path, body, dict(question.headers))
        if not self.is_open():
            raise ConnectionResetError("this program has closed our socket")
        now_s = time.monotonic()
        # What stands in buffers on a thin line takes as long again as what went before it.
        wait_s = self._within(max(question.timeout_s, now_s - sending_s))
        make: Any = partial(TimedAnswer, deadline=now_s + wait_s)
        self._http.response_class = make
        self._http.sock.settimeout(wait_s)
        answer = self._http.getresponse()
        with answer:
            data = answer.read(MOST_ANSWER_BYTES + 1)
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, data, headers)

    def close(self) -> None:
        """Hang up."""
        self.is_open()
        self._http.close()

    def _pieces(self, body: Body, timeout_s: float) -> Iterator[memoryview]:
        for part in body:
            whole = memoryview(part)
            for begin in range(0, len(whole), PIECE_BYTES):
                if not self.is_open():
                    raise ConnectionResetError("this program has closed our socket")
                self._http.sock.settimeout(self._within(timeout_s))
                yield whole[begin : begin + PIECE_BYTES]

    def _within(self, timeout_s: float) -> float:
        return max(SHORTEST_TIMEOUT_S, min(timeout_s, self.until_s - time.monotonic()))


def _connected(
    host: str, port: int, timeout_s: float, *, is_secure: bool
) -> http.client.HTTPConnection:
    # macOS resolves localhost to ::1 first, where its AirPlay service may answer on port 5000.
    if host == "localhost":
        with suppress(OSError):
            return _connection(host, "127.0.0.1", port, timeout_s, is_secure=is_secure)
    return _connection(host, host, port, timeout_s, is_secure=is_secure)


def _connection(
    host: str, dialled: str, port: int, timeout_s: float, *, is_secure: bool
) -> http.client.HTTPConnection:
    """A connection to a host, by the name or number that is dialled for it."""
    open_socket = _dialled(dialled, port, timeout_s)
    if not is_secure:
        connection = http.client.HTTPConnection(host, port)
    else:
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(host, port, context=context)
        try:
            # The certificate has to name what the user has typed.
            open_socket = context.wrap_socket(open_socket, server_hostname=host)
        except BaseException:
            open_socket.close()
            raise
    connection.sock, connection.auto_open = open_socket, 0
    return connection


def _dialled(host: str, port: int, timeout_s: float) -> socket.socket:
    """A socket with a number that a program's own files seldom reach."""
    low = socket.create_connection((host, port), timeout_s)
    low.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    low.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    try:
        number = fcntl.fcntl(low.fileno(), fcntl.F_DUPFD_CLOEXEC, HIGH)
    except OSError:
        return low  # So many are not allowed here.
    with low:
        high = socket.socket(low.family, low.type, low.proto, fileno=number)
    high.settimeout(timeout_s)
    return high
