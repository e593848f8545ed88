"""Logs and metrics are taken from any exporter; a model's messages among them find their span."""

import httpx2
import pytest
from exposition import read_figures
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from otlp_requests import BOTH, JSON, attributes, foreign_span, of, send

from testbed.servers import RunningServer

EVENTS = [
    LogRecord(event_name="gen_ai.client.inference.operation.details", trace_id=b"t" * 16),
    LogRecord(event_name="gen_ai.evaluation.result"),
    LogRecord(attributes=attributes(**{"x": "y", "event.name": "gen_ai.choice"})),
    LogRecord(event_name="session.start"),
    LogRecord(severity_text="gen_ai."),
]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    with RunningServer(tmp_path_factory.mktemp("home")) as server:
        yield server


@pytest.mark.parametrize("media", BOTH)
def test_logs_are_taken_and_counted(fresh, media):
    request = ExportLogsServiceRequest()
    request.resource_logs.add().scope_logs.add().log_records.extend(EVENTS)
    with httpx2.Client(base_url=fresh.base_url) as http:
        before = read_figures(http.get("/metrics").text)
        answer = send(http, request, media, "/v1/logs")
        after = read_figures(http.get("/metrics").text)

    assert (answer.status_code, answer.headers["content-type"]) == (200, media)
    assert answer.content == (b"{}" if media == JSON else b"")
    grown = {
        kind: after[name] - before.get(name, 0)
        for kind in ("genai", "other")
        if (name := f'telltale_otlp_logs_total{{kind="{kind}"}}')
    }
    assert grown == {"genai": 3, "other": 2}


@pytest.mark.parametrize("media", BOTH)
def test_metrics_are_taken_and_counted(fresh, media):
    request = ExportMetricsServiceRequest()
    metrics = request.resource_metrics.add().scope_metrics.add().metrics
    for name in ("gen_ai.client.token.usage", "gen_ai.client.operation.duration"):
        metrics.add(name=name)
    with httpx2.Client(base_url=fresh.base_url) as http:
        before = read_figures(http.get("/metrics").text)["telltale_otlp_metrics_total"]
        answer = send(http, request, media, "/v1/metrics")
        after = read_figures(http.get("/metrics").text)["telltale_otlp_metrics_total"]

    assert (answer.status_code, answer.headers["content-type"]) == (200, media)
    assert after - before == 2


def pair(key, value):
    return KeyValue(key=key, value=AnyValue(string_value=value))


def held(*pairs):
    """A map as a value."""
    value = AnyValue()
    value.kvlist_value.values.extend(pairs)
    return value


def conversation(span):
    """What was said in a call, one event a message, as of GenAI conventions 1.28 to 1.36."""
    of_span = {"trace_id": span.trace_id, "span_id": span.span_id}
    said = held(pair("role", "assistant"), pair("content", "In 京都."))
    return [
        LogRecord(
            event_name="gen_ai.user.message",
            time_unix_nano=1,
            body=held(pair("content", "Where to, 東京?")),
            **of_span,
        ),
        LogRecord(
            attributes=attributes(**{"event.name": "gen_ai.choice"}),
            observed_time_unix_nano=2,
            body=held(pair("finish_reason", "stop"), KeyValue(key="message", value=said)),
            **of_span,
        ),
    ]


def details(span):
    """The same in one event, as the conventions have it today: structured, not in JSON text."""
    return [
        LogRecord(
            event_name="gen_ai.client.inference.operation.details",
            time_unix_nano=1,
            trace_id=span.trace_id,
            span_id=span.span_id,
            attributes=[
                KeyValue(key=f"gen_ai.{way}.messages", value=messages(role, text))
                for way, role, text in (
                    ("input", "user", "Where to, 東京?"),
                    ("output", "assistant", "In 京都."),
                )
            ],
        )
    ]


def messages(role, text):
    listed = AnyValue()
    parts = AnyValue()
    parts.array_value.values.append(held(pair("type", "text"), pair("content", text)))
    listed.array_value.values.append(held(pair("role", role), KeyValue(key="parts", value=parts)))
    return listed


def logs(*records):
    request = ExportLogsServiceRequest()
    request.resource_logs.add().scope_logs.add().log_records.extend(records)
    return request


def words_of(http, span):
    """What was said in the span, as a person sees it."""
    detail = http.get(f"/api/v1/traces/{span.trace_id.hex()}/spans/0").json()["span"]
    return [
        part["content"]
        for message in (*detail.get("input_messages", ()), *detail.get("output_messages", ()))
        for part in message["parts"]
    ]


SAID = ["Where to, 東京?", "In 京都."]


@pytest.mark.parametrize("media", BOTH)
@pytest.mark.parametrize("told", [conversation, details])
@pytest.mark.parametrize("order", ["logs first", "spans first", "one by one", "again and again"])
def test_messages_that_come_as_log_events_stand_on_their_span(http, media, told, order):
    span = foreign_span()
    records = told(span)
    if order != "logs first":
        send(http, of(span), media)
    if order == "one by one":
        for record in reversed(records):
            send(http, logs(record), media, "/v1/logs")
    else:
        send(http, logs(*records), media, "/v1/logs")
    if order in ("logs first", "again and again"):
        send(http, of(span), media)
    if order == "again and again":
        send(http, logs(*records), media, "/v1/logs")

    assert words_of(http, span) == SAID
    detail = http.get(f"/api/v1/traces/{span.trace_id.hex()}/spans/0").json()
    assert len(detail["raw"]["events"]) == len(records)


@pytest.mark.parametrize("media", BOTH)
@pytest.mark.parametrize("first", ["span", "event"])
def test_an_evaluation_is_an_event_of_the_span_that_it_judges_and_feedback(http, media, first):
    span = foreign_span()
    result = LogRecord(
        event_name="gen_ai.evaluation.result",
        time_unix_nano=3_000,
        trace_id=span.trace_id,
        span_id=span.span_id,
        attributes=[
            pair("gen_ai.evaluation.name", "relevance"),
            KeyValue(key="gen_ai.evaluation.score.value", value=AnyValue(double_value=0.5)),
            pair("gen_ai.evaluation.score.label", "halfway"),
            pair("gen_ai.evaluation.explanation", "late"),
        ],
    )
    posts = [
        (of(span), "/v1/traces"),
        (logs(result, LogRecord(event_name="gen_ai.choice")), "/v1/logs"),
    ]
    for request, path in posts if first == "span" else posts[::-1]:
        send(http, request, media, path)
    # Again: an exporter that has not heard the answer.
    for request, path in posts:
        send(http, request, media, path)

    trace = f"/api/v1/traces/{span.trace_id.hex()}"
    (event,) = http.get(f"{trace}/spans/0").json()["raw"]["events"]
    assert event["name"] == "gen_ai.evaluation.result"
    assert event["attributes"]["gen_ai.evaluation.score.value"] == 0.5
    (feedback,) = http.get(f"{trace}/feedback").json()["feedback"]
    assert (feedback["name"], feedback["value"], feedback["source"]) == ("relevance", 0.5, "code")
    assert (feedback["rationale"], feedback["span_id"]) == ("halfway: late", span.span_id.hex())
    query = {"filter": f"trace:{span.trace_id.hex()} feedback.relevance:<0.6"}
    assert len(http.get("/api/v1/traces", params=query).json()["traces"]) == 1


@pytest.mark.parametrize(
    ("attributes", "value"),
    [
        ({"gen_ai.evaluation.name": "mood", "gen_ai.evaluation.score.label": "sad"}, "sad"),
        ({"gen_ai.evaluation.name": "mood"}, None),
        ({"gen_ai.evaluation.score.label": "sad"}, None),
    ],
)
def test_a_score_is_its_number_or_its_word_and_has_a_name(http, attributes, value):
    span = foreign_span()
    event = span.events.add(name="gen_ai.evaluation.result", time_unix_nano=1)
    event.attributes.extend(pair(key, text) for key, text in attributes.items())

    assert send(http, of(span)).status_code == 200

    told = http.get(f"/api/v1/traces/{span.trace_id.hex()}/feedback").json()["feedback"]
    assert [one["value"] for one in told] == ([] if value is None else [value])
