"""A web service of the user's: each request runs a crew, in all the ways that FastAPI has.

    python web_app.py

Its port is the first line on stdout. POST /<way>/<mark> answers what the crew wrote, and nothing
where the crew is run behind the answer.
"""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

import marked
import uvicorn
from fastapi import BackgroundTasks, FastAPI

import telltale

_meetings: dict[str, threading.Barrier] = {}

telltale.crewai.autolog()


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Threads for all who wait for one another: by default there are few more than processors."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(8 * marked.AT_ONCE))
    yield


app = FastAPI(lifespan=lifespan)


def crew_of(mark: str) -> Any:
    """It meets the others that are asked for in the same way."""
    meeting = threading.Barrier(marked.AT_ONCE, timeout=marked.MEETING_S)
    return marked.marked_crew(mark, _meetings.setdefault(mark.partition("#")[0], meeting).wait)


@app.post("/sync/{mark}")
def sync(mark: str) -> str:
    """In a thread of FastAPI's."""
    return crew_of(mark).kickoff().raw


@app.post("/awaited/{mark}")
async def awaited(mark: str) -> str:
    """On the loop."""
    return (await crew_of(mark).akickoff()).raw


@app.post("/in_a_thread/{mark}")
async def in_a_thread(mark: str) -> str:
    """In a thread of crewAI's."""
    return (await crew_of(mark).kickoff_async()).raw


@app.post("/spanned/{mark}")
def spanned(mark: str) -> str:
    """Inside a span of the user's."""
    with telltale.start_span(f"request {mark}", span_type="CHAIN"):
        return crew_of(mark).kickoff().raw


@app.post("/spanned_awaited/{mark}")
async def spanned_awaited(mark: str) -> str:
    """The same on the loop."""
    with telltale.start_span(f"request {mark}", span_type="CHAIN"):
        return (await crew_of(mark).akickoff()).raw


@app.post("/traced/{mark}")
@telltale.trace(span_type="CHAIN")
def traced(mark: str) -> str:
    """A handler that is itself traced."""
    return crew_of(mark).kickoff().raw


@app.post("/traced_awaited/{mark}")
@telltale.trace(span_type="CHAIN")
async def traced_awaited(mark: str) -> str:
    """The same on the loop."""
    return (await crew_of(mark).akickoff()).raw


@app.post("/behind/{mark}")
@telltale.trace(span_type="CHAIN")
async def behind(mark: str, tasks: BackgroundTasks) -> None:
    """When the answer is on its way, and the handler's own span has ended."""
    start: Callable[[], object] = crew_of(mark).kickoff
    tasks.add_task(start)


def main() -> None:
    """Serve until SIGTERM; who connects before it is ready waits."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        print(listener.getsockname()[1], flush=True)
        uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])


if __name__ == "__main__":
    main()
