"""`telltale feedback`: what somebody thinks of a trace."""

import re
import sys
from collections.abc import Sequence
from datetime import datetime

import click
import msgspec

from telltale.cli.address import server_option
from telltale.cli.cells import plain
from telltale.cli.exits import EXIT_CODES
from telltale.cli.measures import some
from telltale.cli.naming import named
from telltale.client.client import Client
from telltale.nouns.errors import BadInput, NotFound
from telltale.nouns.feedback import Feedback, Source, Value

_WORDS = {"true": True, "yes": True, "false": False, "no": False}
_ID = re.compile("[0-9a-fA-F]{32}")


@click.command(name="add", epilog=EXIT_CODES)
@click.argument("trace")
@click.argument("name")
@click.argument("value")
@click.option("--span", metavar="SPAN", help="Id of the span that it is about, else the trace.")
@click.option("--rationale", "-r", default="", metavar="WORDS", help="Why.")
@click.option(
    "--source",
    type=click.Choice([source.value for source in Source]),
    default=Source.HUMAN.value,
    show_default=True,
    help="Who says so: a person, a program or a model.",
)
@click.option("--source-id", default="", metavar="WHO", help="Their name.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, as the API has.")
@server_option
def add(
    trace: str,
    name: str,
    value: str,
    span: str | None,
    rationale: str,
    source: str,
    source_id: str,
    as_json: bool,
    server: str,
) -> None:
    """Say of TRACE that its NAME is VALUE: a number, yes or no, or a word.

    TRACE is an id, or its first digits. `--filter 'feedback.NAME:<0.5'` finds traces by it, as do
    'feedback.NAME:yes' and, whatever was said, 'feedback.NAME:*'.
    """
    with Client(server) as client:
        added = client.add_feedback(
            named(client, trace),
            name,
            _value(value),
            span_id=span,
            source=Source(source),
            source_id=source_id,
            rationale=rationale,
        )
    click.echo(msgspec.json.encode(added).decode() if as_json else f"added {added.feedback_id}")


@click.command(name="list", epilog=EXIT_CODES)
@click.argument("trace")
@click.option("--json", "as_json", is_flag=True, help="One JSON array, as the API has.")
@server_option
def list_feedback(trace: str, as_json: bool, server: str) -> None:
    """What was said of TRACE, the oldest first."""
    with Client(server) as client:
        feedback = client.feedback(named(client, trace))
    if as_json:
        click.echo(msgspec.json.encode(feedback).decode())
    elif feedback:
        click.echo("\n".join(map(_line, feedback)))
    else:
        click.echo("nothing was said of it; `telltale feedback add` does", file=sys.stderr)


@click.command(name="remove", epilog=EXIT_CODES)
@click.argument("trace")
@click.argument("which", metavar="ID|NAME")
@server_option
def remove(trace: str, which: str, server: str) -> None:
    """Take back what was said of TRACE under an id that `feedback list` shows, or under a name.

    By its name only where one feedback has it.
    """
    with Client(server) as client:
        trace_id = named(client, trace)
        client.remove_feedback(trace_id, _id_of(which, client.feedback(trace_id)))
    click.echo("removed")


def _id_of(which: str, said: Sequence[Feedback]) -> str:
    """The id of the feedback that has this name; what no feedback has is taken for an id.

    Raises:
        BadInput: If several have it.
        NotFound: If none has it, and it can be no id.
    """
    ids = [one.feedback_id for one in said if one.name == which]
    if len(ids) > 1:
        raise BadInput(
            f"{len(ids)} feedback have the name {which!r}: expected the id of one ({some(ids)})",
            given=which,
            expected="the id of one",
            remedy="`telltale feedback list` shows what each says",
        )
    if ids or _ID.fullmatch(which.strip()):
        return ids[0] if ids else which
    names = sorted({one.name for one in said})
    there = f"there is {some(names)}" if names else "nothing was said of it"
    raise NotFound(
        f"feedback {which!r}: the trace has none of this name, and it is no id; {there}",
        given=which,
        remedy="see `telltale feedback list`",
    )


def _value(text: str) -> Value:
    """A number, yes or no, or the words themselves."""
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    try:
        number = msgspec.json.decode(text.encode(), type=float)
    except (msgspec.MsgspecError, UnicodeEncodeError):
        return text
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _line(one: Feedback) -> str:
    said = datetime.fromtimestamp(one.created_us / 1e6).strftime("%Y-%m-%d %H:%M:%S")
    value = ("no", "yes")[one.value] if isinstance(one.value, bool) else str(one.value)
    who = " ".join(filter(None, (one.source.value, one.source_id)))
    about = f" on span {one.span_id}" if one.span_id else ""
    why = f": {one.rationale}" if one.rationale else ""
    return f"{one.feedback_id}  {said}  " + plain(f"{one.name} = {value} ({who}){about}{why}")
