"""What dead programs left in the journal: for whom, and who will ever come for it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from telltale.cli.checks.answers import Answer, Who
from telltale.cli.checks.finding import Finding, Level
from telltale.cli.checks.measures import age, many, size
from telltale.nouns.addresses import is_here
from telltale.nouns.remedies import UPDATE, server_command, start_server
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
        start = start_server(address, flag)
        if holder is not None:
            start = f"stop this home's server (process {holder.pid}), then {start}"
        yield _judged(found[address], now_ns, ask(address), f"`telltale flush{flag}`", start)
    if left := largest[MOST_ASKED:]:
        yield Finding(
            TOPIC,
            Level.WARNING,
            f"segments wait for {len(left)} more addresses, which were not asked",
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
    waited_ns = now_ns - waits.oldest_ns
    found = (
        f"{many(waits.segments, 'segment')} with {size(waits.size)} from programs that ended, the "
        f"oldest {age(waited_ns)} ago, for {answer.address}"
    )
    if answer.takes_spans and is_here(answer.address) and waited_ns < SOON_NS:
        return Finding(TOPIC, Level.OK, f"{found}, which takes them within 10 s")
    why, remedy = obstacle(answer, flush, start)
    return Finding(TOPIC, Level.WARNING, f"{found}, {why}", remedy)


def obstacle(answer: Answer, flush: str, start: str) -> tuple[str, str]:
    """Why spans wait for an address, as the end of a sentence, and what brings them there.

    Args:
        flush: The command that ships them once a server is there.
        start: What starts one.
    """
    is_startable = bool(server_command(answer.address))
    if answer.takes_spans:
        return "where Telltale answers and nobody ships them", f"run {flush}"
    if answer.who is Who.OTHER_FORMAT:
        return "which does not read them", f"update the server there ({UPDATE}), then run {flush}"
    if answer.who is Who.REFUSES_NAME:
        return (
            "which refuses requests for that name",
            f"start it again with `telltale server --allowed-host NAME`, then run {flush}",
        )
    if answer.who is Who.STRANGER:
        why = "where another program answers"
        return why, f"stop that program, then {start}" if is_startable else _MISTYPED
    if answer.who is Who.SILENT:
        why = "where a server does not answer in time"
        return why, f"check that server and what it has logged, then run {flush}"
    if is_startable:
        return "where nobody answers", f"{start}; it takes them in by itself"
    return (
        f"where nobody answers ({answer.detail})",
        f"once a server answers there, run {flush}; {_MISTYPED}",
    )


_MISTYPED = "if the address was mistyped, correct TELLTALE_TRACKING_URI or set_tracking_uri()"
