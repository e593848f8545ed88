"""The trip crew once, recorded by somebody as their own documentation sets it up for crewAI.

Nothing but the loopback is in reach: whoever asks for more is refused, and it is told. Printed are
what the crew answered, the tracer's version and every span as the tracer has it.
"""

import argparse
import contextlib
import importlib.metadata
import io
import json
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

SETTLE_S = 3.0
"""For memories that are written in the background when kickoff has returned."""
LOOPBACK = ("127.", "localhost", "::1")
Spans = Callable[[], list[dict[str, Any]]]
outside: set[str] = set()


def refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """Let nobody ask for a name or an address that is not of this machine."""
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    host = host.decode() if isinstance(host, bytes) else host
    if host is not None and not host.startswith(LOOPBACK):
        outside.add(host)
        raise socket.gaierror(f"{host} is not on this machine")


def in_memory() -> tuple[Any, Spans]:
    """An exporter that keeps spans, and the way to ask for them."""
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter = InMemorySpanExporter()

    def spans() -> list[dict[str, Any]]:
        return [
            {
                "name": span.name,
                "scope": span.instrumentation_scope.name,
                "trace": f"{span.context.trace_id:032x}",
                "id": f"{span.context.span_id:016x}",
                "parent": f"{span.parent.span_id:016x}" if span.parent else None,
                "attributes": dict(span.attributes),
            }
            for span in exporter.get_finished_spans()
        ]

    return exporter, spans


def provider() -> tuple[Any, Spans]:
    """A tracer provider of OpenTelemetry's SDK that exports to memory."""
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor

    exporter, spans = in_memory()
    made = TracerProvider()
    made.add_span_processor(SimpleSpanProcessor(exporter))
    return made, spans


def mlflow(*, clients: bool = False) -> Spans:
    """`mlflow.crewai.autolog()`, a database of its own in the working folder."""
    import mlflow

    mlflow.set_tracking_uri("sqlite:///mlflow.db")
    mlflow.set_experiment("trip")
    mlflow.crewai.autolog()
    if clients:
        mlflow.openai.autolog()

    def spans() -> list[dict[str, Any]]:
        mlflow.flush_trace_async_logging()
        return [
            {
                "name": span.name,
                "scope": "mlflow",
                "trace": trace.info.trace_id,
                "id": span.span_id,
                "parent": span.parent_id,
                "attributes": span.attributes,
            }
            for trace in mlflow.search_traces(return_type="list")
            for span in trace.data.spans
        ]

    return spans


def openinference(*, clients: bool = False, **more: Any) -> Spans:
    """`CrewAIInstrumentor().instrument(tracer_provider=…)`, as its README has it."""
    from openinference.instrumentation.crewai import CrewAIInstrumentor

    made, spans = provider()
    CrewAIInstrumentor().instrument(tracer_provider=made, **more)
    if clients:
        from openinference.instrumentation.openai import OpenAIInstrumentor

        OpenAIInstrumentor().instrument(tracer_provider=made)
    return spans


def openllmetry_alone() -> Spans:
    """The instrumentor of crewAI and no other."""
    from opentelemetry.instrumentation.crewai import CrewAIInstrumentor

    made, spans = provider()
    CrewAIInstrumentor().instrument(tracer_provider=made)
    return spans


def openllmetry() -> Spans:
    """`Traceloop.init()`, which sets up every instrumentor that it has."""
    from traceloop.sdk import Traceloop

    exporter, spans = in_memory()
    Traceloop.init(app_name="trip", exporter=exporter, disable_batch=True, telemetry_enabled=False)
    return spans


def openlit() -> Spans:
    """`openlit.init()` on a provider that is there; prices are read from a file."""
    import openlit
    from opentelemetry import trace

    made, spans = provider()
    trace.set_tracer_provider(made)
    openlit.init(disable_metrics=True, pricing_json=PRICES)
    return spans


def telltale() -> Spans:
    """`telltale.crewai.autolog()`; its spans are with the server that it ships to."""
    import telltale
    import telltale.crewai

    telltale.crewai.autolog()

    def spans() -> list[dict[str, Any]]:
        if not telltale.flush():
            raise SystemExit("the server did not take all spans")
        return []

    return spans


def witness() -> Spans:
    """No tracer: crewAI's own word of what it does, a span each without ids."""
    from crewai.events import types
    from crewai.events.event_bus import crewai_event_bus
    from crewai.knowledge.knowledge import Knowledge

    seen: list[str] = []

    def noting(name: str) -> Callable[[Any, Any], None]:
        return lambda source, event: seen.append(name)

    for of, name in (
        (types.crew_events.CrewKickoffStartedEvent, "crew"),
        (types.task_events.TaskStartedEvent, "task"),
        (types.agent_events.AgentExecutionStartedEvent, "agent"),
        (types.tool_usage_events.ToolUsageStartedEvent, "tool"),
        (types.memory_events.MemoryRetrievalStartedEvent, "memory read"),
        (types.memory_events.MemorySaveStartedEvent, "memory write"),
        (types.knowledge_events.KnowledgeQueryStartedEvent, "knowledge query"),
    ):
        crewai_event_bus.on(of)(noting(name))
    add_sources = Knowledge.add_sources
    # No event tells of it.
    Knowledge.add_sources = lambda *a, **k: (seen.append("knowledge load"), add_sources(*a, **k))[1]
    return lambda: [{"name": name} for name in seen]


SETUPS: dict[str, tuple[str, Callable[[], Spans]]] = {
    "witness": ("crewai", witness),
    "telltale": ("telltale-sdk", telltale),
    "mlflow": ("mlflow", mlflow),
    "mlflow+openai": ("mlflow", lambda: mlflow(clients=True)),
    "openinference": ("openinference-instrumentation-crewai", openinference),
    "openinference+openai": (
        "openinference-instrumentation-crewai",
        lambda: openinference(clients=True),
    ),
    "openinference-events": (
        "openinference-instrumentation-crewai",
        lambda: openinference(use_event_listener=True),
    ),
    "openllmetry-crewai": ("opentelemetry-instrumentation-crewai", openllmetry_alone),
    "openllmetry": ("traceloop-sdk", openllmetry),
    "openlit": ("openlit", openlit),
}
"""By name: the distribution whose version is told, and how it is set up."""

parser = argparse.ArgumentParser()
parser.add_argument("setup", choices=SETUPS)
parser.add_argument("--site", required=True)
parser.add_argument("--prices", help="file of prices in OpenLIT's format")
options = parser.parse_args()
PRICES = options.prices
distribution, set_up = SETUPS[options.setup]
sys.addaudithook(refuse)
with contextlib.redirect_stdout(io.StringIO()):
    recorded = set_up()
    from telltale.demo.trip_crew import build_crew

    crew = build_crew("en", options.site)
    answer = str(crew.kickoff())
    time.sleep(SETTLE_S)
    told = {
        "answer": answer,
        "spans": recorded(),
        "outside": sorted(outside),
        "version": importlib.metadata.version(distribution),
        "crewai": importlib.metadata.version("crewai"),
    }
print(json.dumps(told, default=str))
