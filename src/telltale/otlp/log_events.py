"""Events among OTLP's log records: a model's messages where a program sends them beside its spans.

OpenTelemetry's GenAI conventions had one event a message (`gen_ai.user.message`, …, with what was
said in the record's body), then one with the whole conversation
(`gen_ai.client.inference.operation.details`), and have `gen_ai.evaluation.result` for a score. All
other log records are nobody's here, and not read.
"""

from typing import Any

import msgspec

from telltale.nouns.errors import BadInput
from telltale.nouns.span import RawEvent
from telltale.otlp.wire import from_attributes, from_value, items, moment, record, span_id, trace_id

GENAI = "gen_ai."
OLD_NAME = "event.name"
"""The attribute that named an event before log records had a field for it (OTLP 1.5)."""


class LogEvent(msgspec.Struct, frozen=True):
    """A GenAI event, and the span that it belongs to."""

    trace_id: bytes
    """Empty where it names none."""
    span_id: bytes
    event: RawEvent


def json_log_events(data: object) -> list[LogEvent | None]:
    """For each log record of an export request as JSON its event; None where it is another's.

    Raises:
        BadInput: If it is not built as such a request is.
    """
    return [
        _read(record(item, "log record"))
        for resource in items(record(data, "logs data"), "resourceLogs")
        for scope in items(record(resource, "resource logs"), "scopeLogs")
        for item in items(record(scope, "scope logs"), "logRecords")
    ]


def event_of(name: str, time_ns: int, attributes: dict[str, Any], body: Any) -> RawEvent:
    """An event as it stands on a span: there it has attributes and no body."""
    fields = {key: value for key, value in attributes.items() if key != OLD_NAME}
    if body is not None:
        fields |= body if isinstance(body, dict) else {"body": body}
    return RawEvent(name, time_ns, fields)


def _read(log: dict[str, Any]) -> LogEvent | None:
    try:
        attributes = from_attributes(log)
        name = log.get("eventName") or log.get("event_name") or attributes.get(OLD_NAME)
        if not isinstance(name, str) or not name.startswith(GENAI):
            return None
        body = from_value(record(log.get("body"), "body"))
        time_ns = moment(log, "timeUnixNano") or moment(log, "observedTimeUnixNano")
        event = event_of(name, time_ns, attributes, body)
    except (BadInput, RecursionError):
        return None
    try:
        return LogEvent(trace_id(log, "traceId"), span_id(log, "spanId"), event)
    except BadInput:
        return LogEvent(b"", b"", event)
