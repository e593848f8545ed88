"""`telltale traces export`."""

import os
import sys

import click

from telltale.cli.address import server_option
from telltale.cli.exits import EXIT_CODES
from telltale.client.client import Client


@click.command(name="export", epilog=EXIT_CODES)
@click.option("--experiment", "-e", metavar="ID|NAME", help="Only this experiment.")
@click.option("--trace", "trace_id", metavar="TRACE_ID", help="Only this trace.")
@server_option
def export_traces(experiment: str | None, trace_id: str | None, server: str) -> None:
    """Traces as OTLP JSON, one trace a line, with our reading in the attributes.

    Each line is OpenTelemetry's TracesData. Kind, tokens, cost and state of each span are among
    its attributes as telltale.kind, gen_ai.*, telltale.cost_usd and telltale.state.
    """
    with Client(server) as client:
        try:
            for line in client.export(experiment, trace_id):
                click.echo(line)
        except BrokenPipeError:
            # `| head` has enough, which is no failure; Python's last flush must not fail either.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
