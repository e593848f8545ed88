"""`telltale experiments`: the groups that traces are filed under."""

import click
import msgspec

from telltale.cli.address import server_option
from telltale.cli.cells import plain
from telltale.cli.exits import EXIT_CODES
from telltale.client.client import Client
from telltale.nouns.errors import BadInput
from telltale.nouns.trace import Experiment

_GIB = 1 << 30


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
    rows = [(str(one.id), f"{one.traces:,}", kept(one), plain(one.name)) for one in experiments]
    rows.insert(0, ("ID", "TRACES", "KEPT", "NAME"))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for id_, traces, how, name in rows:
        click.echo(f"{id_:>{widths[0]}}  {traces:>{widths[1]}}  {how:<{widths[2]}}  {name}")


@click.command(name="keep", epilog=EXIT_CODES)
@click.argument("experiment", metavar="ID|NAME")
@click.option("--days", type=click.IntRange(1), metavar="N", help="Delete what is older.")
@click.option("--gib", type=click.FloatRange(0, min_open=True), metavar="X", help="… or more.")
@click.option("--forever", is_flag=True, help="Keep all, as where nothing was said.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, as the API has.")
@server_option
def keep(
    experiment: str,
    days: int | None,
    gib: float | None,
    forever: bool,
    as_json: bool,
    server: str,
) -> None:
    """Keep an experiment's traces for --days, or no more of them than --gib; both may be given.

    The server deletes the oldest within a minute, and others as they come to it. --gib is about:
    traces share what the database takes by their spans.
    """
    if forever == (days is not None or gib is not None):
        raise BadInput(
            "how much to keep: expected --days or --gib or both, or --forever alone",
            expected="--days, --gib or --forever",
        )
    with Client(server) as client:
        said = {"experiment": experiment, "days": days, "gib": gib}
        told = client.tell("experiments/keep", said, Experiment)
    click.echo(
        msgspec.json.encode(told).decode() if as_json else f"{plain(told.name)}: kept {kept(told)}"
    )


def kept(experiment: Experiment) -> str:
    """`30 days`, `5 GiB`, both, or `for ever`."""
    days, size = experiment.keep_days, experiment.keep_bytes
    bounds = [
        f"{days} day{'' if days == 1 else 's'}" if days is not None else "",
        f"{size / _GIB:.3g} GiB" if size is not None else "",
    ]
    return ", ".join(filter(None, bounds)) or "for ever"
