"""Logs and metrics are taken from any exporter, counted, and never a 404."""

import httpx2
import pytest
from exposition import read_figures
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from otlp_requests import BOTH, JSON, attributes, send

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
