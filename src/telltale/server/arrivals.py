"""Spans arrive: they are stored, and who watches the server is told.

By journal they are news, too, of the process that wrote it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from telltale.ingest.journal import Received, read_piece, receive, said_ns
from telltale.nouns.errors import StoreBroken, StoreBusy
from telltale.server.counts import Count
from telltale.server.resources import Resources


def take(
    resources: Resources, body: bytes, offset: int, *, is_orphan: bool, has_more: bool = False
) -> Received:
    """Store a piece, and let everybody know who wants to: who lives, how it fares, what is new.

    Args:
        offset: Bytes of its segment before the piece, the header record included.
        is_orphan: Its process has ended, and somebody else brings what it left.
        has_more: Of that, more is to come, in which spans may end that are still open.

    Raises:
        BadInput: If it does not begin with a header that can be read.
        StoreBusy, StoreBroken: If nothing of it was stored, or its process could not be marked.
    """
    piece = read_piece(body, is_orphan=is_orphan)
    with felt(resources, len(body)) as stored:
        # Whether or not the piece can be stored.
        if not is_orphan:
            resources.liveness.hear(piece.header.journal_id)
        elif has_more:
            resources.liveness.expect(piece.header.journal_id)
        received = receive(
            piece, offset, resources.store, lambda name: resources.metadata.experiment(name).id
        )
        beat = received.beat
        if beat is not None:
            place = received.segment, received.offset
            resources.programs.tell(received.journal, place, beat)
        if (is_orphan and not has_more) or (beat is not None and beat.last):
            resources.programs.end(received.journal)
            resources.liveness.bury(received.journal, said_ns(piece, body))
        stored.spans = received.spans
    resources.counts.add(Count.DAMAGED, received.damaged)
    return received


class Stored:
    """How many spans are on disk, once that is known."""

    spans = 0


@contextmanager
def felt(resources: Resources, size: int) -> Iterator[Stored]:
    """Within, spans are stored, and who watches the server is told how that went.

    Args:
        size: Bytes that they came in.
    """
    stored = Stored()
    try:
        yield stored
    except StoreBroken as error:
        resources.trouble.refused(error, size)
        raise
    except StoreBusy as error:
        resources.trouble.busy(error)
        raise
    if stored.spans:
        resources.trouble.stored(size)
    resources.counts.add(Count.WRITES)
    resources.counts.add(Count.SPANS, stored.spans)
    resources.live.ring()
