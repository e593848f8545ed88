"""Traces on their way out, as OTLP."""

from collections.abc import Iterator
from typing import Any

import msgspec
from starlette.responses import StreamingResponse

from telltale.nouns.feedback import Said
from telltale.nouns.ids import parse_trace_id
from telltale.server.exported import traces_data
from telltale.server.resources import Resources
from telltale.server.route import Call, encode
from telltale.server.routes.experiments import experiment_id
from telltale.server.routes.traces import found, trace_id_of
from telltale.store.questions import RawBatch, ReadRaw, ReadSaid, ReadSpans, ReadTrace, TraceStore

JSON_LINES = "application/x-ndjson"


class ExportQuery(msgspec.Struct, frozen=True):
    """What to export; everything without either."""

    experiment: str | None = None
    """Id or name."""
    trace: str | None = None
    """Trace id."""


def read_otlp(resources: Resources, call: Call) -> dict[str, Any]:
    """One trace as OTLP `TracesData`, with our reading in added attributes."""
    trace_id = trace_id_of(call)
    spans = resources.store.read(ReadSpans(trace_id=trace_id))
    return traces_data(found(spans or None, trace_id), _said(resources.store, trace_id))


def export_traces(resources: Resources, call: Call) -> StreamingResponse:
    """OTLP JSON lines, one trace a line, in order of arrival."""
    trace_id = None
    if call.query.trace is not None:
        trace_id = parse_trace_id(call.query.trace)
        found(resources.store.read(ReadTrace(trace_id)), trace_id)
    question = ReadRaw(
        experiment_id=experiment_id(resources, call.query.experiment), trace_id=trace_id
    )
    # Asked before the answer begins: what cannot be read at all is told as a problem.
    first = resources.store.read(question)
    return StreamingResponse(
        _lines(resources.store, question, first),
        media_type=JSON_LINES,
        headers={"Cache-Control": "no-store"},
    )


def _lines(store: TraceStore, question: ReadRaw, batch: RawBatch) -> Iterator[bytes]:
    while True:
        for spans in batch.traces:
            yield encode(traces_data(spans, _said(store, spans[0].raw.trace_id))) + b"\n"
        if batch.next is None:
            return
        question = msgspec.structs.replace(question, cursor=batch.next)
        batch = store.read(question)


def _said(store: TraceStore, trace_id: bytes) -> Said:
    """What people said of it; nothing where it has just gone."""
    return store.read(ReadSaid(trace_id)) or Said()
