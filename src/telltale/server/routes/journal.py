"""The journal's door."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated

import msgspec

from telltale.nouns.answers import Acknowledged
from telltale.server.arrivals import take
from telltale.server.resources import Resources
from telltale.server.route import Call
from telltale.tracing.records import GONE, JOURNAL_ID_BYTES, MORE, OWNER

BODY_LIMIT = 24 * 1024 * 1024
"""The largest record is 16 MiB; a piece is a segment's 4 MiB at most, as older SDKs send it, or one
record with the damage before it."""


class JournalQuery(msgspec.Struct, frozen=True):
    """Where in its segment a piece stands."""

    offset: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Bytes before the first record behind the header record."""


def hear_owner(resources: Resources, headers: Mapping[str, str]) -> None:
    """The process that a piece comes from lives, whether or not it will be whole or be taken."""
    with suppress(ValueError):
        journal = bytes.fromhex(headers.get(OWNER.lower(), ""))
        if len(journal) == JOURNAL_ID_BYTES:
            resources.liveness.sense(journal)


def take_journal(resources: Resources, call: Call) -> Acknowledged:
    """Store a piece of a segment; answered once it is on disk."""
    is_orphan = call.headers.get(OWNER.lower()) == GONE
    has_more = call.headers.get(MORE.lower()) == "1"
    received = take(resources, call.body, call.query.offset, is_orphan=is_orphan, has_more=has_more)
    return Acknowledged(
        journal=received.journal.hex(),
        segment=received.segment,
        offset=received.offset,
        damaged=received.damaged,
        spans=received.spans,
    )
