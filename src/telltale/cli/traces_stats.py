"""`telltale traces stats`."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime

import click
import msgspec

from telltale.cli.address import experiment_option, server_option
from telltale.cli.cells import cells, fit
from telltale.cli.exits import EXIT_CODES
from telltale.cli.figures import NONE, duration, money, tokens
from telltale.client.client import Client
from telltale.nouns.facets import Sum, Summary
from telltale.query.doubts import doubts

_HEADS = ("TRACES", "SPANS", "ERRORS", "TOKENS", "COST", "P50", "P95", "P99")
_LONGEST_VALUE = 48


@click.command(name="stats", epilog=EXIT_CODES)
@experiment_option
@click.option(
    "--filter",
    "-f",
    "filter_",
    default="",
    metavar="FILTER",
    help="Which of them: 'status:error since:7d'; docs/filter.md has the rest.",
)
@click.option(
    "--by",
    metavar="FIELD",
    help="A line for each model, agent, tool, crew, user, name, status, …, or tag.KEY.",
)
@click.option("--every", metavar="DURATION", help="A line for each 1h, 1d, … of time, in UTC.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, as the API has.")
@server_option
def sum_up(
    experiment: str | None,
    filter_: str,
    by: str | None,
    every: str | None,
    as_json: bool,
    server: str,
) -> None:
    """What traces come to: counts, tokens, cost, and how long they take.

    By what spans have (model, tool, agent, crew, …) the figures are those of these spans, else
    those of whole traces. P50, P95 and P99 are durations that a half, 95 and 99 of a hundred do
    not exceed. A cost with ≥ lacks calls whose price is not known.
    """
    with Client(server) as client:
        summary = client.summary(experiment, filter_, by, every)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(summary), indent=2).decode())
    elif summary.sums:
        click.echo(table(summary, by))
    else:
        click.echo("; ".join(("no traces to sum up", *doubts(filter_))), file=sys.stderr)
    if not (summary.is_all or as_json):
        told = f"of the newest {summary.traces:,} traces: narrow the filter to count all"
        click.echo(told, file=sys.stderr)


def table(summary: Summary, by: str | None) -> str:
    """Sums as aligned columns; figures to the right."""
    sums = summary.sums
    texts = _texts(sums, by)
    figures = [_HEADS, *map(_figures, sums)]
    sizes = [max(map(cells, column)) for column in zip(*figures, strict=True)]
    wide = [max(map(cells, column)) for column in zip(*texts, strict=True)] if texts[0] else []
    return "\n".join(
        "  ".join(
            [fit(text, size) for text, size in zip(words, wide, strict=True)]
            + [" " * (size - cells(text)) + text for text, size in zip(row, sizes, strict=True)]
        ).rstrip()
        for words, row in zip(texts, figures, strict=True)
    )


def _texts(sums: Sequence[Sum], by: str | None) -> list[tuple[str, ...]]:
    """What stands before the figures: when, and which value."""
    has_time = sums[0].start_us is not None
    rows = [(*(("FROM (UTC)",) if has_time else ()), *((by.upper(),) if by else ()))]
    for one in sums:
        began = () if one.start_us is None else (_moment(one.start_us),)
        value = (fit(one.value or NONE, _LONGEST_VALUE).rstrip(),) if by else ()
        rows.append((*began, *value))
    return rows


def _moment(start_us: int) -> str:
    return datetime.fromtimestamp(start_us / 1e6, UTC).strftime("%Y-%m-%d %H:%M")


def _figures(one: Sum) -> tuple[str, ...]:
    used = one.input_tokens + one.output_tokens
    spread = one.duration_us
    lasted = (None, None, None) if spread is None else (spread.p50, spread.p95, spread.p99)
    return (
        f"{one.traces:,}",
        f"{one.spans:,}",
        f"{one.errors:,}",
        tokens(used) if one.tokens else NONE,
        money(one.cost_usd, one.unpriced_calls),
        *map(duration, lasted),
    )
