"""`telltale traces show`."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

import click
import msgspec

from telltale.cli.address import server_option
from telltale.cli.exits import EXIT_CODES
from telltale.cli.heading import Failure
from telltale.cli.naming import named
from telltale.cli.tree import ERROR, draw
from telltale.cli.width import columns
from telltale.client.client import Client
from telltale.nouns.errors import NotFound
from telltale.nouns.trace import Skeleton, Trace

MOST_EXPLAINED = 100
"""Spans that failed, each a request."""


class Shown(msgspec.Struct, frozen=True):
    """What `--json` prints."""

    trace: Trace
    skeleton: Skeleton


@click.command(name="show", epilog=EXIT_CODES)
@click.argument("trace_id", required=False)
@click.option("--json", "as_json", is_flag=True, help='{"trace", "skeleton"}, as the API has them.')
@server_option
def show_trace(trace_id: str | None, as_json: bool, server: str) -> None:
    """One trace as a tree: TRACE_ID, or the newest without it.

    The first digits of an id are enough, as `telltale traces list` shows them: at least 4.

    Over the tree: how the root went and, in brackets, how many spans below it failed.
    """
    with Client(server) as client:
        trace = client.trace(named(client, trace_id)) if trace_id else _newest(client)
        skeleton = client.skeleton(trace.trace_id)
        if as_json:
            click.echo(msgspec.json.encode(Shown(trace, skeleton)))
            return
        why, experiment = _failures(client, skeleton), _experiment(client, trace)
    is_terminal = sys.stdout.isatty()
    click.echo(draw(trace, skeleton, columns(), is_terminal, why, experiment), color=True)


def _failures(client: Client, skeleton: Skeleton) -> dict[int, Failure]:
    """Why spans failed, of as many as anybody reads; one that has gone meanwhile is left out."""
    found = {}
    failed = (one for one, status in _statuses(skeleton) if status == ERROR)
    for ordinal in islice(failed, MOST_EXPLAINED):
        with suppress(NotFound):
            span = client.span(skeleton.trace_id, ordinal).span
            found[ordinal] = Failure(span.error_type or "", span.error_message)
    return found


def _statuses(skeleton: Skeleton) -> Iterator[tuple[int, int]]:
    return zip(skeleton.ordinals(), skeleton.status, strict=True)


def _experiment(client: Client, trace: Trace) -> str:
    """The name of the trace's; empty where it has gone meanwhile."""
    names = (one.name for one in client.experiments() if one.id == trace.experiment_id)
    return next(names, "")


def _newest(client: Client) -> Trace:
    for trace in client.traces(limit=1):
        return trace
    raise NotFound(
        f"{client.address} has no traces yet",
        remedy="run `telltale demo`, which makes one",
    )
