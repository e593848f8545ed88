"""The ASGI app: the route table bound to what is open, inside two doors."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial

import anyio.to_thread
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.routing import Route as Binding
from starlette.types import Scope

from telltale.nouns.answers import Problem
from telltale.nouns.nearest import nearest
from telltale.server.forms import PROBLEM_JSON
from telltale.server.guard import Doorkeeper, Edge
from telltale.server.problems import problem
from telltale.server.resources import Resources
from telltale.server.route import Endpoint
from telltale.server.table import ROUTES

WORKERS = 16
"""Threads: enough for many programs to wait for one group commit, few enough to stay small."""
SMALLEST_GZIP_BYTES = 1024
GZIP_LEVEL = 5
"""Skeletons shrink nearly as far as at level 9, for a third of the time."""


def make_app(resources: Resources) -> Starlette:
    """The app over what is open; it closes the live streams, and nothing else."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = WORKERS
        resources.live.open()
        yield
        resources.live.close()

    bindings = [
        Binding(route.path, Endpoint(route, resources), methods=[route.method]) for route in ROUTES
    ]
    respond = partial(_respond, bindings)
    app = Starlette(
        routes=bindings,
        middleware=[
            Middleware(Edge, counts=resources.counts, respond=respond),
            Middleware(Doorkeeper, allowed_hosts=resources.settings.allowed_hosts, respond=respond),
            Middleware(GZipMiddleware, minimum_size=SMALLEST_GZIP_BYTES, compresslevel=GZIP_LEVEL),
        ],
        exception_handlers={404: _no_such_path, 405: partial(_no_such_method, bindings)},
        lifespan=lifespan,
    )
    # A path with a slash too many is another path: a redirect would name the host it was asked by.
    app.router.redirect_slashes = False
    return app


def _respond(
    bindings: list[Binding],
    scope: Scope,
    what: Problem,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem that no route has raised, in the form of the route that has the path."""
    form = PROBLEM_JSON
    for route, binding in zip(ROUTES, bindings, strict=True):
        if binding.matches(scope)[0] is not Match.NONE:
            form = route.fails_as
            break
    return form.respond(what, headers, Headers(scope=scope))


async def _no_such_path(request: Request, error: Exception) -> Response:
    path = request.url.path
    return PROBLEM_JSON.respond(
        problem(
            404,
            "no-such-path",
            "No route has this path",
            f"path {path!r}: no route has it; /api/v1/openapi.json lists all",
            given=path,
            expected="a path from /api/v1/openapi.json",
            remedy="correct the path",
            suggestions=nearest(path, [route.path for route in ROUTES]),
        )
    )


async def _no_such_method(bindings: list[Binding], request: Request, error: Exception) -> Response:
    path = request.url.path
    # Several rows may have the path, and Starlette tells of the first.
    methods = [
        one.methods or () for one in bindings if one.matches(request.scope)[0] is not Match.NONE
    ]
    allowed = ", ".join(sorted(set().union(*methods)))
    return _respond(
        bindings,
        request.scope,
        problem(
            405,
            "no-such-method",
            "This path has another method",
            f"{request.method} {path!r}: this path takes {allowed}",
            given=request.method,
            expected=allowed,
            remedy="use a method that the path takes",
        ),
        {"Allow": allowed},
    )
