"""`telltale traces reread`."""

import sys

import click

from telltale.cli.address import server_option
from telltale.cli.exits import EXIT_CODES
from telltale.client.client import Client
from telltale.nouns.answers import ReadAgain


@click.command(name="reread", epilog=EXIT_CODES)
@click.option(
    "--all",
    "is_all",
    is_flag=True,
    help="Also spans that this version has read: at prices that have changed.",
)
@server_option
def reread(is_all: bool, server: str) -> None:
    """Understand stored spans as this version of Telltale does, and price them.

    What programs reported stays as it is; kinds, names, models, tokens, costs and totals follow
    from it anew. What people said stays, too. It may be stopped and begun again at any time.
    """
    after: int | None = 0
    spans = 0
    with Client(server) as client:
        while after is not None:
            done = client.tell("reread", {"after": after, "all": is_all}, ReadAgain)
            after, spans = done.next, spans + done.spans
            if sys.stderr.isatty():
                click.echo(f"\r{spans:,} spans", nl=False, err=True)
    if sys.stderr.isatty():
        click.echo("\r", nl=False, err=True)
    click.echo(f"read {spans:,} span{'' if spans == 1 else 's'} again")
