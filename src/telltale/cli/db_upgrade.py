"""`telltale db upgrade`."""

from collections.abc import Callable
from pathlib import Path

import click
import msgspec

from telltale.cli.exits import EXIT_CODES
from telltale.nouns.errors import NotFound
from telltale.server.home import Home
from telltale.store.layouts import Upgraded
from telltale.store.metadata import upgrade_metadata
from telltale.store.traces import upgrade_trace_store
from telltale.tracing.settings import default_home


@click.command(epilog=EXIT_CODES)
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the server.  [default: $TELLTALE_HOME, else ~/.telltale]",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON array of what was upgraded.")
def upgrade(home: Path | None, as_json: bool) -> None:
    """Bring the databases to the layout of this Telltale, after a copy.

    `telltale server` does the same when it starts. The copy stays beside the file, as
    traces.db.layout-1 or the like: under its old name, the older Telltale can go on with it.
    """
    folder = (home or default_home()).expanduser().absolute()
    if not folder.is_dir():
        raise NotFound(
            f"home {str(folder)!r}: there is no such folder; give a server's with --home or "
            "TELLTALE_HOME",
            given=str(folder),
        )
    steps: tuple[Callable[[Home], Upgraded | None], ...] = (
        lambda held: upgrade_trace_store(held.traces),
        lambda held: upgrade_metadata(held.metadata),
    )
    held = Home(folder)
    upgraded = []
    try:
        for step in steps:
            done = step(held)
            if done is not None:
                upgraded.append(done)
                # At once: the next one may fail.
                click.echo(done, err=as_json)
    finally:
        held.leave()
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(upgraded), indent=2).decode())
    elif not upgraded:
        click.echo(f"{folder} is up to date")
