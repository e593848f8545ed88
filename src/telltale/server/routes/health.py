"""For those who watch the server rather than use it."""

import msgspec

from telltale.server.counts import Count
from telltale.server.resources import Resources
from telltale.server.route import Call
from telltale.store.questions import FindTraces

EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"


class Health(msgspec.Struct, frozen=True, omit_defaults=True):
    """The server is alive and its store answers."""

    status: str
    """`ok`, or `refusing` while what programs send cannot be stored."""
    refusing: str = ""
    """Why, then."""


def read_health(resources: Resources, call: Call) -> Health:
    """How it is, once the store has answered a question."""
    resources.store.read(FindTraces(limit=1))
    refusing = resources.trouble.refusal()
    return Health("refusing" if refusing else "ok", refusing)


def read_metrics(resources: Resources, call: Call) -> str:
    """Counters and gauges in Prometheus' text format."""
    backlog = resources.store.backlog()
    resources.counts.set(Count.QUEUE_WRITES, backlog.writes)
    resources.counts.set(Count.QUEUE_BYTES, backlog.bytes)
    return resources.counts.exposition()
