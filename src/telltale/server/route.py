"""What a route is, and how a request becomes a call of plain Python and its answer becomes HTTP.

A handler is a plain function of the open resources and a `Call`. It runs in a worker thread,
returns a value of the type that its route declares (or, to stream, a Starlette response) and
raises errors of ours. Everything that HTTP adds is added here, once.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from enum import StrEnum
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from telltale.nouns.errors import BadInput, StoreBroken, TelltaleError
from telltale.nouns.nearest import nearest
from telltale.server.body import read_body
from telltale.server.counts import Count
from telltale.server.encodings import IDENTITY, unpacking
from telltale.server.forms import PROBLEM_JSON, Form
from telltale.server.intake import Room
from telltale.server.problems import BrokenOff, Refusal, headers_of, problem, problem_of
from telltale.server.resources import Resources

JSON = "application/json"
ANY_BYTES = "application/octet-stream"
# A foreign program's attributes may hold what msgpack knows and JSON does not.
encode = msgspec.json.Encoder(enc_hook=repr).encode
"""A value as JSON; what JSON has no form for becomes text."""


class Permission(StrEnum):
    """Who may use a route, once there are tokens; until then whoever reaches the loopback."""

    PUBLIC = "public"
    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


class NoQuery(msgspec.Struct, frozen=True):
    """A route without parameters."""


class Call(msgspec.Struct, frozen=True):
    """A request as a handler sees it."""

    path: dict[str, str]
    """What stood in the braces of the route's path."""
    query: Any
    """A value of the route's `query` type."""
    body: bytes
    headers: dict[str, str]
    """Names in lower case."""
    given: Any = None
    """What a JSON body says, a value of the route's `given` type."""


Handler = Callable[[Resources, Call], Any]
Herald = Callable[[Resources, Mapping[str, str]], None]
"""Told of a request by its headers, names in lower case, while its body is still on its way."""


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the table."""

    method: str
    path: str
    permission: Permission
    handler: Handler
    summary: str
    """One sentence for the API's documentation."""
    answer: Any
    """Type of the answer's JSON; `str` where the answer is a text of type `media`."""
    media: str = JSON
    query: type[msgspec.Struct] | None = NoQuery
    """None where parameters are not the server's to read: the page has its own."""
    other_media: tuple[str, ...] = ()
    """Further types that the same may be answered in, where the request says which."""
    body: tuple[str, ...] = ()
    """Media types of what is sent; none where nothing is. Any bytes are `ANY_BYTES`."""
    body_limit: int = 0
    """Bytes, as they come and as they are once decompressed."""
    given: type[msgspec.Struct] | None = None
    """What a JSON body holds; None where the handler reads the bytes."""
    encodings: tuple[str, ...] = ()
    """Content-Encodings that a body may have, besides none."""
    fails_as: Form = PROBLEM_JSON
    """How its problems are told."""
    herald: Herald | None = None
    """Told when the head has come, and with each part of the body; it must not wait."""
    waits: bool = True
    """Whether it asks a store, and so may wait for a disk. What is in memory is answered on the
    event loop, also while all threads wait: the page's first load asks for some seventy files, and
    a thread for each costs more than the answer."""
    errors: tuple[int, ...] = ()
    """Statuses of the problems that are its own, besides those that the rest of the row brings."""

    @property
    def problems(self) -> tuple[int, ...]:
        """Statuses of all the problems that it may answer with, in order."""
        statuses = {403, 500, *self.errors}
        if self.query is not None or self.given is not None:
            statuses |= {400}
        if self.body:
            statuses |= {408, 413, 415, 503}
        if self.waits:
            statuses |= {503, 507}
        return tuple(sorted({self.fails_as.becomes.get(status, status) for status in statuses}))


class Endpoint:
    """A route bound to the open resources, as an ASGI app."""

    def __init__(self, route: Route, resources: Resources) -> None:
        self.route = route
        self.resources = resources

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            query = read_query(self.route.query, dict(request.query_params))
            with self.resources.intake.room() as room:
                body = await self._read_body(request, room)
                call = Call(
                    path=request.path_params,
                    query=query,
                    body=body,
                    headers=dict(request.headers),
                    given=read_given(self.route.given, body),
                )
                async with self.resources.intake.turn(len(call.body)):
                    response = (
                        await run_in_threadpool(self._answer, call)
                        if self.route.waits
                        else self._answer(call)
                    )
        except TelltaleError as error:
            response = self._refuse(error, request)
        except ClientDisconnect:
            return
        if request.method == "HEAD" and isinstance(response, StreamingResponse):
            # Its body might have no end, and nobody would see it.
            response = Response(headers=dict(response.headers))
        try:
            await response(scope, receive, send)
        except StoreBroken as error:
            self.resources.trouble.unreadable(error)
            raise BrokenOff from error

    def _answer(self, call: Call) -> Response:
        value = self.route.handler(self.resources, call)
        if isinstance(value, Response):
            return value
        content = value if isinstance(value, str) else encode(value)
        return Response(content, media_type=self.route.media, headers={"Cache-Control": "no-store"})

    def _refuse(self, error: TelltaleError, request: Request) -> Response:
        refused = problem_of(error)
        if self.route.body:
            reason = refused.type.rpartition("/")[2]
            self.resources.counts.add(Count.REFUSED, label=f'reason="{reason}"')
            if refused.status < 500 and not self.route.fails_as.is_shown:
                self.resources.trouble.bad(f"{request.url.path}: {refused.detail}")
        elif isinstance(error, StoreBroken):
            self.resources.trouble.unreadable(error)
        return self.route.fails_as.respond(refused, headers_of(error), request.headers)

    async def _read_body(self, request: Request, room: Room) -> bytes:
        if not self.route.body:
            return b""
        self._tell_herald(request)
        check_media(self.route, request.headers.get("content-type", ""))
        return await read_body(
            self._arriving(request),
            self.route.body_limit,
            request.headers.get("content-length", ""),
            self.resources.settings.patience,
            room,
            unpacking(encoding_of(self.route, request.headers.get("content-encoding", ""))),
        )

    async def _arriving(self, request: Request) -> AsyncIterator[bytes]:
        async for chunk in request.stream():
            self._tell_herald(request)
            yield chunk

    def _tell_herald(self, request: Request) -> None:
        if self.route.herald is not None:
            self.route.herald(self.resources, request.headers)


def check_media(route: Route, given: str) -> None:
    """Whether a body with this Content-Type is one that the route reads.

    Raises:
        Refusal: 415, naming those that it reads.
    """
    media = given.partition(";")[0].strip().lower()
    if media in route.body or ANY_BYTES in route.body:
        return
    expected = " or ".join(route.body)
    raise Refusal(
        problem(
            415,
            "unknown-media",
            "The body is of a type that is not read here",
            f"Content-Type {given!r}: expected {expected}; send one of these, and name it",
            given=given,
            expected=expected,
            remedy="send one of these, and name it",
        )
    )


def encoding_of(route: Route, given: str) -> str:
    """The one encoding that a Content-Encoding means.

    Raises:
        Refusal: 415, naming those that the route takes.
    """
    encoding = given.strip().lower().removeprefix("x-") or IDENTITY
    if encoding == IDENTITY or encoding in route.encodings:
        return encoding
    expected = ", ".join((IDENTITY, *route.encodings))
    raise Refusal(
        problem(
            415,
            "unknown-encoding",
            "The body's encoding is not understood",
            f"Content-Encoding {given!r}: expected {expected}; send the body uncompressed",
            given=given,
            expected=expected,
            remedy="send the body uncompressed",
        )
    )


def read_given(wanted: type[msgspec.Struct] | None, body: bytes) -> Any:
    """A JSON body as a value of the type that a route wants.

    Raises:
        BadInput: Naming where in it, and what was expected there.
    """
    if wanted is None:
        return None
    remedy = "correct the body; /api/v1/openapi.json has what each route takes"
    try:
        return msgspec.json.decode(body, type=wanted)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        words = str(error).replace("`", "")
        raise BadInput(
            f"body: {words}; {remedy}",
            given=body[:80].decode("utf-8", "replace"),
            expected=f"JSON of a {wanted.__name__}",
            remedy=remedy,
        ) from error


def read_query(wanted: type[msgspec.Struct] | None, given: dict[str, str]) -> Any:
    """Query parameters as a value of the type that a route wants.

    Raises:
        BadInput: Naming the parameter, what was given and what was expected.
    """
    if wanted is None:
        return None
    fields = {field.encode_name for field in msgspec.structs.fields(wanted)}
    for name in given:
        if name not in fields:
            raise BadInput(
                f"query parameter {name!r}: this route has "
                f"{', '.join(sorted(fields)) or 'no parameters'}",
                given=name,
                expected=", ".join(sorted(fields)) or "no parameters",
                remedy="leave it out or correct its name",
                suggestions=nearest(name, fields),
            )
    try:
        return msgspec.convert(given, wanted, strict=False)
    except msgspec.ValidationError as error:
        words, _, where = str(error).replace("`", "").partition(" - at $.")
        expected = words.removeprefix("Expected ").partition(", got")[0].removesuffix(" | null")
        raise BadInput(
            f"query parameter {where!r}, given {given.get(where)!r}: expected {expected}",
            given=given.get(where),
            expected=expected,
            remedy="correct the parameter; /api/v1/openapi.json lists what each route takes",
        ) from error
