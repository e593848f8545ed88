"""`telltale db backup`."""

from pathlib import Path

import click

from telltale.cli.exits import EXIT_CODES
from telltale.store.backup import back_up
from telltale.tracing.settings import default_home


@click.command(epilog=EXIT_CODES)
@click.argument("destination", type=click.Path(path_type=Path))
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the server.  [default: $TELLTALE_HOME, else ~/.telltale]",
)
def backup(destination: Path, home: Path | None) -> None:
    """Copy the databases into DESTINATION, a new folder, while their server runs.

    What the server had acknowledged before is in the copy. The traces are copied first, so that
    it also holds every experiment that they belong to. The copy is checked, and is a home itself:
    `telltale server --home DESTINATION` serves it.

    Not copied are journals of programs: they arrive at the server.
    """
    source = (home or default_home()).expanduser().absolute()
    target = destination.expanduser().absolute()
    made = back_up(source, target, lambda words: click.echo(words, err=True))
    click.echo(
        f"{made.folder}: {made.traces:,} traces with {made.spans:,} spans, "
        f"{made.experiments:,} experiments, {made.bytes / 1e6:,.1f} MB, checked"
    )
