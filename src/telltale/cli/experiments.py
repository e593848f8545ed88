"""`telltale experiments`: the groups that traces are filed under."""

import click
import msgspec

from telltale.cli.address import server_option
from telltale.cli.cells import plain
from telltale.cli.exits import EXIT_CODES
from telltale.client.client import Client


@click.command(name="list", epilog=EXIT_CODES)
@click.option("--json", "as_json", is_flag=True, help="One JSON array, as the API has.")
@server_option
def list_experiments(as_json: bool, server: str) -> None:
    """All of them, with how many traces each has.

    A program names its own by `telltale.set_experiment()`; one that is new is made on arrival.
    """
    with Client(server) as client:
        experiments = client.experiments()
    if as_json:
        click.echo(msgspec.json.encode(experiments).decode())
        return
    rows = [(str(one.id), f"{one.traces:,}", plain(one.name)) for one in experiments]
    rows.insert(0, ("ID", "TRACES", "NAME"))
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for id_, traces, name in rows:
        click.echo(f"{id_:>{widths[0]}}  {traces:>{widths[1]}}  {name}")
