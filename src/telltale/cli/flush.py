"""`telltale flush`: ship the journals of programs that ended while no server was there."""

import os
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import click
import msgspec

from telltale.cli.answers import ask, same_place
from telltale.cli.cells import plain
from telltale.cli.exits import STOPPED
from telltale.cli.home import SameHome, holder_of, home_option, home_there, why_closed
from telltale.cli.measures import many, some
from telltale.cli.obstacle import MOST_ASKED, obstacle
from telltale.cli.stopping import Stopped, stoppable
from telltale.cli.waits import waits_of
from telltale.nouns.errors import BadInput, TelltaleError
from telltale.server.home import Tenant
from telltale.tracing.folder import journals
from telltale.tracing.orphans import Orphans, Shipped
from telltale.tracing.settings import named_destination, read_destination

EXIT_CODES = (
    "Exit codes: 0 nothing waits, 1 something waits or failed, 2 used wrongly, 3 no such home, "
    f"{STOPPED}"
)
TELL_EVERY_S = 2.0


class _Told(msgspec.Struct):
    """What became of the segments for one destination."""

    shipped: int = 0
    waiting: list[str] = []
    """Names of the files."""
    reasons: dict[str, None] = {}
    """Why they wait, each once, in the order in which they were met."""


_Destinations = dict[str, _Told]
"""By address; empty where the header cannot be read."""


@click.command(epilog=EXIT_CODES)
@home_option("Folder whose journal is shipped.")
@click.option(
    "--instead-of",
    metavar="ADDRESS",
    help="What waits for this address goes to the one of --to: it was mistyped, or has moved.",
)
@click.option("--to", metavar="ADDRESS", help="Where it goes.  [default: where programs send now]")
def flush(home: Path | None, instead_of: str | None, to: str | None) -> None:
    """Ship what programs recorded while their server was not there.

    Each program's journal goes to the server that the program named. Those of programs that still
    run are left to them. Prints a line for each server, beneath it what brings there what still
    waits, and the sum. Counted are segments: the files of a journal, of which a program fills one
    after the other.
    """
    place = home_there(home)
    folder = _usable(place / "journal")
    same_home = SameHome(home)
    instead = _instead(instead_of, to, folder, same_home)
    holder = holder_of(place)
    told: _Destinations = {}
    try:
        with stoppable():
            _ship(Orphans(folder, instead=instead), told)
            for line in chain(_arrivals(told, same_home, holder), _left(folder), [_sum(told)]):
                click.echo(plain(line))
    except Stopped as stop:
        again = f"what is left waits for another {same_home.command('flush')}"
        click.echo(
            f"telltale: stopped, {many(_shipped(told), 'segment')} shipped; {again}", err=True
        )
        raise SystemExit(stop.exit_code) from stop
    if any(one.waiting for one in told.values()):
        raise SystemExit(1)


def _usable(folder: Path) -> Path:
    """A journal that cannot be locked would look like one without orphans."""
    if folder.exists() and not folder.is_dir():
        raise TelltaleError(f"{folder} is not a folder, so no journal lies there; move it away")
    if folder.exists() and (why := why_closed(folder)):
        raise TelltaleError(
            f"{folder} {why}, so nothing can be shipped from it; run this as the user whose "
            "programs wrote it, or copy the home to where you may write, and name that with --home"
        )
    return folder


def _instead(
    mistaken: str | None, to: str | None, folder: Path, same_home: SameHome
) -> dict[str, str]:
    """Where to send what waits for a mistaken address, under each name that it has.

    Raises:
        BadInput: If nothing waits for it, and nothing could.
    """
    if mistaken is None:
        if to is not None:
            raise click.UsageError(
                f"--to {to!r}: expected --instead-of ADDRESS beside it, the address that programs "
                f"recorded for; {same_home.command('flush')} alone names those"
            )
        return {}
    waiting = list(waits_of(folder))
    # As it stands in the segments, which may be what is no address today.
    meant = [address for address in waiting if _is_meant(mistaken, address)]
    if not meant:
        waits = f"segments wait for {some(waiting)}" if waiting else "no segment waits for any"
        if not _is_address(mistaken):
            raise BadInput(
                f"--instead-of {mistaken!r}: expected an address that segments wait for, "
                f"http(s)://host[:port]; {waits}",
                given=mistaken,
                expected="http(s)://host[:port]",
            )
        click.echo(f"telltale: nothing waits for {mistaken}; {waits}", err=True)
    address = read_destination(to) if to else named_destination(os.environ).address
    return dict.fromkeys((mistaken.rstrip("/"), *meant), address)


def _is_meant(mistaken: str, waiting: str) -> bool:
    if waiting == mistaken.rstrip("/"):
        return True
    return _is_address(mistaken) and _is_address(waiting) and same_place(mistaken, waiting)


def _is_address(text: str) -> bool:
    try:
        return bool(read_destination(text))
    except BadInput:
        return False


def _ship(orphans: Orphans, told: _Destinations) -> None:
    said_s = time.monotonic()
    for segment in orphans.ship():
        _note(segment, told.setdefault(segment.destination, _Told()))
        if time.monotonic() - said_s > TELL_EVERY_S:
            said_s = time.monotonic()
            click.echo(_sum(told), err=True)


def _note(segment: Shipped, told: _Told) -> None:
    if segment.problem:
        told.waiting.append(segment.path.name)
        told.reasons[segment.problem] = None
    else:
        told.shipped += 1


def _arrivals(told: _Destinations, same_home: SameHome, holder: Tenant | None) -> Iterator[str]:
    """For each destination what arrived, what did not, and what mends that."""
    asked = 0
    for destination, one in told.items():
        counts = [f"{many(one.shipped, 'segment')} shipped"] if one.shipped else []
        counts += [f"{many(len(one.waiting), 'segment')} waiting"] if one.waiting else []
        reasons = f": {some(list(one.reasons))}" if one.reasons else ""
        name = destination or some(one.waiting)
        yield f"{name}: {', '.join(counts)}{reasons}"
        if not destination:
            yield f"  → {same_home.command('doctor')} says more of them"
        elif one.waiting and asked < MOST_ASKED:
            asked += 1
            yield f"  → {_remedy(destination, same_home, holder)}"


def _remedy(destination: str, same_home: SameHome, holder: Tenant | None) -> str:
    answer = ask(destination)
    if answer.takes_spans:
        return "check what that server has logged, then run this again"
    _, remedy = obstacle(answer, "this again", same_home, holder)
    return remedy


def _left(folder: Path) -> Iterator[str]:
    """What belongs to programs that still run."""
    living = [journal for journal in journals(folder) if journal.segments and journal.has_owner()]
    if living:
        segments = many(sum(len(journal.segments) for journal in living), "segment")
        yield f"left to {many(len(living), 'program')} that may still write: {segments}"


def _sum(told: _Destinations) -> str:
    waiting = sum(len(one.waiting) for one in told.values())
    return f"{many(_shipped(told), 'segment')} shipped, {waiting:,} waiting"


def _shipped(told: _Destinations) -> int:
    return sum(one.shipped for one in told.values())
