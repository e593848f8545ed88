"""What is exported and imported elsewhere is the same there."""

import gzip
import json

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journals import crew, opened, piece
from telltale.nouns.span import RawEvent, RawLink, RawSpan, Status
from telltale.otlp.json import to_otlp
from telltale.tracing.records import GONE, OWNER
from testbed.servers import RunningServer
from testbed.waiting import wait_until

LINES = {"Content-Type": "application/x-ndjson"}
TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
VALUES = st.recursive(
    st.one_of(TEXTS, st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False)),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)
ATTRIBUTES = st.dictionaries(
    st.one_of(
        TEXTS,
        st.sampled_from(
            ["gen_ai.operation.name", "gen_ai.request.model", "gen_ai.usage.input_tokens",
             "telltale.kind", "telltale.added", "telltale.experiment", "telltale.state",
             "telltale.trace.tag.env", "user.id", "error.type"]
        ),
    ),
    VALUES,
    max_size=5,
)  # fmt: skip
IDS = st.binary(min_size=8, max_size=8).filter(any)
TIMES = st.integers(1_700_000_000_000_000_000, 1_800_000_000_000_000_000)
SPANS = st.builds(
    RawSpan,
    trace_id=st.sampled_from([b"A" * 16, b"B" * 16]),
    span_id=IDS,
    parent_id=st.one_of(st.none(), IDS),
    name=TEXTS,
    start_ns=TIMES,
    end_ns=TIMES,
    span_kind=st.sampled_from(["internal", "server", "client", "producer", "consumer"]),
    status=st.sampled_from(Status),
    status_message=TEXTS,
    attributes=ATTRIBUTES,
    events=st.lists(st.builds(RawEvent, TEXTS, TIMES, ATTRIBUTES), max_size=2).map(tuple),
    links=st.lists(
        st.builds(RawLink, st.binary(min_size=16, max_size=16).filter(any), IDS, ATTRIBUTES),
        max_size=1,
    ).map(tuple),
    scope=TEXTS,
    resource=st.dictionaries(TEXTS, TEXTS, max_size=2),
    experiment=st.sampled_from(["", "one", "二"]),
)
SAID = st.lists(
    st.fixed_dictionaries(
        {"name": TEXTS.filter(bool), "value": st.one_of(st.booleans(), st.integers(0, 9), TEXTS)},
        optional={"rationale": TEXTS, "source": st.sampled_from(["human", "code", "llm_judge"])},
    ),
    max_size=2,
)


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """Two servers of two homes, and how to ask them."""
    homes = [tmp_path_factory.mktemp(name) for name in ("from", "to")]
    with (
        RunningServer(homes[0]) as first,
        RunningServer(homes[1]) as second,
        httpx2.Client(base_url=first.base_url) as one,
        httpx2.Client(base_url=second.base_url) as other,
    ):
        yield one, other


def exported(http):
    return http.get("/api/v1/export").content


def emptied(*servers):
    for http in servers:
        http.post("/api/v1/traces/delete", json={"all": True})


def by_trace(lines):
    """Lines without what only says in which order they came."""
    return sorted(lines.splitlines())


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(SPANS, min_size=1, max_size=6), SAID, st.dictionaries(TEXTS.filter(bool), TEXTS))
def test_any_traces_are_the_same_where_they_are_imported(two, spans, said, tags):
    one, other = two
    emptied(one, other)
    assert one.post("/api/v1/journal", content=piece(spans)).status_code == 200
    trace = spans[0].trace_id.hex()
    for words in said:
        assert one.post(f"/api/v1/traces/{trace}/feedback", json=words).status_code == 200
    if len(tags) <= 100:
        assert one.post(f"/api/v1/traces/{trace}/tags", json={"set": tags}).status_code == 200
    lines = exported(one)

    answer = other.post("/api/v1/import", content=lines, headers=LINES)

    assert answer.status_code == 200, answer.text
    assert answer.json()["refused"] == []
    assert by_trace(exported(other)) == by_trace(lines)
    for path in ("", "/feedback", "/skeleton"):
        ours, theirs = (http.get(f"/api/v1/traces/{trace}{path}").json() for http in two)
        for told in (ours, theirs):
            for moving in ("seq", "since", "experiment_id"):
                told.pop(moving, None)
        assert theirs == ours
    again = other.post("/api/v1/import", content=lines, headers=LINES)
    assert again.status_code == 200
    assert by_trace(exported(other)) == by_trace(lines)


def test_a_lost_span_is_lost_there_and_one_that_ran_is_soon(two):
    one, other = two
    emptied(one, other)
    root = opened(crew())
    dead = piece([root])
    one.post("/api/v1/journal", headers={OWNER: GONE}, content=dead)
    wait_until(lambda: b"lost" in exported(one))
    lines = exported(one)

    other.post("/api/v1/import", content=lines, headers=LINES)

    assert exported(other) == lines
    assert json.loads(lines)["telltale"]["seen"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"nonsense", "line 1"),
        (b"{}\n\nnonsense\n", "line 3"),
        (b'{"resourceSpans": 1}', "line 1"),
        (b'{"resourceSpans": [], "telltale": {"tags": 1}}', "beside the spans"),
        (b'{"resourceSpans": [], "telltale": {"seen": {"a": "x"}}}', "beside the spans"),
        (b'{"resourceSpans": [], "telltale": {"seen": {"a": "-1"}}}', "a time that is none"),
        (b"\xff\xfe", "line 1"),
    ],
)
def test_a_line_that_is_none_is_named_and_nothing_of_the_request_is_stored(http, body, told):
    whole = crew(experiment="beside a bad line")
    good = _line(whole)

    answer = http.post("/api/v1/import", content=body + b"\n" + good, headers=LINES)

    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad-input")
    assert told in answer.json()["detail"] and answer.json()["remedy"]
    assert http.get(f"/api/v1/traces/{whole.trace_id.hex()}").status_code == 404


def test_a_span_that_cannot_be_stored_is_told_and_its_neighbours_are_stored(http):
    root = crew()
    data = json.loads(_line(root))
    spans = data["resourceSpans"][0]["scopeSpans"][0]["spans"]
    spans.append(spans[0] | {"spanId": "00"})

    answer = http.post("/api/v1/import", json=data, headers=LINES)

    assert (answer.json()["traces"], answer.json()["spans"]) == (1, 1)
    assert len(answer.json()["refused"]) == 1


def test_gzip_is_taken_and_so_is_a_file_without_a_last_line_end(http):
    root = crew()
    packed = gzip.compress(_line(root).strip())

    answer = http.post(
        "/api/v1/import", content=packed, headers=LINES | {"Content-Encoding": "gzip"}
    )

    assert answer.json()["spans"] == 1


def _line(*raws):
    return json.dumps(to_otlp(raws)).encode() + b"\n"
