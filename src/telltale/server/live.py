"""News while it happens: a stream of server-sent events for each reader, woken by writes.

Nobody polls the store. A write rings; each stream then asks the store for what changed after the
`seq` it has reached, so a slow or returning reader misses nothing and nothing is queued for it.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence

import msgspec
from starlette.concurrency import run_in_threadpool

from telltale.nouns.answers import LiveChanges, LiveGone
from telltale.server.counts import Count, Counts
from telltale.store.questions import ChangesSince, TraceStore

PAUSE_S = 0.25
"""At most four batches a second: more would be drawn for nobody."""
KEEP_ALIVE_S = 15.0
"""A comment so often, for proxies that cut what is silent."""
BATCH = 200
MOST_GONE = 1_000
"""Deletions kept for streams that have not told of them yet."""


class Live:
    """The bell that writes ring and streams wait for."""

    def __init__(self) -> None:
        self.closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._bell = asyncio.Event()
        self._gone: deque[tuple[str, ...]] = deque(maxlen=MOST_GONE)
        self.gone = 0
        """How often traces have gone."""

    def open(self) -> None:
        """Begin; called on the event loop that the streams run on."""
        self._loop = asyncio.get_running_loop()

    def ring(self) -> None:
        """Something was written; from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake)

    def say_gone(self, trace_ids: Sequence[str]) -> None:
        """Traces were deleted; from any thread."""
        if trace_ids and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._note_gone, tuple(trace_ids))

    def gone_after(self, count: int) -> list[tuple[str, ...]]:
        """What has gone since so many times; the last of it, where that is long ago."""
        new = self.gone - count
        return list(self._gone)[-new:] if new else []

    def close(self) -> None:
        """End all streams, so that the server can stop; on the event loop."""
        self.closed = True
        self._wake()

    def bell(self) -> asyncio.Event:
        """What the next ring sets. Take it before reading the store, and no write slips by."""
        return self._bell

    def _note_gone(self, trace_ids: tuple[str, ...]) -> None:
        self._gone.append(trace_ids)
        self.gone += 1
        self._wake()

    def _wake(self) -> None:
        self._bell.set()
        self._bell = asyncio.Event()


async def follow(
    live: Live,
    store: TraceStore,
    counts: Counts,
    since: int,
    experiment_id: int | None,
    keep_alive_s: float = KEEP_ALIVE_S,
) -> AsyncIterator[bytes]:
    """Events for one reader, until it or the server leaves.

    An event `gone` names traces that were deleted meanwhile; who was away asks for the list anew.

    Each `changes` event holds at most `BATCH` traces; the first comment says that the stream
    stands, so that a browser need not wait for news to know.
    """
    counts.add(Count.LIVE_STREAMS)
    told = live.gone
    try:
        yield b": telltale live\n\n"
        while not live.closed:
            bell = live.bell()
            for trace_ids in live.gone_after(told):
                yield b"event: gone\ndata: %s\n\n" % msgspec.json.encode(LiveGone(trace_ids))
            told = live.gone
            question = ChangesSince(seq=since, experiment_id=experiment_id, limit=BATCH)
            changes = await run_in_threadpool(store.read, question)
            since = max(since, changes.seq)
            if changes.traces:
                yield _event(LiveChanges(changes.seq, changes.traces))
            # Also where nothing was for this reader: others may write a hundred times a second.
            await asyncio.sleep(PAUSE_S)
            if len(changes.traces) < BATCH and not await _rings(bell, keep_alive_s):
                yield b": still here\n\n"
    finally:
        counts.add(Count.LIVE_STREAMS, -1)


async def _rings(bell: asyncio.Event, within_s: float) -> bool:
    try:
        async with asyncio.timeout(within_s):
            await bell.wait()
    except TimeoutError:
        return False
    return True


def _event(changes: LiveChanges) -> bytes:
    return b"event: changes\nid: %d\ndata: %s\n\n" % (changes.seq, msgspec.json.encode(changes))
