"""`telltale traces delete`."""

import sys

import click
import msgspec

from telltale.cli.address import experiment_option, server_option
from telltale.cli.exits import EXIT_CODES
from telltale.cli.naming import named
from telltale.client.client import Client
from telltale.nouns.answers import Deleted
from telltale.nouns.errors import BadInput

_MOST_COUNTED = 10_000
"""Beyond so many it is not counted before how many they are."""


@click.command(name="delete", epilog=EXIT_CODES)
@click.argument("trace_ids", nargs=-1, metavar="[TRACE]...")
@experiment_option
@click.option(
    "--filter",
    "-f",
    "filter_",
    default="",
    metavar="FILTER",
    help="Those that it is true of: 'before:90d -tag.keep:*'; docs/filter.md has the rest.",
)
@click.option("--yes", "-y", is_flag=True, help="Do not ask; needed where nobody can be asked.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, as the API has.")
@server_option
def delete_traces(
    trace_ids: tuple[str, ...],
    experiment: str | None,
    filter_: str,
    yes: bool,
    as_json: bool,
    server: str,
) -> None:
    """Delete traces, by id (its first digits do) or all that a filter is true of; for good.

    They are in no answer any more at once, and the server gives their space back behind that.
    """
    if bool(trace_ids) == bool(filter_ or experiment):
        raise BadInput(
            "which traces: expected their ids, or --filter or --experiment, and not both; "
            "`telltale traces list` shows what a filter finds",
            expected="ids of traces, or --filter or --experiment",
        )
    with Client(server) as client:
        # Before anybody is asked: what cannot be meant need not be thought about.
        trace_ids = tuple(named(client, one) for one in trace_ids)
        if not yes:
            _confirm(trace_ids, client, experiment, filter_)
        count = client.delete(trace_ids) if trace_ids else client.delete_where(experiment, filter_)
    if as_json:
        click.echo(msgspec.json.encode(Deleted(count)).decode())
    else:
        click.echo(f"deleted {_counted(count)}")


def _confirm(
    trace_ids: tuple[str, ...], client: Client, experiment: str | None, filter_: str
) -> None:
    """Ask whether it is meant, saying how many they are.

    Raises:
        BadInput: If there is nobody to ask.
        click.Abort: If it is not meant.
    """
    if not sys.stdin.isatty():
        raise BadInput(
            "nobody can be asked whether these traces shall go: say --yes if they shall",
            expected="--yes",
        )
    if trace_ids:
        count = len(trace_ids)
    else:
        found = client.traces(experiment, _MOST_COUNTED + 1, filter_)
        count = sum(1 for _ in found)
    more = "more than " if count > _MOST_COUNTED else ""
    click.confirm(f"Delete {more}{_counted(min(count, _MOST_COUNTED))} for good?", abort=True)


def _counted(count: int) -> str:
    return f"{count:,} trace{'' if count == 1 else 's'}"
