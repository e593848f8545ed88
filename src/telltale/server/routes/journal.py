"""The journal's door."""

from typing import Annotated

import msgspec

from telltale.ingest.journal import Received, journal_of, receive
from telltale.nouns.answers import Acknowledged
from telltale.server.resources import Resources
from telltale.server.route import Call
from telltale.tracing.post import GONE, OWNER

BODY_LIMIT = 24 * 1024 * 1024
"""The largest record is 16 MiB; a piece is a segment's 4 MiB at most, as older SDKs send it, or one
record with the damage before it."""


class JournalQuery(msgspec.Struct, frozen=True):
    """Where in its segment a piece stands."""

    offset: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Bytes before the first record behind the header record."""


def take_journal(resources: Resources, call: Call) -> Acknowledged:
    """Store a piece of a segment; answered once it is on disk."""
    journal, is_orphan = journal_of(call.body), call.headers.get(OWNER.lower()) == GONE
    if not is_orphan:
        # Whether or not the piece can be stored: who sends it lives.
        resources.liveness.hear(journal)
    received = receive(
        call.body,
        call.query.offset,
        resources.store,
        lambda name: resources.metadata.experiment(name).id,
        is_orphan=is_orphan,
    )
    has_ended = is_orphan or (received.beat is not None and received.beat.last)
    if received.beat is not None:
        place = received.segment, received.offset
        resources.programs.tell(journal, place, received.beat)
    if has_ended:
        resources.programs.end(journal)
        resources.liveness.bury(journal, received.said_ns)
    _count(resources, received)
    resources.live.ring()
    return Acknowledged(
        journal=received.journal,
        segment=received.segment,
        offset=received.offset,
        damaged=received.damaged,
        spans=received.spans,
    )


def _count(resources: Resources, received: Received) -> None:
    resources.counts.add("telltale_writes_total")
    resources.counts.add("telltale_spans_total", received.spans)
    resources.counts.add("telltale_damaged_total", received.damaged)
