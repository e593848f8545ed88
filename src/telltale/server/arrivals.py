"""A piece of a journal arrives: it is stored, and it is news of the process that wrote it."""

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
    try:
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
    except StoreBroken as error:
        resources.trouble.refused(error, len(body))
        raise
    except StoreBusy as error:
        resources.trouble.busy(error)
        raise
    if received.spans:
        resources.trouble.stored(len(body))
    _count(resources, received)
    resources.live.ring()
    return received


def _count(resources: Resources, received: Received) -> None:
    resources.counts.add(Count.WRITES)
    resources.counts.add(Count.SPANS, received.spans)
    resources.counts.add(Count.DAMAGED, received.damaged)
