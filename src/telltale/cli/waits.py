"""What programs that have ended left in a journal, by the address that it waits for."""

from pathlib import Path

import msgspec

from telltale.tracing.folder import SegmentFile, journals
from telltale.tracing.shipment import Shipment


class Waits(msgspec.Struct):
    """What waits for one address."""

    segments: int = 0
    size: int = 0
    oldest_ns: int = 1 << 63


def waits_of(folder: Path) -> dict[str, Waits]:
    """Segments without an owner by the address in them, in the order in which they were met.

    Those whose header cannot be read wait for nobody.
    """
    found: dict[str, Waits] = {}
    for journal in journals(folder):
        if not journal.segments or journal.has_owner():
            continue
        for segment in journal.segments:
            if (address := _destination(segment)) is None:
                continue
            waits = found.setdefault(address, Waits())
            waits.segments += 1
            waits.size += segment.size
            waits.oldest_ns = min(waits.oldest_ns, segment.changed_ns)
    return found


def _destination(segment: SegmentFile) -> str | None:
    try:
        return Shipment(segment.path).destination
    except (OSError, ValueError):
        return None
