"""Speak to a Telltale server from inside the user's process, with the standard library alone."""

import http.client
import math
import os
import ssl
import time
from urllib.parse import urlsplit

import msgspec

from telltale.nouns.addresses import port_of
from telltale.nouns.answers import Acknowledged, Problem, Version
from telltale.nouns.errors import ServerUnreachable, TelltaleError
from telltale.tracing.batch import Batch
from telltale.tracing.guard import background
from telltale.tracing.records import FORMAT, MORE, OWNER
from telltale.tracing.settings import TOKEN, sendable_token
from telltale.tracing.wire import SHORTEST_TIMEOUT_S, Answer, Body, Question, Wire

TIMEOUT_S = 20.0
"""A server that takes this long for an answer is sent less at a time."""
VERSION_TIMEOUT_S = 2.0
TOO_LARGE = 413
_LONGEST_WORDS = 300
_HUNG_UP = (
    http.client.RemoteDisconnected,
    BrokenPipeError,
    ConnectionResetError,
    ssl.SSLEOFError,
    ssl.SSLZeroReturnError,
)
"""How a kept-alive connection fails that the server has closed meanwhile."""


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


class Slow(Away):
    """Somebody is there, and does not answer in time."""


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
        self._wire: Wire | None = None
        self._greeted = False

    def greet(self) -> Version:
        """Ask who is there, once per socket: prompts must not go to a stranger.

        Raises:
            Away: If nobody answers.
            Stranger: If it is not Telltale, or cannot read our journal format.
        """
        answer = self._answer_to(Question("GET", f"{self._root}/api/v1/version", VERSION_TIMEOUT_S))
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

    def ship(
        self, header: bytes, body: bytes, offset: int, owner: str = "", *, has_more: bool = False
    ) -> int:
        """Send a header record and records that stand at `offset`; answer how far it is stored.

        Args:
            owner: What `OWNER` says, if anything.
            has_more: What `MORE` says.

        Raises:
            Away, Stranger: As `greet`.
            Refused: If the server did not take it.
        """
        if not (self._greeted and self._wire is not None and self._wire.is_open()):
            self.greet()
        question = Question(
            "POST",
            f"{self._root}/api/v1/journal?offset={offset}",
            TIMEOUT_S,
            (header, body),
            _headers((header, body), owner, has_more),
        )
        sent_s = time.monotonic()
        try:
            answer = self._answer_to(question)
        except Slow:
            self.batch.shrink()
            raise
        reached = _acknowledged(answer)
        if reached > offset + len(body):
            raise Refused(200, f"it acknowledges {reached}, which was never sent", None)
        if time.monotonic() - sent_s < TIMEOUT_S / 4:
            self.batch.grow()
        return reached

    def close(self) -> None:
        """Hang up; the next request opens a new connection and greets again."""
        self._greeted = False
        if self._wire is not None:
            self._wire.close()
            self._wire = None

    def _answer_to(self, question: Question) -> Answer:
        """What is answered in time, over the open connection or a fresh one.

        Raises:
            Away: If nothing is.
            Stranger: If it is nothing that Telltale says.
        """
        began_s = time.monotonic()
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
            raise Slow(f"no answer within {time.monotonic() - began_s:.2g} s") from error
        except ssl.SSLError as error:
            self.close()
            hint = "; it may speak http and not https" if "WRONG_VERSION" in str(error) else ""
            raise Away(f"{type(error).__name__}: {_printable(error)}{hint}") from error
        except (OSError, http.client.HTTPException, UnicodeError) as error:
            # The last where a name cannot be one in DNS: `http://a..b`.
            self.close()
            raise Away(f"{type(error).__name__}: {_printable(error)}") from error

    def _ask_once(self, question: Question) -> Answer:
        if self._wire is None or not self._wire.is_open():
            self._wire = Wire(
                self._host,
                self._port,
                is_secure=self._secure,
                timeout_s=question.timeout_s,
                until_s=self.deadline,
            )
        self._wire.until_s = self.deadline
        answer = self._wire.ask(question)
        if answer.is_too_long:
            self.close()
            raise Stranger(f"what answers at {self.destination} is not a Telltale server")
        return answer


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

    asking = background("telltale-greeting", greet)
    try:
        asking.start()
    except RuntimeError:
        return False  # The interpreter is ending.
    asking.join(VERSION_TIMEOUT_S + SHORTEST_TIMEOUT_S)
    return bool(greeted)


def _headers(body: Body, owner: str, has_more: bool) -> dict[str, str]:
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Length": str(sum(map(len, body))),
    }
    if owner:
        headers[OWNER] = owner
    if has_more:
        headers[MORE] = "1"
    # Asked for with every request: a program may learn it late.
    if token := sendable_token(os.environ.get(TOKEN, "")):
        headers["Authorization"] = f"Bearer {token}"
    return headers


def _printable(error: BaseException) -> str:
    """Its words on one line: a stranger may answer anything, and they are said on a terminal."""
    words = str(error)[:_LONGEST_WORDS]
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in words)


def _words_of(body: bytes) -> str:
    """What a refusal says, and what to do; of one that is not Telltale's its beginning."""
    try:
        problem = msgspec.json.decode(body, type=Problem)
    except msgspec.MsgspecError:
        return body[:_LONGEST_WORDS].decode("utf-8", "replace")
    return f"{problem.detail}; {problem.remedy}" if problem.remedy else problem.detail


def _acknowledged(answer: Answer) -> int:
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
