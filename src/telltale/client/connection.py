"""HTTP to one server: questions and statements as values, failures as errors of ours."""

import re
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import httpx2
import msgspec

from telltale.client.failures import broken_off, error_of, foreign, unreachable
from telltale.client.loopback import LoopbackFirst
from telltale.nouns.addresses import LOOPBACK
from telltale.nouns.answers import Version
from telltale.nouns.errors import BadInput

Answer = TypeVar("Answer")

CONNECT_S = 5.0
ANSWER_S = 60.0
_PASSWORD = re.compile(r"^([a-z]*://)[^/?#]*@", re.IGNORECASE)


class Connection:
    """A connection to one server; close it, or use it in a `with`.

    Every method raises `ServerUnreachable` if no Telltale server answers, `NotFound` and
    `BadInput` as the server does, and `TelltaleError` for what is wrong with the server itself.
    """

    def __init__(self, address: str) -> None:
        """
        Args:
            address: `http://host:port`, with a path where a proxy adds one.

        Raises:
            BadInput: If it is no such address.
        """
        self.address = _checked(address)
        host = urlsplit(self.address).hostname
        self._http = httpx2.Client(
            base_url=self.address + "/api/v1/",
            timeout=httpx2.Timeout(ANSWER_S, connect=CONNECT_S),
            transport=LoopbackFirst() if host in LOOPBACK else None,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def version(self) -> Version:
        """Who answers there."""
        version = self.ask("version", Version)
        if version.name != "telltale":
            raise foreign(self.address, f"it calls itself {version.name!r}")
        return version

    def lines(self, path: str, query: dict[str, Any]) -> Iterator[str]:
        """Get lines, without their ends; read as they arrive."""
        count, begun = 0, False
        try:
            with self._http.stream("GET", path, params=_given(query)) as response:
                if response.status_code != 200:
                    response.read()
                    raise error_of(response, self.address)
                begun = True
                for line in _lines(response):
                    yield line
                    count += 1
        except httpx2.TransportError as error:
            if begun:
                raise broken_off(self.address, count, str(error)) from error
            raise unreachable(self.address, str(error)) from error

    def tell(self, path: str, said: dict[str, Any], wanted: type[Answer]) -> Answer:
        """Post something as JSON."""
        return self.answer(
            "POST",
            path,
            wanted,
            content=msgspec.json.encode(said),
            headers={"Content-Type": "application/json"},
        )

    def ask(self, path: str, wanted: type[Answer], query: dict[str, Any] | None = None) -> Answer:
        """Get something; parameters of None are left out."""
        return self.answer("GET", path, wanted, params=_given(query or {}))

    def answer(self, method: str, path: str, wanted: type[Answer], **request: Any) -> Answer:
        """Send a request below `/api/v1/`, and read its answer."""
        try:
            response = self._http.request(method, path, **request)
        except httpx2.TransportError as error:
            raise unreachable(self.address, str(error)) from error
        if response.status_code != 200:
            raise error_of(response, self.address)
        try:
            return msgspec.json.decode(response.content, type=wanted)
        except msgspec.MsgspecError as error:
            raise foreign(self.address, f"its answer cannot be read: {error}") from error


def _lines(response: httpx2.Response) -> Iterator[str]:
    """Lines at `\\n` alone: JSON may hold U+2028, which `iter_lines` would split at."""
    rest = ""
    for text in response.iter_text():
        *whole, rest = (rest + text).split("\n") if "\n" in text else (rest + text,)
        yield from whole
    if rest:
        yield rest


def _given(query: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in query.items() if value is not None}


def _checked(address: str) -> str:
    expected = "http(s)://host[:port]"
    # A name and password in it are never sent, and need not be shown.
    address = _PASSWORD.sub(r"\1", address.strip())
    if not _is_address(address):
        raise BadInput(
            f"server address {address!r}: expected {expected}, for example http://127.0.0.1:5000",
            given=address,
            expected=expected,
            remedy="give the address that `telltale server` printed",
        )
    return address.rstrip("/")


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        # Reading the port is what checks it.
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
