"""`telltale db backup`."""

from pathlib import Path

import click

from telltale.cli.exits import STOPPABLE_EXIT_CODES
from telltale.cli.home import home_option, home_there
from telltale.cli.stopping import Stopped, stoppable
from telltale.store.backup import back_up


@click.command(epilog=STOPPABLE_EXIT_CODES)
@click.argument("destination", type=click.Path(path_type=Path))
@home_option("Folder of the server.")
def backup(destination: Path, home: Path | None) -> None:
    """Copy the databases into DESTINATION, a new folder, while their server runs.

    What the server had acknowledged before is in the copy. The traces are copied first, so that
    it also holds every experiment that they belong to. The copy is checked, and is a home itself:
    `telltale server --home DESTINATION` serves it.

    Not copied are journals of programs: they arrive at the server.
    """
    target = destination.expanduser().absolute()
    try:
        with stoppable():
            made = back_up(home_there(home), target, lambda words: click.echo(words, err=True))
    except Stopped as stop:
        click.echo(f"telltale: stopped, and nothing is left at {target}", err=True)
        raise SystemExit(stop.exit_code) from stop
    click.echo(
        f"{made.folder}: {made.traces:,} traces with {made.spans:,} spans, "
        f"{made.experiments:,} experiments, {made.bytes / 1e6:,.1f} MB, checked"
    )
