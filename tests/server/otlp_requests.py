"""Export requests as other programs send them, and what a server answers to them, read."""

import json
import os
import time
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

TRACES = "/v1/traces"
PROTOBUF, JSON = "application/x-protobuf", "application/json"
BOTH = (PROTOBUF, JSON)


def foreign_span(**fields: Any) -> Span:
    """An ended call of a model, in a trace of its own."""
    now_ns = time.time_ns()
    known: dict[str, Any] = {
        "trace_id": os.urandom(16),
        "span_id": os.urandom(8),
        "name": "chat gpt-4.1-mini",
        "start_time_unix_nano": now_ns,
        "end_time_unix_nano": now_ns + 5_000_000,
        "attributes": attributes(**{"gen_ai.operation.name": "chat", "said": "東京"}),
    }
    return Span(**known | fields)


def attributes(**texts: str) -> list[KeyValue]:
    """Attributes that are texts."""
    return [KeyValue(key=key, value=AnyValue(string_value=text)) for key, text in texts.items()]


def of(*spans: Span, **resource: str) -> ExportTraceServiceRequest:
    """A request with these spans of one process."""
    written = ExportTraceServiceRequest()
    entry = written.resource_spans.add()
    entry.resource.attributes.extend(attributes(**resource))
    entry.scope_spans.add().spans.extend(spans)
    return written


def encoded(request: Any, media: str) -> bytes:
    """A request in one of the two encodings."""
    if media == PROTOBUF:
        return request.SerializeToString()
    # protobuf's own JSON: ids are in base64, which OTLP's readers take besides hex.
    return json.dumps(MessageToDict(request)).encode()


def send(http: Any, request: Any, media: str = PROTOBUF, path: str = TRACES, **headers: str) -> Any:
    """Post a request, or bytes for one."""
    body = request if isinstance(request, bytes) else encoded(request, media)
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return http.post(path, content=body, headers={"Content-Type": media} | named)


def partial_success(answer: Any) -> tuple[int, str]:
    """How many spans were rejected, and the words for it."""
    assert answer.status_code == 200, answer.text
    media = answer.headers["content-type"]
    if media == PROTOBUF:
        partial = ExportTraceServiceResponse.FromString(answer.content).partial_success
        return partial.rejected_spans, partial.error_message
    assert media == JSON
    said = answer.json().get("partialSuccess", {})
    return int(said.get("rejectedSpans", 0)), said.get("errorMessage", "")


def failure(answer: Any, media: str) -> tuple[int, str]:
    """gRPC's code and the words, which have to come in the request's encoding."""
    assert answer.headers["content-type"] == media
    if media == PROTOBUF:
        status = Status.FromString(answer.content)
        return status.code, status.message
    said = answer.json()
    assert set(said) == {"code", "message"}
    return said["code"], said["message"]
