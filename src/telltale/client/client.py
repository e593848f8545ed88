"""One server, spoken to over HTTP: nouns out, errors of ours where something is wrong."""

import re
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import httpx2
import msgspec

from telltale.client.failures import broken_off, error_of, foreign, unreachable
from telltale.client.loopback import LoopbackFirst
from telltale.nouns.addresses import LOOPBACK
from telltale.nouns.answers import Deleted, Experiments, Version
from telltale.nouns.errors import BadInput
from telltale.nouns.facets import Facets, Summary
from telltale.nouns.ids import parse_span_id, parse_trace_id
from telltale.nouns.trace import Experiment, Skeleton, SpanDetail, Trace, TracePage

Answer = TypeVar("Answer")

CONNECT_S = 5.0
ANSWER_S = 60.0
PAGE = 1000
_PASSWORD = re.compile(r"^([a-z]*://)[^/?#]*@", re.IGNORECASE)


class Client:
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
        version = self._ask("version", Version)
        if version.name != "telltale":
            raise foreign(self.address, f"it calls itself {version.name!r}")
        return version

    def experiments(self) -> tuple[Experiment, ...]:
        """All experiments with the number of their traces."""
        return self._ask("experiments", Experiments).experiments

    def traces(
        self, experiment: str | int | None = None, limit: int | None = None, filter_: str = ""
    ) -> Iterator[Trace]:
        """Traces, newest first, as many pages as are taken.

        Args:
            experiment: Id or name; None for all.
            filter_: Which of them, as docs/filter.md says; all without it.
            limit: At most so many; None for all.
        """
        left, cursor = limit, None
        while left is None or left > 0:
            size = PAGE if left is None else min(left, PAGE)
            asked = {"experiment": experiment, "filter": filter_ or None, "limit": size}
            page = self._ask("traces", TracePage, {**asked, "cursor": cursor})
            yield from page.traces
            left = None if left is None else left - len(page.traces)
            cursor = page.next
            if cursor is None:
                return

    def facets(self, experiment: str | int | None = None, filter_: str = "") -> Facets:
        """The values that the traces of which a filter is true have, with counts."""
        return self._ask("facets", Facets, {"experiment": experiment, "filter": filter_ or None})

    def summary(
        self,
        experiment: str | int | None = None,
        filter_: str = "",
        by: str | None = None,
        every: str | None = None,
    ) -> Summary:
        """Counts, tokens, cost and percentiles of the traces of which a filter is true.

        Args:
            by: A field of text to group by, such as `model`, or `tag.<key>`.
            every: Stretches of time to sum up by themselves, such as `1h`.
        """
        query = {"experiment": experiment, "filter": filter_ or None, "by": by, "every": every}
        return self._ask("summary", Summary, query)

    def trace(self, trace_id: str) -> Trace:
        """One trace's row."""
        return self._ask(f"traces/{parse_trace_id(trace_id).hex()}", Trace)

    def skeleton(self, trace_id: str, since: int = 0) -> Skeleton:
        """One trace without its bodies; only what changed after `since`."""
        return self._ask(
            f"traces/{parse_trace_id(trace_id).hex()}/skeleton", Skeleton, {"since": since}
        )

    def span(self, trace_id: str, span: str | int) -> SpanDetail:
        """One span with its body.

        Args:
            span: Its ordinal in the trace as a number, or its id as hex.
        """
        wanted = str(span) if isinstance(span, int) else parse_span_id(span).hex()
        return self._ask(f"traces/{parse_trace_id(trace_id).hex()}/spans/{wanted}", SpanDetail)

    def export(
        self, experiment: str | int | None = None, trace_id: str | None = None
    ) -> Iterator[str]:
        """OTLP JSON, one trace a line, without the line's end; read as it arrives."""
        query = _given({"experiment": experiment, "trace": trace_id})
        count, begun = 0, False
        try:
            with self._http.stream("GET", "export", params=query) as response:
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

    def delete(self, trace_ids: Iterable[str]) -> int:
        """Delete traces; answer how many of them were there."""
        ids = [parse_trace_id(one).hex() for one in trace_ids]
        return self._tell("traces/delete", {"trace_ids": ids}, Deleted).traces

    def delete_where(self, experiment: str | int | None = None, filter_: str = "") -> int:
        """Delete the traces of an experiment of which a filter is true; answer how many.

        Without either, that is all traces of the server.
        """
        asked = _given({"experiment": None if experiment is None else str(experiment)})
        asked |= {"filter": filter_, "all": not (asked or filter_)}
        return self._tell("traces/delete", asked, Deleted).traces

    def _tell(self, path: str, said: dict[str, Any], wanted: type[Answer]) -> Answer:
        """Post something as JSON."""
        return self._answer(
            "POST",
            path,
            wanted,
            content=msgspec.json.encode(said),
            headers={"Content-Type": "application/json"},
        )

    def _ask(self, path: str, wanted: type[Answer], query: dict[str, Any] | None = None) -> Answer:
        return self._answer("GET", path, wanted, params=_given(query or {}))

    def _answer(self, method: str, path: str, wanted: type[Answer], **request: Any) -> Answer:
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
