"""Speak to a Telltale server from inside the user's process, with the standard library alone."""

import http.client
import math
import os
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

from telltale.nouns.addresses import port_of
from telltale.nouns.answers import Acknowledged, Problem, Version
from telltale.nouns.errors import ServerUnreachable, TelltaleError
from telltale.tracing.batch import Batch
from telltale.tracing.handles import Identity, identity
from telltale.tracing.records import FORMAT, ORPHAN_HEADERS
from telltale.tracing.settings import TOKEN, sendable_token
from telltale.tracing.timed import TimedAnswer

TIMEOUT_S = 20.0
"""A server that takes this long for an answer is sent less at a time."""
VERSION_TIMEOUT_S = 2.0
SHORTEST_TIMEOUT_S = 0.05
TOO_LARGE = 413
MOST_ANSWER_BYTES = 64 * 1024

# The first connection would import the codec of host names, in a thread: a fork in that moment
# leaves the child a lock of the import's that nobody gives back.
"localhost".encode("idna")

Body = tuple[bytes, ...]
"""Sent one after the other: to join them would hold everything twice."""


class Refused(TelltaleError):
    """The server answered, but did not take what was sent."""

    def __init__(self, status: int, detail: str, retry_after_s: float | None) -> None:
        super().__init__(f"{status} {detail}")
        self.status = status
        self.retry_after_s = retry_after_s

    @property
    def is_about_the_piece(self) -> bool:
        """Whether another piece may be taken, and this one will never be as it is."""
        return self.status in (400, 413, 415, 422)


class Stranger(ServerUnreachable):
    """Something answers at the address, and it is not a Telltale server that can read us."""


class Away(ServerUnreachable):
    """Nothing answers at the address."""


_HUNG_UP = (
    http.client.RemoteDisconnected,
    BrokenPipeError,
    ConnectionResetError,
    ssl.SSLEOFError,
    ssl.SSLZeroReturnError,
)


class Slow(Away):
    """Somebody is there, and does not answer in time."""


class _Question(NamedTuple):
    method: str
    path: str
    """Below the address of the server, with the query."""
    timeout_s: float
    body: Body | None = None
    headers: Mapping[str, str] = {}


class _Answer(NamedTuple):
    status: int
    body: bytes
    headers: Mapping[str, str]
    """Names in lower case."""


class Connection:
    """One kept-alive connection to one server, opened when needed; not thread-safe."""

    def __init__(self, destination: str) -> None:
        self.destination = destination
        self.deadline = math.inf
        """By the monotonic clock: no request waits longer than until then."""
        self.batch = Batch()
        parts = urlsplit(destination)
        self._secure = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = port_of(destination)
        self._root = parts.path.rstrip("/")
        self._open: http.client.HTTPConnection | None = None
        self._socket: Identity | None = None
        """By which our socket is known again."""
        self._greeted = False

    def greet(self) -> Version:
        """Ask who is there, once per socket: prompts must not go to a stranger.

        Raises:
            Away: If nobody answers.
            Stranger: If it is not Telltale, or cannot read our journal format.
        """
        answer = self._answer_to(_Question("GET", "/api/v1/version", VERSION_TIMEOUT_S))
        try:
            version = msgspec.json.decode(answer.body, type=Version)
        except msgspec.MsgspecError:
            version = Version()
        if answer.status != 200 or version.name != "telltale":
            self.close()
            hint = f"; leave out {self._root!r} if there is one at the root" if self._root else ""
            raise Stranger(f"what answers at {self.destination} is not a Telltale server{hint}")
        if FORMAT not in version.journal:
            self.close()
            raise Stranger(
                f"the Telltale server {version.version} at {self.destination} does not read "
                f"journal format {FORMAT}; update it"
            )
        self._greeted = True
        return version

    def ship(self, header: bytes, body: bytes, offset: int, *, is_orphan: bool = False) -> int:
        """Send a header record and records that stand at `offset`; answer how far it is stored.

        Args:
            is_orphan: The process that wrote it has ended.

        Raises:
            Away, Stranger: As `greet`.
            Refused: If the server did not take it.
        """
        if not self._greeted or self._open is None or self._open.sock is None:
            self.greet()
        question = _Question(
            "POST",
            f"/api/v1/journal?offset={offset}",
            TIMEOUT_S,
            (header, body),
            ORPHAN_HEADERS if is_orphan else {},
        )
        sent_s = time.monotonic()
        try:
            answer = self._answer_to(question)
        except Slow:
            self.batch.shrink()
            raise
        if answer.status == TOO_LARGE:
            self.batch.shrink_for_good()
        reached = _acknowledged(answer)
        if reached > offset + len(body):
            raise Refused(200, f"it acknowledges {reached}, which was never sent", None)
        if time.monotonic() - sent_s < TIMEOUT_S / 4:
            self.batch.grow()
        return reached

    def close(self) -> None:
        """Hang up; the next request opens a new connection and greets again."""
        self._greeted = False
        if self._open is not None:
            self._let_go_of_strangers(self._open)
            self._open.close()
            self._open = None

    def _answer_to(self, question: _Question) -> _Answer:
        """What is answered in time, over the open connection or a fresh one.

        Raises:
            Away: If nothing is.
            Stranger: If it is nothing that Telltale says.
        """
        left_s = self.deadline - time.monotonic()
        timeout_s = max(SHORTEST_TIMEOUT_S, min(question.timeout_s, left_s))
        question = question._replace(timeout_s=timeout_s)
        try:
            try:
                return self._ask_once(question)
            except _HUNG_UP:
                # The server closed a connection that had been idle: once more on a fresh one,
                # at whose other end somebody else may be by now.
                self.close()
                if question.body is not None:
                    self.greet()
                return self._ask_once(question)
        except TimeoutError as error:
            self.close()
            raise Slow(f"no answer within {timeout_s:.3g} s") from error
        except ssl.SSLError as error:
            self.close()
            hint = "; it may speak http and not https" if "WRONG_VERSION" in str(error) else ""
            raise Away(f"{type(error).__name__}: {error}{hint}") from error
        except (OSError, http.client.HTTPException, UnicodeError) as error:
            # The last where a name cannot be one in DNS: `http://a..b`.
            self.close()
            raise Away(f"{type(error).__name__}: {error}") from error

    def _ask_once(self, question: _Question) -> _Answer:
        deadline = time.monotonic() + question.timeout_s
        if self._open is not None:
            self._let_go_of_strangers(self._open)
        if self._open is None or self._open.sock is None:
            self._open = self._connected(question.timeout_s)
            self._socket = identity(self._open.sock.fileno())
        self._open.sock.settimeout(question.timeout_s)
        make: Any = partial(TimedAnswer, deadline=deadline)
        self._open.response_class = make
        path = self._root + question.path
        # Whoever refuses a large body may say so and hang up before it has come: it is to be read.
        with suppress(BrokenPipeError, ConnectionResetError):
            self._open.request(question.method, path, question.body, _headers(question))
        answer = self._open.getresponse()
        data = answer.read(MOST_ANSWER_BYTES + 1)
        if len(data) > MOST_ANSWER_BYTES:
            # A video, a listing: whoever it is, no answer of Telltale's is that long.
            self.close()
            raise Stranger(f"what answers at {self.destination} is not a Telltale server")
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return _Answer(answer.status, data, headers)

    def _let_go_of_strangers(self, connection: http.client.HTTPConnection) -> None:
        """Where the program has closed our socket, its number is somebody else's by now."""
        if connection.sock is not None and identity(connection.sock.fileno()) != self._socket:
            connection.sock.detach()
            connection.sock = None

    def _connected(self, timeout_s: float) -> http.client.HTTPConnection:
        # macOS resolves localhost to ::1 first, where its AirPlay service may answer on port 5000.
        hosts = ("127.0.0.1", "localhost") if self._host == "localhost" else (self._host,)
        last: OSError | None = None
        for host in hosts:
            connection: Any
            if self._secure:
                connection = http.client.HTTPSConnection(
                    host, self._port, timeout=timeout_s, context=ssl.create_default_context()
                )
            else:
                connection = http.client.HTTPConnection(host, self._port, timeout=timeout_s)
            try:
                connection.connect()
            except OSError as error:
                last = error
            else:
                return connection
        try:
            raise last or OSError("no address")
        finally:
            # Else the error holds this frame, which holds it, with all that was to be sent.
            last = None


def is_telltale(destination: str) -> bool:
    """Whether a Telltale server answers, asked for no longer than a program may be held up.

    In a thread, since a name may take its time to be resolved, whatever the time-outs.
    """
    greeted = []

    def greet() -> None:
        connection = Connection(destination)
        try:
            greeted.append(connection.greet())
        except (Away, Stranger):
            pass
        finally:
            connection.close()

    asking = threading.Thread(target=greet, name="telltale-greeting", daemon=True)
    try:
        asking.start()
    except RuntimeError:
        return False  # The interpreter is ending.
    asking.join(VERSION_TIMEOUT_S + SHORTEST_TIMEOUT_S)
    return bool(greeted)


def _headers(question: _Question) -> dict[str, str]:
    headers = dict(question.headers)
    if question.body is not None:
        headers["Content-Type"] = "application/octet-stream"
        headers["Content-Length"] = str(sum(map(len, question.body)))
        if token := sendable_token(os.environ.get(TOKEN, "")):
            headers["Authorization"] = f"Bearer {token}"
    return headers


def _words_of(body: bytes) -> str:
    """What a refusal says, and what to do; of one that is not Telltale's its beginning."""
    try:
        problem = msgspec.json.decode(body, type=Problem)
    except msgspec.MsgspecError:
        return body[:300].decode("utf-8", "replace")
    return f"{problem.detail}; {problem.remedy}" if problem.remedy else problem.detail


def _acknowledged(answer: _Answer) -> int:
    """How far a piece is stored.

    Raises:
        Refused: If it is not.
    """
    if answer.status != 200:
        wait = answer.headers.get("retry-after", "")
        raise Refused(
            answer.status,
            _words_of(answer.body),
            float(wait) if wait.isascii() and wait.isdigit() else None,
        )
    try:
        return msgspec.json.decode(answer.body, type=Acknowledged).offset
    except msgspec.MsgspecError as error:
        raise Refused(200, f"unreadable acknowledgement: {error}", None) from error
