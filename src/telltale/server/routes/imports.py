"""Traces on their way in from a file."""

from telltale.ingest.lines import Line, read_line, store_line
from telltale.nouns.answers import Imported
from telltale.nouns.errors import BadInput
from telltale.otlp.wire import decode
from telltale.server.arrivals import felt
from telltale.server.counts import Count
from telltale.server.resources import Resources
from telltale.server.route import Call

BODY_LIMIT = 24 << 20
_MOST_TOLD = 100


def import_traces(resources: Resources, call: Call) -> Imported:
    """Store lines as `GET /api/v1/export` writes them; the same again changes nothing."""
    lines = [_read(line, at) for at, line in enumerate(call.body.split(b"\n"), 1) if line.strip()]
    traces = spans = new = 0
    refused: list[str] = []
    with felt(resources, len(call.body)) as stored:
        for line in lines:
            count, fresh, faults = store_line(
                line,
                resources.store,
                lambda name: resources.metadata.experiment(name).id,
                resources.liveness.hear,
            )
            traces += bool(count)
            spans += count
            new += fresh
            refused += faults
            stored.spans = spans
    resources.counts.add(Count.DAMAGED, len(refused))
    return Imported(traces, spans, tuple(refused[:_MOST_TOLD]), new)


def _read(line: bytes, at: int) -> Line:
    try:
        return read_line(decode(line))
    except ValueError as error:
        given = line[:40].decode("utf-8", "replace")
        raise BadInput(
            f"line {at}: {given!r} is no JSON; expected a trace, as `telltale traces export` "
            "writes one a line",
            given=given,
            expected="one trace a line, as JSON",
            remedy="give a file that it has written, or another of OTLP JSON lines",
        ) from error
    except BadInput as error:
        raise BadInput(
            f"line {at}: {error}",
            given=error.given,
            expected=error.expected,
            remedy=error.remedy or "mend the line, or take it out",
        ) from error
