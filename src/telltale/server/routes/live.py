"""The live stream."""

from typing import Annotated

import msgspec
from starlette.responses import StreamingResponse

from telltale.nouns.errors import BadInput
from telltale.server.live import follow
from telltale.server.resources import Resources
from telltale.server.route import Call
from telltale.server.routes.experiments import experiment_id
from telltale.store.questions import FindTraces

EVENT_STREAM = "text/event-stream"


class LiveQuery(msgspec.Struct, frozen=True):
    """From where to follow, and what."""

    since: Annotated[int, msgspec.Meta(ge=0)] | None = None
    """Changes after this `seq`; without it, from now on. The header `Last-Event-ID`, which a
    browser sends when it reconnects, goes before it."""
    experiment: str | None = None
    """Id or name; all experiments without it."""


def stream_changes(resources: Resources, call: Call) -> StreamingResponse:
    """Server-sent events, one `changes` for each batch of traces that changed."""
    since = _since(call)
    now = resources.store.read(FindTraces(limit=1)).seq
    if since is None:
        since = now
    elif since > now:
        # The reader knows a home that was since removed: all that is here is news to it.
        since = 0
    changes = follow(
        resources.live,
        resources.store,
        resources.counts,
        since,
        experiment_id(resources, call.query.experiment),
    )
    return StreamingResponse(
        changes,
        media_type=EVENT_STREAM,
        # nginx would hold events back until a buffer is full.
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def _since(call: Call) -> int | None:
    last = call.headers.get("last-event-id", "")
    if not last:
        return call.query.since
    if not (last.isascii() and last.isdigit()):
        raise BadInput(
            f"header Last-Event-ID {last!r}: expected the id of an event of this stream",
            given=last,
            expected="a whole number",
            remedy="leave the header out, and give `since` instead",
        )
    # Python reads no more than 4,300 digits; 20 are beyond any `seq` already.
    return int(last[:20])
