"""What dead programs left in the journal: for whom, and who will ever come for it."""

from collections.abc import Callable, Iterator
from pathlib import Path

from telltale.cli.answers import Answer, Who, same_place
from telltale.cli.checks.finding import Finding, Level, Topic
from telltale.cli.home import SameHome
from telltale.cli.measures import age, many, size
from telltale.cli.obstacle import MOST_ASKED, obstacle
from telltale.cli.waits import Waits, waits_of
from telltale.nouns.addresses import is_here
from telltale.nouns.remedies import server_command
from telltale.server.home import Tenant

SOON_NS = 60 * 1_000_000_000
"""A server looks for orphans every ten seconds."""


def check_waiting(
    folder: Path,
    now_ns: int,
    destination: str,
    ask: Callable[[str], Answer],
    holder: Tenant | None,
    same_home: SameHome,
) -> Iterator[Finding]:
    """One line for each address that segments without an owner wait for.

    Args:
        destination: Where spans are sent to now, of which the check of the server tells.
        holder: The server that lives in the home now.
    """
    found = waits_of(folder)
    if not found:
        yield Finding(Topic.JOURNAL, Level.OK, "nothing waits for a server")
        return
    flush = same_home.command("flush")
    largest = sorted(found, key=lambda address: -found[address].size)
    for address in largest[:MOST_ASKED]:
        answer = ask(address)
        waits = _waits(found[address], now_ns, address)
        is_told = bool(server_command(address)) and same_place(address, destination)
        if is_told and answer.who is Who.NOBODY and holder is None:
            # One server that is missing is one fault.
            yield Finding(
                Topic.JOURNAL,
                Level.NOTE,
                f"{waits}, where nobody answers",
                "start that server, as said under server: it takes them in by itself",
            )
        else:
            waited_ns = now_ns - found[address].oldest_ns
            yield _judged(answer, waits, waited_ns, flush, same_home, holder)
    if left := largest[MOST_ASKED:]:
        yield Finding(
            Topic.JOURNAL,
            Level.WARNING,
            f"segments wait for {len(left)} more addresses, which were not asked",
            f"{flush} ships what it can and names the rest",
        )


def _waits(waits: Waits, now_ns: int, address: str) -> str:
    return (
        f"{many(waits.segments, 'segment')} with {size(waits.size)} from programs that ended, the "
        f"oldest {age(now_ns - waits.oldest_ns)} ago, for {address}"
    )


def _judged(
    answer: Answer,
    waits: str,
    waited_ns: int,
    flush: str,
    same_home: SameHome,
    holder: Tenant | None,
) -> Finding:
    if answer.version.refusing:
        why = "which stores nothing now"
        return Finding(Topic.JOURNAL, Level.WARNING, f"{waits}, {why}", "see under server")
    if answer.takes_spans and is_here(answer.address) and waited_ns < SOON_NS:
        return Finding(Topic.JOURNAL, Level.OK, f"{waits}, which takes them within 10 s")
    why, remedy = obstacle(answer, flush, same_home, holder)
    return Finding(Topic.JOURNAL, Level.WARNING, f"{waits}, {why}", remedy)
