"""The journal's door."""

from typing import Annotated

import msgspec

from telltale.ingest.journal import receive
from telltale.nouns.answers import Acknowledged
from telltale.server.resources import Resources
from telltale.server.route import Call

BODY_LIMIT = 24 * 1024 * 1024
"""The largest record is 16 MiB; a piece is a segment's 4 MiB at most, or one record."""


class JournalQuery(msgspec.Struct, frozen=True):
    """Where in its segment a piece stands."""

    offset: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Bytes before the first record behind the header record."""


def take_journal(resources: Resources, call: Call) -> Acknowledged:
    """Store a piece of a segment; answered once it is on disk."""
    received = receive(
        call.body,
        call.query.offset,
        resources.store,
        lambda name: resources.metadata.experiment(name).id,
    )
    resources.counts.add("telltale_writes_total")
    resources.counts.add("telltale_spans_total", received.spans)
    resources.counts.add("telltale_damaged_total", received.damaged)
    resources.live.ring()
    return Acknowledged(
        journal=received.journal,
        segment=received.segment,
        offset=received.offset,
        damaged=received.damaged,
        spans=received.spans,
    )
