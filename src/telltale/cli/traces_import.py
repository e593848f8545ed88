"""`telltale traces import`."""

import gzip
import sys
from collections.abc import Iterator
from io import BufferedReader

import click

from telltale.cli.address import server_option
from telltale.cli.exits import EXIT_CODES
from telltale.cli.measures import many
from telltale.client.client import Client
from telltale.nouns.answers import Imported
from telltale.nouns.errors import BadInput, TelltaleError

_BATCH_BYTES = 4 << 20
_LONGEST_LINE = 24 << 20
_GZIP = b"\x1f\x8b"
_MOST_TOLD = 5


@click.command(name="import", epilog=EXIT_CODES)
@click.argument("file", type=click.File("rb"))
@server_option
def import_traces(file: BufferedReader, server: str) -> None:
    """Store the traces of FILE, one a line, as `telltale traces export` writes them; - is stdin.

    What other tools write as OTLP JSON lines is taken, too, and gzip. What is there already stays
    as it is, so a file may be imported again; how many spans are new is told. A line that cannot
    be read ends it: it is named, and what stands before it has been stored.
    """
    traces = spans = 0
    new: int | None = 0
    refused: list[str] = []
    with Client(server) as client:
        for first, lines in _batches(file):
            done = _import(client, file.name, first, lines)
            traces, spans = traces + done.traces, spans + done.spans
            new = None if new is None or done.new is None else new + done.new
            refused += done.refused
            if sys.stderr.isatty():
                click.echo(f"\r{traces:,} traces", nl=False, err=True)
    if sys.stderr.isatty():
        click.echo("\r", nl=False, err=True)
    click.echo(f"imported {many(spans, 'span')} of {many(traces, 'trace')}{_told_new(new, spans)}")
    if refused:
        told = "; ".join(refused[:_MOST_TOLD])
        more = f"; and {len(refused) - _MOST_TOLD} more" if len(refused) > _MOST_TOLD else ""
        raise TelltaleError(f"{len(refused)} spans cannot be stored: {told}{more}")


def _told_new(new: int | None, spans: int) -> str:
    """How many of them were not there before; empty where the server does not say."""
    if new is None or not spans:
        return ""
    return ", all new" if new >= spans else f", {new:,} of the spans new" if new else ", none new"


def _import(client: Client, name: str, first: int, lines: list[bytes]) -> Imported:
    """Post some lines; where one of them is bad, those before it alone, and then its fault.

    Args:
        name: Of the file.
        first: The number of the first line in the file.
    """
    try:
        return client.import_lines(b"".join(lines))
    except BadInput as error:
        number, _, words = str(error).removeprefix("line ").partition(": ")
        if not number.isdigit():
            raise
        if before := lines[: int(number) - 1]:
            client.import_lines(b"".join(before))
        place = first + int(number) - 1
        stored = "; the lines before it are stored" if place > 1 else ""
        raise BadInput(
            f"{'stdin' if name == '<stdin>' else name}, line {place:,}: {words}{stored}",
            given=error.given,
            expected=error.expected,
            remedy=error.remedy,
        ) from error


def _batches(file: BufferedReader) -> Iterator[tuple[int, list[bytes]]]:
    """Lines that are posted together, and the number of the first of them."""
    first, lines, size = 1, list[bytes](), 0
    for number, line in enumerate(_lines(file), 1):
        if lines and size + len(line) > _BATCH_BYTES:
            yield first, lines
            first, lines, size = number, [], 0
        lines.append(line)
        size += len(line)
    if lines:
        yield first, lines


def _lines(file: BufferedReader) -> Iterator[bytes]:
    is_packed = file.peek(len(_GZIP)).startswith(_GZIP)
    plain = gzip.GzipFile(fileobj=file) if is_packed else file
    number = 0
    try:
        while line := plain.readline(_LONGEST_LINE + 1):
            number += 1
            if len(line) > _LONGEST_LINE:
                raise BadInput(
                    f"line {number:,} has more than {_LONGEST_LINE} bytes: expected one trace a "
                    "line; a file of another form is not read here",
                    expected="one trace a line",
                )
            yield line if line.endswith(b"\n") else line + b"\n"
    except (OSError, EOFError) as error:
        raise BadInput(
            f"behind line {number:,} the file cannot be read: {error}; what stands before is "
            "stored",
            expected="a file of lines, or one that gzip has written",
        ) from error
