"""OpenTelemetry's doors: OTLP over HTTP, in protobuf and in JSON.

https://opentelemetry.io/docs/specs/otlp/#otlphttp. What is refused of a request that is otherwise
stored is told as a partial success; a request of which nothing can be stored is a bad one.
"""

from collections.abc import Callable, Iterator

import msgspec
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from starlette.responses import Response

from telltale.ingest.otlp import Refused, receive, receive_events
from telltale.nouns.errors import BadInput
from telltale.nouns.span import RawSpan
from telltale.otlp import json, protobuf
from telltale.otlp.counted import count_json, count_protobuf
from telltale.otlp.log_events import json_log_events
from telltale.otlp.wire import parse
from telltale.server.arrivals import felt
from telltale.server.counts import Count
from telltale.server.resources import Resources
from telltale.server.route import Call
from telltale.server.rpc_status import JSON, PROTOBUF, media_of

BODY_LIMIT = 24 * 1024 * 1024
"""As the journal's: 512 spans, an exporter's batch, of 48 KB each."""
BY_NAME = "x-telltale-experiment"
BY_ID = "x-mlflow-experiment-id"
_MOST_NAMED = 8


class PartialSuccess(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """What became of the spans that are not stored."""

    rejected_spans: str = "0"
    """A 64-bit number, which OTLP's JSON writes as text."""
    error_message: str = ""


class Exported(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """An export has been taken, in full where nothing else is said."""

    partial_success: PartialSuccess | None = None


def take_traces(resources: Resources, call: Call) -> Response:
    """Store spans; answered once they are on disk."""
    experiment = experiment_of(resources, call)
    refused = Refused()
    spans = _spans(call, refused.add)
    with felt(resources, len(call.body)) as stored:
        stored.spans = receive(
            spans,
            experiment,
            refused,
            resources.awaited,
            resources.store,
            lambda name: resources.metadata.experiment(name).id,
        )
    resources.counts.add(Count.DAMAGED, refused.spans)
    if not refused.spans:
        return _answer(call, Exported())
    words = refused.words(stored.spans)
    if not stored.spans:
        raise BadInput(words, expected="spans as OpenTelemetry has them", remedy="mend its sender")
    resources.trouble.bad(words)
    return _answer(call, Exported(PartialSuccess(str(refused.spans), words)))


def take_logs(resources: Resources, call: Call) -> Response:
    """Join GenAI events to their spans; other log records are counted and not kept."""
    if media_of(call.headers) == PROTOBUF:
        read = protobuf.log_events(call.body)
    else:
        read = json_log_events(parse(call.body))
    events = [event for event in read if event is not None]
    if events:
        with felt(resources, len(call.body)):
            receive_events(
                events,
                len(call.body),
                resources.awaited,
                resources.store,
                lambda name: resources.metadata.experiment(name).id,
            )
    resources.counts.add(Count.LOGS, len(events), 'kind="genai"')
    resources.counts.add(Count.LOGS, len(read) - len(events), 'kind="other"')
    return _answer(call, Exported())


def take_metrics(resources: Resources, call: Call) -> Response:
    """Count metrics; they are not kept."""
    is_protobuf = media_of(call.headers) == PROTOBUF
    count = count_protobuf(call.body) if is_protobuf else count_json(parse(call.body))
    resources.counts.add(Count.METRICS, count)
    return _answer(call, Exported())


def experiment_of(resources: Resources, call: Call) -> str:
    """Name of the experiment that the request's head chooses; empty where it chooses none.

    Raises:
        BadInput: If it gives an id that no experiment has.
    """
    # HTTP's headers are Latin-1 by the book, and UTF-8 from everybody who needs more than ASCII.
    name = call.headers.get(BY_NAME, "").encode("latin-1").decode("utf-8", "replace").strip()
    given = call.headers.get(BY_ID, "").strip()
    if name or not given:
        return name
    is_id = given.isascii() and given.isdigit()
    found = resources.metadata.find_experiment(int(given[:20])) if is_id else None
    if found is not None:
        return found.name
    known = resources.metadata.experiments()
    shown = ", ".join(f"{one.id} ({one.name!r})" for one in known[:_MOST_NAMED])
    remedy = f"send one of these, or {BY_NAME} with a name, which is made on arrival"
    raise BadInput(
        f"{BY_ID} {given!r:.80}: expected the id of an experiment that is here: {shown}"
        f"{f' and {len(known) - _MOST_NAMED} more' if len(known) > _MOST_NAMED else ''}; {remedy}",
        given=given,
        expected="an experiment's id",
        remedy=remedy,
    )


def _spans(call: Call, refuse: Callable[[BadInput], None]) -> Iterator[RawSpan]:
    if media_of(call.headers) == PROTOBUF:
        return protobuf.each_span(call.body, refuse)
    return json.each_span(parse(call.body), refuse)


def _answer(call: Call, exported: Exported) -> Response:
    """In the encoding of the request. The three services' answers have one form."""
    headers = {"Cache-Control": "no-store"}
    if media_of(call.headers) == JSON:
        return Response(msgspec.json.encode(exported), headers=headers, media_type=JSON)
    answer = ExportTraceServiceResponse()
    if (partial := exported.partial_success) is not None:
        answer.partial_success.rejected_spans = int(partial.rejected_spans)
        answer.partial_success.error_message = partial.error_message
    return Response(answer.SerializeToString(), headers=headers, media_type=PROTOBUF)
