"""The two doors around the app: who may speak to it, and what becomes of our own faults.

A page on the web can make a browser send requests to 127.0.0.1, and by DNS rebinding even read
the answers. It cannot choose `Host` and `Origin`; so these two are checked before anything else.
"""

import logging
import re
import shlex
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from telltale.nouns.addresses import DEFAULT_HOST, DEFAULT_PORT, LOOPBACK, in_url, url_of
from telltale.nouns.answers import Problem
from telltale.nouns.remedies import server_command
from telltale.server.counts import Count, Counts
from telltale.server.problems import BrokenOff, problem

log = logging.getLogger(__name__)
_PLAIN = re.compile(r"[a-z0-9_][a-z0-9_.-]*|\[[0-9a-f:.]+\]")
_READS = frozenset({"GET", "HEAD", "OPTIONS"})

Respond = Callable[[Scope, Problem], Response]
"""A problem as an answer to the request of this scope, in the form that its path has."""


class Doorkeeper:
    """Refuses foreign hosts, and writes that another site's page sends."""

    def __init__(self, app: ASGIApp, allowed_hosts: tuple[str, ...], respond: Respond) -> None:
        self.app = app
        self.respond = respond
        self.allowed = {*map(in_url, LOOPBACK), *map(_name, allowed_hosts)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer why not."""
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        if refusal is None:
            await self.app(scope, receive, send)
        else:
            await self.respond(scope, refusal)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Problem | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if (name := _name(host)) not in self.allowed:
            remedy = f"start it again with {_command(scope, name)}"
            return problem(
                403,
                "foreign-host",
                "This server does not go by that name",
                f"Host {host!r}: expected {', '.join(sorted(self.allowed))} with any port; "
                f"{remedy}",
                given=host,
                expected=", ".join(sorted(self.allowed)),
                remedy=remedy,
            )
        origin = headers.get("origin")
        if origin is None or scope["method"] in _READS or _authority(origin) == host:
            return None
        return problem(
            403,
            "foreign-origin",
            "Another site may not write here",
            f"Origin {origin!r}: expected {scope['scheme']}://{host} or none",
            given=origin,
            expected=f"{scope['scheme']}://{host}",
            remedy="send it from a program, or from the server's own page",
        )


class Edge:
    """The outermost edge: every answer is counted and says that its media type is meant.

    A fault of ours is logged, and told without its insides.
    """

    def __init__(self, app: ASGIApp, counts: Counts, respond: Respond) -> None:
        self.app = app
        self.counts = counts
        self.respond = respond

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever happens within."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def counted(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                status = message["status"]
                # A browser that guesses could take a span's text for a page, and run it.
                MutableHeaders(scope=message)["X-Content-Type-Options"] = "nosniff"
                self.counts.add(Count.REQUESTS, label=f'status="{status}"')
            await send(message)

        try:
            await self.app(scope, receive, counted)
        except BrokenOff:
            raise
        except Exception:
            log.exception("%s %s failed", scope["method"], scope["path"])
            if started:
                # Half an answer is on its way: only a broken connection tells that it is half.
                raise
            await self.respond(scope, _fault(scope))(scope, receive, counted)


def _fault(scope: Scope) -> Problem:
    return problem(
        500,
        "fault",
        "A fault in Telltale",
        f"{scope['method']} {scope['path']} failed because of a fault in Telltale",
        remedy="the server's log has the traceback; please report it",
    )


def _command(scope: Scope, name: str) -> str:
    """What allows a name at the address that was asked.

    Any page may choose the name, and a person types it into a shell.
    """
    host, port = scope.get("server") or (DEFAULT_HOST, DEFAULT_PORT)
    safe = shlex.quote(name) if _PLAIN.fullmatch(name) else "NAME"
    address = url_of(host if host in LOOPBACK else DEFAULT_HOST, port or DEFAULT_PORT)
    return server_command(address, f" --allowed-host {safe}")


def _authority(origin: str) -> str:
    """Host and port of an origin; empty where it is no address."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def _name(host: str) -> str:
    """The name in a Host header, without its port; empty where there is none."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
    return in_url(name)
