"""`telltale traces list`."""

import sys
from collections.abc import Iterator, Sequence
from datetime import datetime

import click
import msgspec

from telltale.cli.address import experiment_option, server_option
from telltale.cli.cells import cells, fit
from telltale.cli.exits import EXIT_CODES
from telltale.cli.figures import NONE, lasted, money, tokens
from telltale.cli.heading import went
from telltale.cli.width import columns
from telltale.client.client import Client
from telltale.nouns.span import Kind
from telltale.nouns.trace import Trace
from telltale.query.doubts import doubts

_HEADS = ("STARTED", "STATUS", "NAME", "SPANS", "LLM", "TOOLS", "TOKENS", "COST", "TIME", "TRACE")
_COUNTS = frozenset(map(_HEADS.index, ("SPANS", "LLM", "TOOLS")))
_SMALLEST_NAME, _SHORT_NAME = 12, 24
_SHORT_ID = 12
"""Digits of an id; more where they do not tell the traces apart. The first 8 are the second."""
_WHOLE_ID = 32
_ALIKE = frozenset({Kind.LLM, Kind.EMBEDDING})
_LONGEST_NAME = 80
_NOTHING: frozenset[int] = frozenset()


@click.command(name="list", epilog=EXIT_CODES)
@experiment_option
@click.option(
    "--filter",
    "-f",
    "filter_",
    default="",
    metavar="FILTER",
    help="Which of them: 'status:error cost:>0.02 \"late train\"'; docs/filter.md has the rest.",
)
@click.option(
    "--sort",
    default="start",
    show_default=True,
    metavar="BY",
    help="By start, duration, cost, tokens or feedback.NAME; the largest first.",
)
@click.option("--reverse", is_flag=True, help="The smallest first, or the oldest.")
@click.option(
    "--limit",
    "-n",
    type=click.IntRange(1),
    default=20,
    show_default=True,
    help="At most so many.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON array of traces, as the API has.")
@server_option
def list_traces(
    experiment: str | None,
    filter_: str,
    sort: str,
    reverse: bool,
    limit: int,
    as_json: bool,
    server: str,
) -> None:
    """The newest traces, or others, as a table or as JSON.

    STATUS is how a trace's root went, in the words of `--filter status:…`, and in brackets how
    many spans below it failed. Where the terminal is narrow, ids are shortened, which commands
    take as well, and then the counts of calls left out; in a file or a pipe all is whole.
    """
    with Client(server) as client:
        found = client.traces(experiment, limit, filter_, sort, smallest_first=reverse)
        traces = list(found)
    if as_json:
        text = msgspec.json.format(msgspec.json.encode(traces), indent=2).decode()
        click.echo(text)
    elif traces:
        click.echo(table(traces, columns()))
    elif filter_:
        advice = doubts(filter_) or ("take a term away, or end a word with *",)
        click.echo(f"no trace of which {filter_!r} is true; {'; '.join(advice)}", file=sys.stderr)
    else:
        click.echo("no traces yet; `telltale demo` makes one", file=sys.stderr)


def table(traces: Sequence[Trace], width: int) -> str:
    """Traces as aligned columns of at most `width` cells, as far as they can be."""
    short = _short_id(traces)
    for digits, left_out in ((_WHOLE_ID, _NOTHING), (short, _NOTHING), (short, _COUNTS)):
        rows = [_HEADS, *(_row(trace, digits) for trace in traces)]
        rows = [tuple(_without(row, left_out)) for row in rows]
        name = rows[0].index("NAME")
        sizes = [max(map(cells, column)) for column in zip(*rows, strict=True)]
        room = width - (sum(sizes) - sizes[name] + 2 * (len(sizes) - 1))
        if room >= min(sizes[name], _SHORT_NAME):
            break
    sizes[name] = min(sizes[name], max(_SMALLEST_NAME, room))
    return "\n".join(
        "  ".join(fit(text, size) for text, size in zip(row, sizes, strict=True)).rstrip()
        for row in rows
    )


def _without(row: Sequence[str], left_out: frozenset[int]) -> Iterator[str]:
    return (text for column, text in enumerate(row) if column not in left_out)


def _short_id(traces: Sequence[Trace]) -> int:
    """How many digits tell these traces apart."""
    ids = [trace.trace_id for trace in traces]
    digits = range(_SHORT_ID, _WHOLE_ID)
    return next((few for few in digits if len({one[:few] for one in ids}) == len(ids)), _WHOLE_ID)


def _name(trace: Trace) -> str:
    """The root's; of a lone call of a model with what it was asked, or all would look alike."""
    asked = trace.input if trace.kind in _ALIKE else ""
    return " ".join(f"{trace.name} · {asked}".split()) if asked else " ".join(trace.name.split())


def _row(trace: Trace, digits: int) -> tuple[str, ...]:
    used = trace.usage.input_tokens + trace.usage.output_tokens
    return (
        datetime.fromtimestamp(trace.start_us / 1e6).strftime("%Y-%m-%d %H:%M:%S"),
        went(trace),
        fit(name, _LONGEST_NAME).rstrip() if cells(name := _name(trace)) > _LONGEST_NAME else name,
        str(trace.spans),
        str(trace.llm_calls),
        str(trace.tool_calls),
        tokens(used) if used or not trace.llm_calls else NONE,
        money(trace.cost_usd, trace.unpriced_calls),
        lasted(trace.duration_us, trace.state),
        trace.trace_id[:digits],
    )
