"""`telltale tags`: what traces are found by, beside what their spans say."""

from collections.abc import Mapping

import click
import msgspec

from telltale.cli.address import server_option
from telltale.cli.cells import plain
from telltale.cli.exits import EXIT_CODES
from telltale.cli.measures import some
from telltale.cli.naming import named
from telltale.client.client import Client
from telltale.nouns.errors import BadInput, NotFound
from telltale.nouns.trace import Trace


@click.command(name="set", epilog=EXIT_CODES)
@click.argument("trace")
@click.argument("tags", nargs=-1, required=True, metavar="KEY=VALUE...")
@click.option("--json", "as_json", is_flag=True, help="The trace as one JSON object.")
@server_option
def set_tags(trace: str, tags: tuple[str, ...], as_json: bool, server: str) -> None:
    """Give TRACE (an id, or its first digits) tags; they stand over what its program has said.

    `--filter tag.KEY:VALUE` finds traces by them.
    """
    given = dict(_pair(tag) for tag in tags)
    with Client(server) as client:
        _tell(client.change_tags(named(client, trace), given), as_json)


@click.command(name="remove", epilog=EXIT_CODES)
@click.argument("trace")
@click.argument("keys", nargs=-1, required=True, metavar="KEY...")
@click.option("--json", "as_json", is_flag=True, help="The trace as one JSON object.")
@server_option
def remove_tags(trace: str, keys: tuple[str, ...], as_json: bool, server: str) -> None:
    """Take tags away from TRACE (an id, or its first digits), whoever has given them."""
    with Client(server) as client:
        trace_id = named(client, trace)
        has = client.trace(trace_id).tags
        if lacks := [key for key in keys if key not in has]:
            raise _without(trace_id, lacks[0], has)
        _tell(client.change_tags(trace_id, {}, keys), as_json)


def _pair(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not (key and sign):
        raise BadInput(
            f"tag {text!r}: expected KEY=VALUE, such as env=prod",
            given=text,
            expected="KEY=VALUE",
            remedy="write the key, an equals sign and the value",
        )
    return key, value


def _without(trace_id: str, key: str, has: Mapping[str, str]) -> NotFound:
    """What is said of a tag that a trace does not have."""
    there = f"it has {some(sorted(has))}" if has else "it has none"
    return NotFound(
        f"trace {trace_id!r} has no tag {key!r}; {there}",
        given=key,
        remedy=f"see `telltale traces show {trace_id}`",
    )


def _tell(trace: Trace, as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.encode(trace).decode())
    else:
        tags = "  ".join(f"{key}={value}" for key, value in sorted(trace.tags.items()))
        click.echo(plain(tags) or "no tags")
