"""`telltale traces show`."""

import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

import click
import msgspec

from telltale.cli.address import server_option
from telltale.cli.exits import EXIT_CODES
from telltale.cli.heading import Failure
from telltale.cli.measures import some
from telltale.cli.tree import ERROR, draw
from telltale.cli.width import columns
from telltale.client.client import Client
from telltale.nouns.errors import BadInput, NotFound
from telltale.nouns.trace import Skeleton, Trace

MOST_EXPLAINED = 100
"""Spans that failed, each a request."""
MOST_SEARCHED = 10_000
"""Traces whose ids are looked through for one that begins as given: ten requests."""
_BEGINNING = re.compile("[0-9a-f]{4,31}")


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

    The first digits of an id are enough, as `telltale traces list` shows them: at least 4, of one
    of the newest 10,000 traces.

    Over the tree: how the root went and, in brackets, how many spans below it failed.
    """
    with Client(server) as client:
        trace = _named(client, trace_id) if trace_id else _newest(client)
        skeleton = client.skeleton(trace.trace_id)
        if as_json:
            click.echo(msgspec.json.encode(Shown(trace, skeleton)))
            return
        why, experiment = _failures(client, skeleton), _experiment(client, trace)
    is_terminal = sys.stdout.isatty()
    click.echo(draw(trace, skeleton, columns(), is_terminal, why, experiment), color=True)


def _named(client: Client, given: str) -> Trace:
    """The trace of an id, or the only one whose id begins so."""
    digits = given.strip().removeprefix("tr-").lower()
    if not _BEGINNING.fullmatch(digits):
        return client.trace(given)
    found = [
        trace for trace in client.traces(limit=MOST_SEARCHED) if trace.trace_id.startswith(digits)
    ]
    if len(found) == 1:
        return found[0]
    if not found:
        raise NotFound(
            f"trace {given!r}: none of the newest {MOST_SEARCHED:,} has an id that begins so; give "
            "one that `telltale traces list` shows",
            given=given,
            remedy="give one that `telltale traces list` shows",
        )
    raise BadInput(
        f"trace {given!r}: {len(found)} ids begin so ({some([one.trace_id for one in found])}); "
        "give more digits",
        given=given,
        expected="as many digits as tell one trace from the others",
        remedy="give more digits",
    )


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
