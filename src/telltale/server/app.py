"""The ASGI app: the route table bound to what is open, inside two doors."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as Binding

from telltale.nouns.nearest import nearest
from telltale.server.guard import Doorkeeper, Edge
from telltale.server.problems import problem, respond
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

    app = Starlette(
        routes=[
            Binding(route.path, Endpoint(route, resources), methods=[route.method])
            for route in ROUTES
        ],
        middleware=[
            Middleware(Edge, counts=resources.counts),
            Middleware(Doorkeeper, allowed_hosts=resources.settings.allowed_hosts),
            Middleware(GZipMiddleware, minimum_size=SMALLEST_GZIP_BYTES, compresslevel=GZIP_LEVEL),
        ],
        exception_handlers={404: _no_such_path, 405: _no_such_method},
        lifespan=lifespan,
    )
    # A path with a slash too many is another path: a redirect would name the host it was asked by.
    app.router.redirect_slashes = False
    return app


async def _no_such_path(request: Request, error: Exception) -> Response:
    path = request.url.path
    return respond(
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


async def _no_such_method(request: Request, error: Exception) -> Response:
    path = request.url.path
    allowed = ", ".join(sorted(error.headers["Allow"].split(", ")))  # type: ignore[attr-defined]
    return respond(
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
