"""`telltale feedback`: what somebody thinks of a trace."""

import sys
from datetime import datetime

import click
import msgspec

from telltale.cli.address import server_option
from telltale.cli.cells import plain
from telltale.cli.exits import EXIT_CODES
from telltale.client.client import Client
from telltale.nouns.feedback import Feedback, Source, Value

_WORDS = {"true": True, "yes": True, "false": False, "no": False}


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

    `--filter 'feedback.NAME:<0.5'` finds traces by it.
    """
    with Client(server) as client:
        added = client.add_feedback(
            trace,
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
        feedback = client.feedback(trace)
    if as_json:
        click.echo(msgspec.json.encode(feedback).decode())
    elif feedback:
        click.echo("\n".join(map(_line, feedback)))
    else:
        click.echo("nothing was said of it; `telltale feedback add` does", file=sys.stderr)


@click.command(name="remove", epilog=EXIT_CODES)
@click.argument("trace")
@click.argument("feedback_id")
@server_option
def remove(trace: str, feedback_id: str, server: str) -> None:
    """Take back what was said of TRACE under an id that `feedback list` shows."""
    with Client(server) as client:
        client.remove_feedback(trace, feedback_id)
    click.echo("removed")


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
