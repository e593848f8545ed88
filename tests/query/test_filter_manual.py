"""docs/filter.md tells the truth: each of its examples is run on the traces that it names."""

import re
from pathlib import Path

import pytest

from telltale.nouns.span import Kind, RawSpan, Span, Status
from telltale.nouns.usage import Cost, Usage
from telltale.query.fields import FIELDS, Field, Reading
from telltale.query.mlflow import parse_mlflow
from telltale.query.parse import BadFilter, parse
from telltale.query.values import read_duration
from telltale.query.write import write
from telltale.store.questions import Change, FindTraces
from telltale.store.traces import open_trace_store

MANUAL = (Path(__file__).parents[2] / "docs" / "filter.md").read_text("utf-8")
START_NS = 1_760_000_000 * 10**9
NOW_NS = START_NS + 86_400 * 10**9
VALUES = {
    Reading.TEXT: "text",
    Reading.COUNT: "number",
    Reading.DURATION: "duration",
    Reading.MONEY: "US dollars",
    Reading.SCORE: "number, yes or no, or text",
    Reading.MOMENT: "time, or how long ago",
    Reading.TRACE_ID: "32 hex digits, or the first of them",
}


def tables(mark: str) -> list[list[str]]:
    """Rows of all tables under a mark, without their heads."""
    rows = []
    for table in re.findall(rf"<!-- {mark} -->\n(.*?)<!-- end -->", MANUAL, re.DOTALL):
        cells = [re.split(r"(?<!\\) *\| *", line)[1:-1] for line in table.strip().splitlines()]
        rows += cells[2:]
    return rows


def code(cell: str) -> str:
    """What stands in backticks, one or two on each side."""
    return re.fullmatch(r"(`+)(.*)\1", cell)[2]


def field_row(field: Field) -> list[str]:
    """A field as the manual tells of it."""
    value = ", ".join(f"`{choice}`" for choice in field.choices) or VALUES[field.reading]
    name = f"`{field.name}.…`" if field.has_keys else f"`{field.name}`"
    return [name, value, field.meaning, "yes" if field.of_span else ""]


def spans_of(row: list[str]) -> list[Change]:
    """A crew with a call of a model and one of a tool."""
    letter, crew, status, tool, model, took, cost, tokens, user, env, said = row
    tool_name, tool_status = tool.split(", ")
    readings = [
        Span(
            dialect="",
            kind=Kind.CREW,
            name=crew,
            status=Status(status),
            user=user,
            tags={"env": env},
        ),
        Span(
            dialect="",
            kind=Kind.LLM,
            name="chat",
            model=model,
            usage=Usage(int(tokens), 0),
            cost=Cost(int(float(cost) * 10**12), "list") if cost else None,
        ),
        Span(
            dialect="", kind=Kind.TOOL, name=tool_name, tool=tool_name, status=Status(tool_status)
        ),
    ]
    end_ns = START_NS + read_duration(took.replace(" ", ""))
    return [
        Change(
            experiment_id=0,
            reading=reading,
            raw=RawSpan(
                trace_id=letter.encode() * 16,
                span_id=bytes([number]) * 8,
                parent_id=None if number == 1 else b"\1" * 8,
                name=reading.name,
                start_ns=START_NS,
                end_ns=end_ns,
                status=reading.status,
                attributes={"telltale.inputs": said} if number == 1 else {},
            ),
        )
        for number, reading in enumerate(readings, start=1)
    ]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = open_trace_store(tmp_path_factory.mktemp("manual") / "traces.db", reading_version=1)
    store.write([change for row in tables("traces") for change in spans_of(row)])
    yield store
    store.close()


@pytest.mark.parametrize("example", tables("examples"), ids=lambda row: row[0])
def test_an_example_finds_what_the_manual_says(store, example):
    page = store.read(FindTraces(filter=parse(code(example[0])), now_ns=NOW_NS))

    found = sorted(bytes.fromhex(trace.trace_id)[:1].decode() for trace in page.traces)
    assert found == example[1].split()


@pytest.mark.parametrize("example", tables("refused"), ids=lambda row: row[0])
def test_what_the_manual_says_is_no_filter_is_refused_in_its_words(example):
    with pytest.raises(BadFilter, match=re.escape(example[2])) as refused:
        parse(code(example[0]))

    assert refused.value.position + 1 == int(example[1])


@pytest.mark.parametrize("example", tables("mlflow"), ids=lambda row: row[0])
def test_one_of_mlflows_filters_finds_what_the_manual_says(store, example):
    asked = parse_mlflow(code(example[0]))
    page = store.read(FindTraces(filter=asked, now_ns=NOW_NS))

    found = sorted(bytes.fromhex(trace.trace_id)[:1].decode() for trace in page.traces)
    assert found == example[1].split()
    assert write(asked) == code(example[2])


@pytest.mark.parametrize("example", tables("mlflow refused"), ids=lambda row: row[0])
def test_what_mlflow_can_ask_and_we_cannot_is_refused_in_the_manuals_words(example):
    with pytest.raises(BadFilter, match=re.escape(example[2])) as refused:
        parse_mlflow(code(example[0]))

    assert refused.value.position + 1 == int(example[1])


def test_the_manual_has_every_field():
    assert tables("fields") == [field_row(field) for field in FIELDS.values()]
