"""`telltale traces show`."""

import shutil
import sys

import click
import msgspec

from telltale.cli.address import server_option
from telltale.cli.exits import EXIT_CODES
from telltale.cli.tree import draw
from telltale.client.client import Client
from telltale.nouns.errors import NotFound
from telltale.nouns.trace import Skeleton, Trace


class Shown(msgspec.Struct, frozen=True):
    """What `--json` prints."""

    trace: Trace
    skeleton: Skeleton


@click.command(name="show", epilog=EXIT_CODES)
@click.argument("trace_id", required=False)
@click.option("--json", "as_json", is_flag=True, help='{"trace", "skeleton"}, as the API has them.')
@server_option
def show_trace(trace_id: str | None, as_json: bool, server: str) -> None:
    """One trace as a tree: TRACE_ID, or the newest without it."""
    with Client(server) as client:
        trace = client.trace(trace_id) if trace_id else _newest(client)
        skeleton = client.skeleton(trace.trace_id)
    if as_json:
        click.echo(msgspec.json.encode(Shown(trace, skeleton)))
        return
    width = shutil.get_terminal_size((120, 24)).columns
    click.echo(draw(trace, skeleton, width, sys.stdout.isatty()), color=True)


def _newest(client: Client) -> Trace:
    for trace in client.traces(limit=1):
        return trace
    raise NotFound(
        f"{client.address} has no traces yet; `telltale demo` makes one",
        remedy="run `telltale demo`",
    )
