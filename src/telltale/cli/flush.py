"""`telltale flush`: ship the journals of programs that ended while no server was there."""

from pathlib import Path

import click

from telltale.tracing.folder import journals
from telltale.tracing.orphans import ship_orphans
from telltale.tracing.settings import default_home


@click.command()
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder whose journal is shipped.  [default: $TELLTALE_HOME, else ~/.telltale]",
)
def flush(home: Path | None) -> None:
    """Ship journals that wait for a server.

    Each goes to the server that its program named. Journals of programs that still run are left
    to them.
    """
    folder = (home or default_home()) / "journal"
    arrived = waiting = 0
    for segment in ship_orphans(folder):
        if segment.problem:
            waiting += 1
            click.echo(f"{segment.path.name}: {segment.destination} {segment.problem}", err=True)
        else:
            arrived += 1
    living = sum(journal.has_owner() for journal in journals(folder) if journal.segments)
    if living:
        click.echo(f"left to programs that still run: {living}", err=True)
    click.echo(f"{arrived} shipped, {waiting} waiting")
    if waiting:
        raise SystemExit(1)
