"""`telltale db upgrade`."""

from collections.abc import Callable
from pathlib import Path

import click
import msgspec

from telltale.cli.exits import STOPPABLE_EXIT_CODES
from telltale.cli.home import holder_of, home_option, home_there
from telltale.cli.stopping import Stopped, stoppable
from telltale.nouns.errors import NotFound, StoreBroken, TelltaleError
from telltale.nouns.remedies import UPDATE_THIS
from telltale.server.home import Home, Tenant
from telltale.store.files import METADATA, TRACES
from telltale.store.layouts import Upgraded
from telltale.store.metadata import upgrade_metadata
from telltale.store.traces import LAYOUT, Look, look_at, upgrade_trace_store

_EXPECTED = "give the home of a server with --home or TELLTALE_HOME"


@click.command(epilog=STOPPABLE_EXIT_CODES)
@home_option("Folder of the server.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array of what was upgraded.")
def upgrade(home: Path | None, as_json: bool) -> None:
    """Bring the databases to the layout of this Telltale, after a copy.

    `telltale server` does the same when it starts. The copy stays beside the file, as
    traces.db.layout-1 or the like: under its old name, the older Telltale can go on with it.

    Where a server runs that has done so, nothing is left to do, which is no failure. A home
    without databases is not found.
    """
    folder = home_there(home)
    # Before anything is written there: it may be no home of ours, or not ours alone. Where that
    # cannot be told, whoever moves in is told why.
    if (holder := holder_of(folder)) is not None:
        _check_is_done(folder, holder)
        click.echo("[]" if as_json else f"{folder} is up to date; {_told(holder)} holds it")
        return
    _check_is_ours(folder)
    upgraded: list[Upgraded] = []

    def tell(done: Upgraded) -> None:
        upgraded.append(done)
        # At once: the next one may fail.
        click.echo(done, err=as_json)

    try:
        with stoppable():
            _upgrade(folder, tell)
    except Stopped as stop:
        state = "each database is as it was or wholly upgraded; run this again for the rest"
        click.echo(f"telltale: stopped; {state}", err=True)
        raise SystemExit(stop.exit_code) from stop
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(upgraded), indent=2).decode())
    elif not upgraded:
        click.echo(f"{folder} is up to date")


def _upgrade(folder: Path, tell: Callable[[Upgraded], None]) -> None:
    held = Home(folder)
    try:
        if (done := upgrade_trace_store(held.traces)) is not None:
            tell(done)
        if (done := upgrade_metadata(held.metadata)) is not None:
            tell(done)
    finally:
        held.leave()


def _check_is_done(folder: Path, holder: Tenant) -> None:
    """A server has brought its home up to date when it started, unless it is an older Telltale."""
    _check_is_ours(folder)
    if _look(folder / TRACES).layout < LAYOUT:
        raise TelltaleError(
            f"home {str(folder)!r} is held by {_told(holder)}, which is of an older Telltale: "
            f"stop it first (kill {holder.pid})"
        )


def _told(holder: Tenant) -> str:
    where = f" at {holder.address}" if holder.address else ""
    return f"the server of process {holder.pid}{where}"


def _check_is_ours(folder: Path) -> None:
    """Refuse what the stores would refuse with advice for a server, or would make anew."""
    traces, metadata = folder / TRACES, folder / METADATA
    look = _look(traces)
    if strange := look.strangeness:
        raise StoreBroken(f"{traces} {strange}, and is left as it is; {_EXPECTED}")
    if look.layout > LAYOUT:
        raise StoreBroken(
            f"{traces} has layout {look.layout}, this Telltale knows {LAYOUT}: a newer one "
            f"wrote it; {UPDATE_THIS}"
        )
    if not _look(metadata).is_database:
        raise StoreBroken(f"{metadata} is not a SQLite database, and is left as it is; {_EXPECTED}")


def _look(path: Path) -> Look:
    if path.exists() and not path.is_file():
        raise StoreBroken(f"{path} is not a file, and is left as it is; {_EXPECTED}")
    try:
        look = look_at(path)
    except OSError as error:
        raise StoreBroken(
            f"{path} cannot be read: {error.strerror}; run this as the user that the server runs "
            f"as, or {_EXPECTED}"
        ) from error
    if look is None:
        raise NotFound(
            f"{path}: there is no database to upgrade; a server makes it when it starts; "
            f"{_EXPECTED}",
            given=str(path),
        )
    if not look.size:
        raise NotFound(
            f"{path} is empty, so there is nothing to upgrade; a server fills it when it starts; "
            f"{_EXPECTED}",
            given=str(path),
        )
    return look
