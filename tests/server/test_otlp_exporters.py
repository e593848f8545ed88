"""OpenTelemetry's own exporters, as programs use them, against the real server."""

import json
import os
import subprocess
import sys

import pytest
from exposition import read_figures
from google.protobuf.json_format import MessageToDict
from opentelemetry._logs import LogRecord
from opentelemetry.context import get_current
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Link, SpanKind, Status, StatusCode
from otlp_requests import JSON, partial_success, send

from telltale.otlp.json import from_otlp
from testbed.servers import RunningServer

ATTRIBUTES = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4.1-mini",
    "gen_ai.usage.input_tokens": 1200,
    "gen_ai.usage.output_tokens": 40,
    "gen_ai.request.temperature": 0.5,
    "gen_ai.response.finish_reasons": ("stop",),
    "streamed": True,
    "mark": "東京 🗼",
}


def made_by_the_sdk():
    """An agent's span with a model's call under it, as the SDK hands them to an exporter."""
    kept = InMemorySpanExporter()
    provider = TracerProvider(resource=Resource({"service.name": "their agent"}))
    provider.add_span_processor(SimpleSpanProcessor(kept))
    tracer = provider.get_tracer("their.instrumentation", "1.2")
    with tracer.start_as_current_span("invoke_agent guide") as agent:
        link = Link(agent.get_span_context(), {"why": "retry"})
        with tracer.start_as_current_span(
            "chat", kind=SpanKind.CLIENT, attributes=ATTRIBUTES, links=[link]
        ) as call:
            call.add_event("gen_ai.choice", {"index": 0})
            call.set_status(Status(StatusCode.ERROR, "slow down"))
    return kept.get_finished_spans()


def stored(http, spans):
    """The same spans, as they are in the store."""
    trace_id = f"{spans[0].context.trace_id:032x}"
    raws = from_otlp(http.get(f"/api/v1/traces/{trace_id}/otlp").json())
    return {raw.span_id.hex(): raw for raw in raws}


def assert_whole(http, spans):
    """Everything that OTLP carries of them is in the store."""
    arrived = stored(http, spans)
    assert len(arrived) == len(spans) == 2
    for span in spans:
        raw = arrived[f"{span.context.span_id:016x}"]
        assert (raw.name, raw.start_ns, raw.end_ns) == (span.name, span.start_time, span.end_time)
        assert raw.attributes == {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in span.attributes.items()
        }
        assert [(e.name, e.time_ns, e.attributes) for e in raw.events] == [
            (e.name, e.timestamp, dict(e.attributes)) for e in span.events
        ]
        assert [dict(link.attributes) for link in span.links] == [x.attributes for x in raw.links]
        assert raw.span_kind == span.kind.name.lower()
        assert raw.status.name == span.status.status_code.name
        assert raw.status_message == (span.status.description or "")
        assert raw.scope == "their.instrumentation"
        assert raw.resource == {"service.name": "their agent"}
    call, agent = spans
    assert (
        arrived[f"{call.context.span_id:016x}"].parent_id.hex() == f"{agent.context.span_id:016x}"
    )


@pytest.mark.parametrize("compression", Compression)
def test_the_protobuf_exporters_spans_arrive_whole(server, http, compression):
    spans = made_by_the_sdk()
    exporter = OTLPSpanExporter(f"{server.base_url}/v1/traces", compression=compression)

    assert exporter.export(spans) is SpanExportResult.SUCCESS

    exporter.shutdown()
    assert_whole(http, spans)


def test_so_do_the_same_as_json(http):
    spans = made_by_the_sdk()
    written = MessageToDict(encode_spans(spans))

    assert partial_success(send(http, json.dumps(written).encode(), JSON)) == (0, "")

    assert_whole(http, spans)


AS_JSON = """
import sys
from opentelemetry.exporter.otlp.json.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
provider = TracerProvider(resource=Resource({"service.name": "by json"}))
provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(endpoint=sys.argv[1])))
with provider.get_tracer("t").start_as_current_span("chat", attributes={"mark": "東京"}) as span:
    print(f"{span.get_span_context().trace_id:032x}")
provider.shutdown()
"""
JSON_EXPORTER = "TELLTALE_JSON_EXPORTER"
"""A folder with `opentelemetry-exporter-otlp-json-http`: its releases so far (0.66b1) hold the
other exporters back by one, so it cannot stand beside them."""


@pytest.mark.skipif(JSON_EXPORTER not in os.environ, reason=f"{JSON_EXPORTER} names no folder")
def test_the_json_exporters_spans_arrive(server, http):
    done = subprocess.run(
        [sys.executable, "-c", AS_JSON, f"{server.base_url}/v1/traces"],
        env=os.environ | {"PYTHONPATH": os.environ[JSON_EXPORTER]},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    detail = http.get(f"/api/v1/traces/{done.stdout.strip()}/spans/0").json()
    assert detail["raw"]["attributes"]["mark"] == "東京"


def test_the_log_exporters_event_is_joined_to_the_spans(server, http):
    kept = InMemorySpanExporter()
    tracing, logging = TracerProvider(), LoggerProvider()
    tracing.add_span_processor(SimpleSpanProcessor(kept))
    logging.add_log_record_processor(
        SimpleLogRecordProcessor(OTLPLogExporter(f"{server.base_url}/v1/logs"))
    )
    with tracing.get_tracer("theirs").start_as_current_span("chat", attributes=ATTRIBUTES):
        logging.get_logger("theirs").emit(
            LogRecord(
                event_name="gen_ai.choice",
                context=get_current(),
                body={"index": 0, "message": {"role": "assistant", "content": "In 京都."}},
            )
        )
    logging.shutdown()
    spans = kept.get_finished_spans()
    OTLPSpanExporter(f"{server.base_url}/v1/traces").export(spans)

    trace_id = f"{spans[0].context.trace_id:032x}"
    detail = http.get(f"/api/v1/traces/{trace_id}/spans/0").json()["span"]
    (message,) = detail["output_messages"]
    assert message["parts"][0]["content"] == "In 京都."


def test_the_metric_exporter_is_thanked(server, http):
    before = read_figures(http.get("/metrics").text)["telltale_otlp_metrics_total"]
    reader = PeriodicExportingMetricReader(OTLPMetricExporter(f"{server.base_url}/v1/metrics"))
    provider = MeterProvider([reader])
    provider.get_meter("theirs").create_counter("gen_ai.client.token.usage").add(12)

    provider.shutdown()

    after = read_figures(http.get("/metrics").text)["telltale_otlp_metrics_total"]
    assert after - before == 1


def test_the_servers_log_says_what_an_exporter_keeps_to_itself(tmp_path, caplog):
    spans = made_by_the_sdk()
    with RunningServer(tmp_path) as server:
        exporter = OTLPSpanExporter(
            f"{server.base_url}/v1/traces", headers={"x-mlflow-experiment-id": "77"}
        )

        assert exporter.export(spans) is SpanExportResult.FAILURE

        assert "400" in caplog.text
        log = server.log()
    assert "x-mlflow-experiment-id '77'" in log and "x-telltale-experiment" in log
