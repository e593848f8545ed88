"""`telltale traces list`."""

import shutil
import sys
from collections.abc import Sequence
from datetime import datetime

import click
import msgspec

from telltale.cli.address import server_option
from telltale.cli.cells import cells, fit
from telltale.cli.exits import EXIT_CODES
from telltale.cli.figures import NONE, lasted, money, tokens
from telltale.client.client import Client
from telltale.nouns.trace import Trace

_HEADS = ("STARTED", "STATUS", "NAME", "SPANS", "LLM", "TOOLS", "TOKENS", "COST", "TIME", "TRACE")
_NAME = 2
_SMALLEST_NAME = 12


@click.command(name="list", epilog=EXIT_CODES)
@click.option("--experiment", "-e", metavar="ID|NAME", help="Only this experiment.")
@click.option(
    "--limit",
    "-n",
    type=click.IntRange(1),
    default=20,
    show_default=True,
    help="At most so many, newest first.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON array of traces, as the API has.")
@server_option
def list_traces(experiment: str | None, limit: int, as_json: bool, server: str) -> None:
    """The newest traces, as a table or as JSON."""
    with Client(server) as client:
        traces = list(client.traces(experiment, limit))
    if as_json:
        text = msgspec.json.format(msgspec.json.encode(traces), indent=2).decode()
        click.echo(text)
    elif traces:
        click.echo(table(traces, shutil.get_terminal_size((120, 24)).columns))
    else:
        click.echo("no traces yet; `telltale demo` makes one", file=sys.stderr)


def table(traces: Sequence[Trace], width: int) -> str:
    """Traces as aligned columns; the name gives way where the terminal is narrow."""
    rows = [_HEADS, *map(_row, traces)]
    sizes = [max(cells(row[column]) for row in rows) for column in range(len(_HEADS))]
    others = sum(sizes) - sizes[_NAME] + 2 * (len(sizes) - 1)
    sizes[_NAME] = min(sizes[_NAME], max(_SMALLEST_NAME, width - others))
    return "\n".join(
        "  ".join(fit(text, size) for text, size in zip(row, sizes, strict=True)).rstrip()
        for row in rows
    )


def _row(trace: Trace) -> tuple[str, ...]:
    status = trace.state.value if trace.status == "unset" else trace.status.value
    failed = trace.errors - (trace.status == "error")
    used = trace.usage.input_tokens + trace.usage.output_tokens
    return (
        datetime.fromtimestamp(trace.start_us / 1e6).strftime("%Y-%m-%d %H:%M:%S"),
        f"{status} ({failed} failed)" if failed > 0 else status,
        " ".join(trace.name.split()),
        str(trace.spans),
        str(trace.llm_calls),
        str(trace.tool_calls),
        tokens(used) if used or not trace.llm_calls else NONE,
        money(trace.cost_usd, trace.unpriced_calls),
        lasted(trace.duration_us, trace.state),
        trace.trace_id,
    )
