"""What dead programs left in the journal: for whom, and who will ever come for it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from telltale.cli.answers import Answer
from telltale.cli.checks.finding import Finding, Level, Topic
from telltale.cli.home import SameHome
from telltale.cli.measures import age, many, size
from telltale.cli.obstacle import MOST_ASKED, obstacle
from telltale.nouns.addresses import is_here
from telltale.server.home import Tenant
from telltale.tracing.folder import SegmentFile, journals
from telltale.tracing.shipment import Shipment

SOON_NS = 60 * 1_000_000_000
"""A server looks for orphans every ten seconds."""


class _Waiting(msgspec.Struct):
    segments: int = 0
    size: int = 0
    oldest_ns: int = 1 << 63


def check_waiting(
    folder: Path,
    now_ns: int,
    ask: Callable[[str], Answer],
    holder: Tenant | None,
    same_home: SameHome,
) -> Iterator[Finding]:
    """One line for each address that segments without an owner wait for.

    Args:
        holder: The server that lives in the home now.
    """
    found = _by_destination(folder)
    if not found:
        yield Finding(Topic.JOURNAL, Level.OK, "nothing waits for a server")
        return
    flush = same_home.command("flush")
    largest = sorted(found, key=lambda address: -found[address].size)
    for address in largest[:MOST_ASKED]:
        start = same_home.start_server(address)
        if holder is not None:
            start = f"stop this home's server (process {holder.pid}), then {start}"
        yield _judged(found[address], now_ns, ask(address), flush, start)
    if left := largest[MOST_ASKED:]:
        yield Finding(
            Topic.JOURNAL,
            Level.WARNING,
            f"segments wait for {len(left)} more addresses, which were not asked",
            f"{flush} ships what it can and names the rest",
        )


def _by_destination(folder: Path) -> dict[str, _Waiting]:
    found: dict[str, _Waiting] = {}
    for journal in journals(folder):
        if not journal.segments or journal.has_owner():
            continue
        for segment in journal.segments:
            if (address := _destination(segment)) is None:
                continue
            waits = found.setdefault(address, _Waiting())
            waits.segments += 1
            waits.size += segment.size
            waits.oldest_ns = min(waits.oldest_ns, segment.changed_ns)
    return found


def _destination(segment: SegmentFile) -> str | None:
    try:
        return Shipment(segment.path).destination
    except (OSError, ValueError):
        return None  # Told elsewhere, as damage.


def _judged(waits: _Waiting, now_ns: int, answer: Answer, flush: str, start: str) -> Finding:
    waited_ns = now_ns - waits.oldest_ns
    found = (
        f"{many(waits.segments, 'segment')} with {size(waits.size)} from programs that ended, the "
        f"oldest {age(waited_ns)} ago, for {answer.address}"
    )
    if answer.takes_spans and is_here(answer.address) and waited_ns < SOON_NS:
        return Finding(Topic.JOURNAL, Level.OK, f"{found}, which takes them within 10 s")
    why, remedy = obstacle(answer, flush, start)
    return Finding(Topic.JOURNAL, Level.WARNING, f"{found}, {why}", remedy)
