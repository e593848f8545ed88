"""`telltale db upgrade`."""

from pathlib import Path

import click

from telltale.cli.exits import EXIT_CODES
from telltale.nouns.errors import NotFound
from telltale.server.home import Home
from telltale.store.metadata import open_metadata
from telltale.store.traces import upgrade_trace_store
from telltale.tracing.settings import default_home


@click.command(epilog=EXIT_CODES)
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the server.  [default: $TELLTALE_HOME, else ~/.telltale]",
)
def upgrade(home: Path | None) -> None:
    """Bring the databases to the layout of this Telltale, after a copy.

    `telltale server` does the same when it starts. The copy stays beside the file: with it the
    older Telltale can go on.
    """
    folder = (home or default_home()).expanduser().absolute()
    if not folder.is_dir():
        raise NotFound(
            f"home {str(folder)!r}: there is no such folder; give a server's with --home or "
            "TELLTALE_HOME",
            given=str(folder),
        )
    held = Home(folder)
    try:
        upgraded = upgrade_trace_store(held.traces)
        open_metadata(held.metadata).close()
    finally:
        held.leave()
    if upgraded is None:
        click.echo(f"{held.traces} is up to date")
    else:
        click.echo(
            f"{upgraded.path}: layout {upgraded.before} is now {upgraded.after}; "
            f"as it was, it is {upgraded.copy}"
        )
