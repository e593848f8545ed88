"""A server's life: move in, open, listen, serve until told to stop, close."""

import asyncio
import logging
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import uvicorn

from telltale.conventions.normalise import READING_VERSION
from telltale.nouns.addresses import url_of
from telltale.server.adoption import Adoption
from telltale.server.app import make_app
from telltale.server.counts import Count, Counts
from telltale.server.home import LOOK_EVERY_S, Home
from telltale.server.memory import collect_less, keep_no_large_blocks
from telltale.server.page import load_page
from telltale.server.ports import bind
from telltale.server.problems import BrokenOff
from telltale.server.resources import Resources, gather
from telltale.server.retention import Retention
from telltale.server.rounds import Rounds
from telltale.server.settings import Settings, loopback_address
from telltale.store.metadata import open_metadata
from telltale.store.traces import open_trace_store

DRAIN_S = 1
"""An answer that takes longer than this when the server stops is cut off."""


def serve(settings: Settings, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; what was acknowledged is on disk whatever comes.

    Args:
        ready: Called with the address once requests are answered.

    Raises:
        TelltaleError: If home, port or databases cannot be had, saying what to do.
    """
    keep_no_large_blocks()
    with ExitStack() as stack:
        address = loopback_address(settings.host)
        home = Home(settings.home)
        stack.callback(home.leave)
        listener = bind(address, settings.port)
        stack.callback(listener.close)
        url = url_of(address, listener.getsockname()[1])
        home.announce(url)
        resources = _open(settings, home, stack)
        resources.liveness.start()
        _keep(home, resources.counts, stack)
        adoption = Adoption(settings.home, url, resources.counts)
        stack.callback(adoption.stop)

        def answers() -> None:
            ready(url)
            adoption.start()
            collect_less()

        server = _Server(resources, answers)
        _keep_quiet_of_what_is_cut_off(stack)
        with _signals_stop(server):
            server.run(sockets=[listener])


def _open(settings: Settings, home: Home, stack: ExitStack) -> Resources:
    metadata = open_metadata(home.metadata)
    stack.callback(metadata.close)
    store = open_trace_store(home.traces, READING_VERSION)
    stack.callback(store.close)
    resources = gather(settings, metadata, store, load_page())
    stack.callback(resources.liveness.stop)
    retention = Retention(metadata, store, resources.counts, resources.live)
    retention.start()
    stack.callback(retention.stop)
    return resources


def _keep(home: Home, counts: Counts, stack: ExitStack) -> None:
    looks = {"the home's lock could not be taken again": home.look}
    rounds = Rounds("telltale-home", LOOK_EVERY_S, looks, counts, Count.HOME_RETRIES)
    rounds.start()
    stack.callback(rounds.stop)


class _Server(uvicorn.Server):
    """uvicorn, which says when it is ready and does not wait for streams that never end."""

    def __init__(self, resources: Resources, ready: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                make_app(resources),
                log_config=None,
                log_level="warning",
                access_log=False,
                server_header=False,
                ws="none",
                timeout_graceful_shutdown=DRAIN_S,
            )
        )
        self._live = resources.live
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # uvicorn tells the app to stop only after all answers have ended, and these have no end.
        self._live.close()
        await super().shutdown(sockets)


def _keep_quiet_of_what_is_cut_off(stack: ExitStack) -> None:
    """uvicorn logs a traceback for every answer that does not end, also when it ends it itself."""
    log = logging.getLogger("uvicorn.error")
    log.addFilter(_is_news)
    stack.callback(log.removeFilter, _is_news)


def _is_news(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    is_of_drain = str(record.msg).startswith("Cancel %s running task")  # uvicorn 0.54
    return not is_of_drain and not isinstance(error, BrokenOff | asyncio.CancelledError)


@contextmanager
def _signals_stop(server: _Server) -> Iterator[None]:
    """Before uvicorn listens for signals they stop it too, and after it they do no more.

    uvicorn raises the signal that stopped it once again; by default the process would die of it
    before the stores are closed.
    """

    def stop(*_: object) -> None:
        server.should_exit = True

    before = {of: signal.signal(of, stop) for of in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for of, handler in before.items():
            signal.signal(of, handler)
