"""Who answers at an address: asked the way a recording program asks, and then a little closer."""

import contextlib
import http.client
import time
from email.utils import parsedate_to_datetime
from enum import StrEnum
from urllib.parse import urlsplit

import msgspec

from telltale.nouns.addresses import LOOPBACK, is_here, port_of
from telltale.nouns.answers import Version
from telltale.tracing.post import VERSION_TIMEOUT_S, Away, Connection, Slow, Stranger
from telltale.tracing.settings import read_destination

_MOST_BYTES = 64 * 1024
_FOREIGN_HOST = "/problems/foreign-host"


class Who(StrEnum):
    """What kind of answer it was."""

    TELLTALE = "telltale"
    OTHER_FORMAT = "other format"
    """Telltale, and it does not read the journal that we write."""
    REFUSES_NAME = "refuses the name"
    """Telltale, which does not go by the name in the address."""
    STRANGER = "stranger"
    SILENT = "silent"
    """Connected or not, it did not answer in time."""
    NOBODY = "nobody"
    BESIDE = "beside"
    """Telltale, and only at the address without its path, or with http instead of https."""


class Answer(msgspec.Struct, frozen=True):
    """Who answered."""

    address: str
    who: Who
    version: Version = Version()
    detail: str = ""
    """Why nobody answered; or the software that a stranger says it is."""
    instead: str = ""
    """The address that Telltale does answer at, where it is not quite this one."""
    ahead_s: float | None = None
    """By how many seconds its clock is ahead of ours, at least; None where it does not tell."""

    @property
    def takes_spans(self) -> bool:
        """Whether a program's spans would be sent there."""
        return self.who is Who.TELLTALE


class _Heard(msgspec.Struct, frozen=True):
    status: int
    headers: dict[str, str]
    body: bytes
    ahead_s: float | None


def ask(address: str) -> Answer:
    """Ask who is there, and where it is not Telltale, whether it is close by.

    Two seconds are waited each time; where nobody answers in time, nothing else is asked.
    """
    answer = _ask(address)
    if answer.who not in (Who.STRANGER, Who.NOBODY):
        return answer
    for instead in _close_by(address):
        if _ask(instead).takes_spans:
            return msgspec.structs.replace(answer, who=Who.BESIDE, instead=instead)
    return answer


def _close_by(address: str) -> list[str]:
    """What may have been meant: the address without its path, with http, and with both."""
    parts = urlsplit(address)
    bare = parts._replace(path="", query="", fragment="")
    found = [bare] if bare != parts else []
    if parts.scheme == "https" and parts.port is not None:
        found.append(bare._replace(scheme="http"))
    return [one.geturl() for one in found]


def _ask(address: str) -> Answer:
    connection = Connection(address)
    try:
        version = connection.greet()
    except Slow as error:
        return Answer(address, Who.SILENT, detail=str(error))
    except (Away, ValueError) as error:
        # Somebody took the connection, and does not speak HTTP or hung up.
        if isinstance(error.__cause__, http.client.HTTPException | ConnectionResetError):
            return Answer(address, Who.STRANGER)
        # ValueError: a name that IDNA does not take.
        return Answer(address, Who.NOBODY, detail=str(error))
    except Stranger:
        return _stranger(address, _hear(address))
    finally:
        connection.close()
    heard = _hear(address)
    return Answer(address, Who.TELLTALE, version, ahead_s=heard.ahead_s if heard else None)


def same_place(one: str, other: str) -> bool:
    """Whether two addresses mean one server: `localhost` is 127.0.0.1."""
    if is_here(one) and is_here(other):
        return port_of(one) == port_of(other)
    return read_destination(one) == read_destination(other)


def _stranger(address: str, heard: _Heard | None) -> Answer:
    if heard is None:
        return Answer(address, Who.STRANGER)
    # A foreign program's JSON may have any shape.
    with contextlib.suppress(msgspec.MsgspecError):
        version = msgspec.json.decode(heard.body, type=Version)
        if heard.status == 200 and version.name == "telltale":
            return Answer(address, Who.OTHER_FORMAT, version, ahead_s=heard.ahead_s)
    with contextlib.suppress(msgspec.MsgspecError):
        problem = msgspec.json.decode(heard.body, type=dict[str, object])
        if problem.get("type") == _FOREIGN_HOST:
            return Answer(address, Who.REFUSES_NAME)
    return Answer(address, Who.STRANGER, detail=heard.headers.get("server", ""))


def _hear(address: str) -> _Heard | None:
    """The whole answer to the question for the version; None where none came."""
    parts = urlsplit(address)
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    # As the SDK does: `localhost` is IPv4 first.
    host = LOOPBACK.get(parts.hostname or "", parts.hostname or "")
    connection = kind(host, port_of(address), timeout=VERSION_TIMEOUT_S)
    try:
        connection.request(
            "GET", parts.path.rstrip("/") + "/api/v1/version", headers={"Host": parts.netloc}
        )
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        ahead_s = _ahead_s(headers.get("date", ""), time.time())
        return _Heard(answer.status, headers, answer.read(_MOST_BYTES), ahead_s)
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _ahead_s(date: str, now_s: float) -> float | None:
    """The header has whole seconds, and servers renew it once in one: so much is forgiven."""
    try:
        behind_s = now_s - parsedate_to_datetime(date).timestamp()
    except ValueError:
        return None
    if behind_s < 0:
        return -behind_s
    return min(0.0, 2.0 - behind_s)
