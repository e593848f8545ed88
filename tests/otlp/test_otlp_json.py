"""What a RawSpan holds survives OTLP's JSON, and what is no OTLP is refused in our own words."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telltale.nouns.errors import BadInput
from telltale.nouns.span import RawEvent, RawLink, RawSpan, Status
from telltale.otlp.json import each_span, from_otlp, to_otlp
from telltale.otlp.wire import MOST_BRACKETS, parse

moments = st.integers(1, 2**63 - 1)
ids = {size: st.binary(min_size=size, max_size=size).filter(any) for size in (8, 16)}
texts = st.text(max_size=12)
keys = texts | st.sampled_from(
    ["telltale.experiment", "telltale.added", "telltale.added~", "telltale.experiment~~", "a"]
)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | texts
    | st.binary(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=10,
)
attributes = st.dictionaries(keys, values, max_size=5)
raw_spans = st.builds(
    RawSpan,
    trace_id=ids[16],
    span_id=ids[8],
    parent_id=st.none() | ids[8],
    name=texts,
    start_ns=moments,
    end_ns=st.none() | moments,
    span_kind=st.sampled_from(["internal", "client", "server", "producer", "consumer"]),
    status=st.sampled_from(list(Status)),
    status_message=texts,
    attributes=attributes,
    events=st.lists(st.builds(RawEvent, texts, moments, attributes), max_size=2).map(tuple),
    links=st.lists(st.builds(RawLink, ids[16], ids[8], attributes), max_size=2).map(tuple),
    scope=st.sampled_from(["", "telltale", "x"]),
    resource=st.sampled_from([{}, {"a": 1}, {"a": True}, {"a": 1.0}]) | attributes,
    experiment=st.sampled_from(["", "CrewAI"]) | texts,
)


def exact(raws: list[RawSpan]) -> bytes:
    """The spans with their types: Python's `==` says that 1 is True."""
    return msgspec.msgpack.encode(raws)


@settings(max_examples=150, deadline=None)
@given(st.lists(raw_spans, max_size=4))
def test_spans_come_back_as_they_were(raws: list[RawSpan]) -> None:
    assert exact(from_otlp(to_otlp(raws))) == exact(raws)


@settings(max_examples=100, deadline=None)
@given(st.lists(raw_spans, max_size=3), attributes)
def test_they_do_so_through_json_text_and_with_what_export_adds(raws, extra) -> None:
    written = msgspec.json.encode(to_otlp(raws, lambda raw: extra))

    assert exact(from_otlp(json.loads(written))) == exact(raws)


def span(**fields: Any) -> RawSpan:
    return RawSpan(trace_id=b"t" * 16, span_id=b"s" * 8, name="n", start_ns=1, **fields)


def document(**fields: Any) -> dict[str, Any]:
    """A document with one span, of which some fields are given."""
    bare = {"traceId": "74" * 16, "spanId": "73" * 8, "name": "n", "startTimeUnixNano": "1"}
    return {"resourceSpans": [{"scopeSpans": [{"spans": [bare | fields]}]}]}


WRITTEN = {
    "resourceSpans": [
        {
            "resource": {
                "attributes": [
                    {"key": "service.name", "value": {"stringValue": "trip"}},
                    {"key": "telltale.experiment", "value": {"stringValue": "CrewAI"}},
                ]
            },
            "scopeSpans": [
                {
                    "scope": {"name": "telltale"},
                    "spans": [
                        {
                            "traceId": "74" * 16,
                            "spanId": "73" * 8,
                            "parentSpanId": "70" * 8,
                            "name": "n",
                            "kind": 3,
                            "startTimeUnixNano": "1",
                            "endTimeUnixNano": "4611686018427387904",
                            "attributes": [
                                {"key": "n", "value": {"intValue": "3"}},
                                {"key": "b", "value": {"bytesValue": "AP8="}},
                                {
                                    "key": "l",
                                    "value": {
                                        "arrayValue": {
                                            "values": [
                                                {"boolValue": True},
                                                {"doubleValue": 1.5},
                                            ]
                                        }
                                    },
                                },
                                {
                                    "key": "d",
                                    "value": {
                                        "kvlistValue": {
                                            "values": [{"key": "k", "value": {"stringValue": "v"}}]
                                        }
                                    },
                                },
                                {"key": "none", "value": {}},
                            ],
                            "status": {"code": 2, "message": "slow down"},
                        }
                    ],
                }
            ],
        }
    ]
}
"""The span below, in the words of the specification."""


def test_a_span_is_written_as_the_specification_says() -> None:
    raw = span(
        end_ns=2**62,
        parent_id=b"p" * 8,
        span_kind="client",
        status=Status.ERROR,
        status_message="slow down",
        attributes={"n": 3, "b": b"\x00\xff", "l": [True, 1.5], "d": {"k": "v"}, "none": None},
        scope="telltale",
        resource={"service.name": "trip"},
        experiment="CrewAI",
    )

    assert to_otlp([raw]) == WRITTEN


def test_spans_of_one_resource_and_scope_stand_together() -> None:
    (group,) = to_otlp([span(resource={"a": 1}), span(resource={"a": 1})])["resourceSpans"]

    assert [len(scope["spans"]) for scope in group["scopeSpans"]] == [2]


def test_what_export_adds_stands_beside_what_the_program_said() -> None:
    raw = span(attributes={"telltale.kind": "llm"})

    written = to_otlp([raw], lambda raw: {"telltale.kind": "tool", "telltale.state": "ended"})
    (stored,) = written["resourceSpans"][0]["scopeSpans"][0]["spans"]

    assert {pair["key"]: pair["value"] for pair in stored["attributes"]} == {
        "telltale.kind": {"stringValue": "llm"},
        "telltale.state": {"stringValue": "ended"},
        "telltale.added": {"arrayValue": {"values": [{"stringValue": "telltale.state"}]}},
    }
    assert from_otlp(written) == [raw]


def test_a_number_that_otlp_cannot_hold_is_written_as_text() -> None:
    (raw,) = from_otlp(to_otlp([span(attributes={"n": 2**63})]))

    assert raw.attributes == {"n": "0x8000000000000000"}


@pytest.mark.parametrize("value", [float("inf"), float("-inf")])
def test_infinities_are_written_as_protobuf_writes_them(value: float) -> None:
    written = to_otlp([span(attributes={"x": value})])

    assert "Infinity" in json.dumps(written)
    assert from_otlp(written)[0].attributes == {"x": value}


def test_snake_case_and_base64_ids_are_read_too() -> None:
    written = {
        "resource_spans": [
            {
                "resource": {
                    "attributes": [{"key": "k", "value": {"string_value": "v"}}],
                },
                "scope_spans": [
                    {
                        "scope": {"name": "s"},
                        "spans": [
                            {
                                "trace_id": "dHR0dHR0dHR0dHR0dHR0dA==",
                                "span_id": "c3Nzc3Nzc3M=",
                                "name": "n",
                                "kind": "SPAN_KIND_CLIENT",
                                "start_time_unix_nano": 1,
                                "end_time_unix_nano": 2,
                                "status": {"code": "STATUS_CODE_OK"},
                            }
                        ],
                    }
                ],
            }
        ]
    }

    assert from_otlp(written) == [
        span(end_ns=2, span_kind="client", status=Status.OK, scope="s", resource={"k": "v"})
    ]


def test_a_link_to_nowhere_is_no_link_and_a_zero_parent_none() -> None:
    zeros = {"traceId": "0" * 32, "spanId": "0" * 16}

    (raw,) = from_otlp(document(links=[{}, zeros], parentSpanId="0" * 16))

    assert (raw.links, raw.parent_id) == ((), None)


def test_a_span_that_cannot_be_read_takes_no_neighbours_with_it() -> None:
    written, refused = document(), []
    spans = written["resourceSpans"][0]["scopeSpans"][0]["spans"]
    spans[:0] = [spans[0] | {"name": "东京", "spanId": "7"}, 7]
    deep: dict[str, Any] = {"stringValue": "x"}
    for _ in range(20_000):
        deep = {"arrayValue": {"values": [deep]}}
    spans.append(spans[-1] | {"attributes": [{"key": "a", "value": deep}]})

    assert list(each_span(written, refused.append)) == [span()]
    assert str(refused[0]).startswith("span '东京': OTLP JSON: spanId '7': expected 16 hex")
    assert [bool(error.expected) for error in refused] == [True] * 3


@pytest.mark.parametrize("body", [b"", b"\x0a\x00", b"{", b"[" * 9999, b'"\xff"', b"9" * 9999])
def test_what_is_no_json_is_refused_with_a_remedy(body: bytes) -> None:
    with pytest.raises(BadInput) as refused:
        from_otlp(parse(body))

    assert refused.value.remedy and "JSON" in str(refused.value)


def test_json_that_would_take_many_times_its_size_is_not_read() -> None:
    with pytest.raises(BadInput, match="at most 2000000"):
        parse(b"[" + b"{}," * MOST_BRACKETS + b"{}]")


def test_half_a_surrogate_pair_does_not_cost_a_document() -> None:
    assert parse(b'{"name": "\\ud83d", "x": NaN}')["name"] == "\ud83d"


def test_a_span_without_an_end_is_open() -> None:
    assert from_otlp(document())[0].end_ns is None
    assert from_otlp(document(endTimeUnixNano="0"))[0].end_ns is None


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        "text",
        {"resourceSpans": {}},
        {"resourceSpans": [7]},
        document(traceId="00" * 16),
        document(traceId="7"),
        document(traceId=7),
        document(spanId=""),
        document(spanId="zz" * 8),
        document(parentSpanId="73"),
        document(startTimeUnixNano="soon"),
        document(startTimeUnixNano=1.5),
        document(startTimeUnixNano="9" * 30),
        document(kind=9),
        document(kind="SPAN_KIND_OTHER"),
        document(status={"code": 7}),
        document(attributes={"a": 1}),
        document(attributes=[{"key": 1}]),
        document(attributes=[{"key": "a", "value": "b"}]),
        document(attributes=[{"key": "a", "value": {"intValue": "x"}}]),
        document(attributes=[{"key": "a", "value": {"boolValue": 1}}]),
        document(attributes=[{"key": "a", "value": {"bytesValue": "?"}}]),
        document(events=[{"timeUnixNano": True}]),
        document(links=[{"traceId": "74" * 16, "spanId": "7"}]),
    ],
)
def test_what_is_no_otlp_is_refused_with_a_remedy(wrong: object) -> None:
    if wrong is None:
        wrong = 7
    with pytest.raises(BadInput) as refused:
        from_otlp(wrong)

    assert refused.value.expected


def test_nesting_without_end_is_refused() -> None:
    value: dict[str, Any] = {}
    for _ in range(5000):
        value = {"arrayValue": {"values": [value]}}

    with pytest.raises(BadInput):
        from_otlp(document(attributes=[{"key": "a", "value": value}]))


fields = st.sampled_from(
    [
        "resourceSpans",
        "scopeSpans",
        "spans",
        "resource",
        "scope",
        "attributes",
        "traceId",
        "spanId",
        "kind",
        "status",
        "events",
        "links",
        "name",
        "key",
        "value",
        "values",
        "stringValue",
        "intValue",
        "arrayValue",
        "kvlistValue",
        "code",
    ]
)
debris = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(fields, inner, max_size=5),
    max_leaves=25,
)


@settings(max_examples=300, deadline=None)
@given(debris)
def test_nothing_else_is_raised_whatever_is_sent(sent: object) -> None:
    try:
        from_otlp(sent)
    except BadInput as refused:
        assert refused.expected
