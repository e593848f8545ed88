"""`telltale db backup`."""

from pathlib import Path

import click

from telltale.cli.exits import STOPPABLE_EXIT_CODES
from telltale.cli.home import home_option, home_there
from telltale.cli.measures import size
from telltale.cli.stopping import Stopped, stoppable
from telltale.nouns.errors import NotFound
from telltale.store.backup import back_up
from telltale.store.files import METADATA, TRACES


@click.command(epilog=STOPPABLE_EXIT_CODES)
@click.argument("destination", type=click.Path(path_type=Path))
@home_option("Folder of the server.")
def backup(destination: Path, home: Path | None) -> None:
    """Copy the databases into DESTINATION, a new folder, while their server runs.

    What the server had acknowledged before is in the copy. The traces are copied first, so that
    it also holds every experiment that they belong to. The copy is checked, and is a home itself:
    `telltale server --home DESTINATION` serves it.

    Not copied are journals of programs: they arrive at the server. A home without databases is
    not found.
    """
    folder = home_there(home)
    _check_has_databases(folder)
    target = destination.expanduser().absolute()
    try:
        with stoppable():
            made = back_up(folder, target, lambda words: click.echo(words, err=True))
    except Stopped as stop:
        click.echo(f"telltale: stopped, and nothing is left at {target}", err=True)
        raise SystemExit(stop.exit_code) from stop
    click.echo(
        f"{made.folder}: {made.traces:,} traces with {made.spans:,} spans, "
        f"{made.experiments:,} experiments, {size(made.bytes)}, checked"
    )


def _check_has_databases(folder: Path) -> None:
    """As `telltale db upgrade` has it; what is there and is none is for the copy to say."""
    for name in (TRACES, METADATA):
        try:
            (folder / name).stat()
        except FileNotFoundError as error:
            raise NotFound(
                f"home {str(folder)!r}: it has no {name}; give the folder of a server with --home "
                "or TELLTALE_HOME",
                given=str(folder),
            ) from error
        except OSError:
            return
