"""`telltale traces export`."""

import os
import re
import sys
from contextlib import suppress

import click

from telltale.cli.address import experiment_option, server_option
from telltale.cli.exits import EXIT_CODES
from telltale.cli.naming import named
from telltale.client.client import Client
from telltale.nouns.errors import BadInput, NotFound, ServerUnreachable, StoreBusy, TelltaleError

_TRACE_ID = re.compile(r'"traceId":"([0-9a-f]{32})"')
_NOT_OF_ONE = (BadInput, NotFound, ServerUnreachable, StoreBusy)
"""What a trace that is damaged has nothing to do with."""


@click.command(name="export", epilog=EXIT_CODES)
@experiment_option
@click.option("--trace", "trace_id", metavar="TRACE", help="Only this trace; its first digits do.")
@server_option
def export_traces(experiment: str | None, trace_id: str | None, server: str) -> None:
    """Traces as OTLP JSON, one trace a line, with our reading in the attributes.

    Each line is OpenTelemetry's TracesData. Kind, tokens, cost and state of each span are among
    its attributes as telltale.kind, gen_ai.*, telltale.cost_usd and telltale.state.

    A trace that is damaged is left out and named on stderr, and the exit code is 1.
    """
    with Client(server) as client:
        try:
            wanted = None if trace_id is None else named(client, trace_id)
            _Export(client, experiment, wanted).run()
        except BrokenPipeError:
            # `| head` has enough, which is no failure; Python's last flush must not fail either.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Export:
    """All in one answer; once that breaks off, what is missing one by one."""

    def __init__(self, client: Client, experiment: str | None, trace_id: str | None) -> None:
        self._client = client
        self._experiment = experiment
        self._trace_id = trace_id
        self._written: set[str] = set()

    def run(self) -> None:
        try:
            self._write(self._trace_id)
        except _NOT_OF_ONE:
            raise
        except TelltaleError as error:
            if self._trace_id is not None:
                raise
            self._write_one_by_one(error)

    def _write(self, trace_id: str | None) -> None:
        for line in self._client.export(self._experiment, trace_id):
            click.echo(line)
            if found := _TRACE_ID.search(line):
                self._written.add(found.group(1))

    def _write_one_by_one(self, why: TelltaleError) -> None:
        """Write what the answer that broke off lacks, and tell of each trace that is damaged.

        Raises:
            TelltaleError: If any is, or, as `why`, if nobody can tell which traces there are.
        """
        try:
            ids = [trace.trace_id for trace in self._client.traces(self._experiment)]
        except TelltaleError:
            raise why from None
        damaged = 0
        for trace_id in reversed(ids):
            if trace_id in self._written:
                continue
            try:
                with suppress(NotFound):  # It was deleted meanwhile.
                    self._write(trace_id)
            except _NOT_OF_ONE:
                raise
            except TelltaleError as error:
                damaged += 1
                click.echo(f"telltale: {error}", err=True)
        if damaged:
            what = "trace is" if damaged == 1 else "traces are"
            raise TelltaleError(
                f"{damaged} {what} damaged and left out; the other {len(self._written):,} are "
                "exported; restore a backup for what is missing"
            )
