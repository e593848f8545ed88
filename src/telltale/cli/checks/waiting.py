"""What dead programs left in the journal: for whom, and who will ever come for it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from telltale.cli.checks.answers import Answer, Who, is_here, port_of
from telltale.cli.checks.finding import Finding, Level
from telltale.cli.checks.measures import age, many, size
from telltale.server.home import Tenant
from telltale.tracing.folder import SegmentFile, journals
from telltale.tracing.shipment import Shipment

TOPIC = "journal"
SOON_NS = 60 * 1_000_000_000
"""A server looks for orphans every ten seconds."""
MOST_ASKED = 8
"""Addresses; each may take seconds to say that nobody is there."""


class _Waiting(msgspec.Struct):
    segments: int = 0
    size: int = 0
    oldest_ns: int = 1 << 63


def waiting(
    folder: Path, now_ns: int, ask: Callable[[str], Answer], holder: Tenant | None, flag: str = ""
) -> Iterator[Finding]:
    """One line for each address that segments without an owner wait for.

    Args:
        holder: The server that lives in the home now.
        flag: `--home …`, with a space before it, where the home is not the default one.
    """
    found = _by_destination(folder)
    if not found:
        yield Finding(TOPIC, Level.OK, "nothing waits for a server")
        return
    largest = sorted(found, key=lambda address: -found[address].size)
    for address in largest[:MOST_ASKED]:
        start = f"`telltale server{_port(address)}{flag}`"
        if holder is not None:
            start = f"stop this home's server (process {holder.pid}), then {start}"
        yield _judged(found[address], now_ns, ask(address), f"`telltale flush{flag}`", start)
    if left := largest[MOST_ASKED:]:
        yield Finding(
            TOPIC,
            Level.WARNING,
            f"segments for {len(left)} more addresses wait, which were not asked",
            f"`telltale flush{flag}` ships what it can and names the rest",
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
    address = answer.address
    waited_ns = now_ns - waits.oldest_ns
    found = (
        f"{many(waits.segments, 'segment')} with {size(waits.size)} from programs that ended, the "
        f"oldest {age(waited_ns)} ago, for {address}"
    )
    if answer.takes_spans:
        if is_here(address) and waited_ns < SOON_NS:
            return Finding(TOPIC, Level.OK, f"{found}, which takes them within 10 s")
        return Finding(
            TOPIC, Level.WARNING, f"{found}, where Telltale answers and nobody ships them", flush
        )
    if answer.who is Who.OTHER_FORMAT:
        why, remedy = "which does not read them", f"update the server there, then {flush}"
    elif answer.who is Who.REFUSES_NAME:
        why = "which does not go by that name"
        remedy = f"start it with `telltale server --allowed-host NAME`, then {flush}"
    elif answer.who is Who.STRANGER:
        why = "where another program answers"
        remedy = f"stop that program; {start}" if is_here(address) else _MISTYPED
    elif is_here(address):
        why, remedy = "where nobody answers", f"{start}; it takes them in by itself"
    else:
        why, remedy = f"where nobody answers ({answer.detail})", f"once it is there: {flush}"
    if answer.who in (Who.NOBODY, Who.SILENT) and not is_here(address):
        remedy += f"; {_MISTYPED}"
    return Finding(TOPIC, Level.WARNING, f"{found}, {why}", remedy)


_MISTYPED = "if the address was mistyped, mend TELLTALE_TRACKING_URI or set_tracking_uri()"


def _port(address: str) -> str:
    return "" if port_of(address) == 5000 else f" --port {port_of(address)}"
