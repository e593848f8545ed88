"""Traces on their way out: OTLP word for word, with our reading in attributes beside it."""

import json

import pytest

from journals import crew, llm_call, opened, piece, span
from telltale.otlp.json import from_otlp


@pytest.fixture
def trace(http):
    """A crew with a model call, stored."""
    root = crew(experiment="exported")
    call = llm_call(root)
    assert http.post("/api/v1/journal", content=piece([root, call])).status_code == 200
    return root, call


def attributes(line):
    """Attributes of a line's spans by span name."""
    return {
        span["name"]: {
            attribute["key"]: next(iter(attribute["value"].values()))
            for attribute in span["attributes"]
        }
        for resource in line["resourceSpans"]
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
    }


def test_our_reading_is_in_the_attributes(http, trace):
    line = http.get(f"/api/v1/traces/{trace[0].trace_id.hex()}/otlp").json()

    call = attributes(line)["chat"]
    assert call["telltale.kind"] == "llm"
    assert call["telltale.state"] == "ended"
    assert call["telltale.cost_usd"] == "0.000544"
    assert call["gen_ai.operation.name"] == "chat"
    assert call["gen_ai.response.model"] == "gpt-4.1-mini"
    assert call["gen_ai.usage.input_tokens"] == "1200"
    assert attributes(line)["TripCrew"]["gen_ai.operation.name"] == "invoke_workflow"


def test_a_span_that_runs_is_exported_as_running(http):
    root = opened(crew())
    http.post("/api/v1/journal", content=piece([root]))

    line = http.get(f"/api/v1/traces/{root.trace_id.hex()}/otlp").json()

    assert attributes(line)["TripCrew"]["telltale.state"] == "running"


def test_what_is_unknown_is_absent(http):
    root = span("plain")
    http.post("/api/v1/journal", content=piece([root]))

    plain = attributes(http.get(f"/api/v1/traces/{root.trace_id.hex()}/otlp").json())["plain"]

    assert not {name for name in plain if name.startswith("gen_ai")}
    assert "telltale.cost_usd" not in plain


def test_what_is_exported_reads_back_as_it_was_reported(http, trace):
    line = http.get(f"/api/v1/traces/{trace[0].trace_id.hex()}/otlp").json()

    back = from_otlp(line)

    assert [raw.attributes for raw in back] == [raw.attributes for raw in trace]
    assert [raw.experiment for raw in back] == ["exported", "exported"]
    assert [(raw.start_ns, raw.end_ns) for raw in back] == [
        (raw.start_ns, raw.end_ns) for raw in trace
    ]


def test_an_export_has_one_trace_a_line_and_every_trace_once(http):
    roots = [crew(experiment="whole") for _ in range(45)]
    http.post("/api/v1/journal", content=piece([*roots, *map(llm_call, roots)]))

    answer = http.get("/api/v1/export", params={"experiment": "whole"})

    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert [from_otlp(line)[0].trace_id for line in lines] == [root.trace_id for root in roots]
    assert {len(from_otlp(line)) for line in lines} == {2}


def test_one_trace_can_be_exported_alone(http, trace):
    given = trace[0].trace_id.hex()

    answer = http.get("/api/v1/export", params={"trace": f"tr-{given}"})

    assert json.loads(answer.text) == http.get(f"/api/v1/traces/{given}/otlp").json()


@pytest.mark.parametrize(
    ("query", "status"),
    [({"trace": "x"}, 400), ({"trace": "2" * 32}, 404), ({"experiment": "?"}, 404)],
)
def test_what_cannot_be_exported_is_told_before_the_first_line(http, query, status):
    answer = http.get("/api/v1/export", params=query)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
