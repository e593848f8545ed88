"""What protobuf holds reaches a RawSpan as it is, and what is none is refused in our own words."""

import json
import math
from typing import Any

import msgspec
import pytest
from google.protobuf.json_format import MessageToDict
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from telltale.ingest.otlp import Refused
from telltale.nouns.errors import BadInput
from telltale.nouns.span import RawSpan, Status
from telltale.otlp import json as otlp_json
from telltale.otlp.envelope import MOST_IN_A_SPAN, MOST_PARTS
from telltale.otlp.log_events import json_log_events
from telltale.otlp.protobuf import each_span, log_events

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
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
attributes = st.dictionaries(texts | st.just("telltale.experiment~"), values, max_size=5)


def any_value(value: Any) -> AnyValue:
    """A value as a program's exporter writes it."""
    if value is None:
        return AnyValue()
    if isinstance(value, bool):
        return AnyValue(bool_value=value)
    if isinstance(value, list):
        written = AnyValue()
        written.array_value.values.extend(map(any_value, value))
        written.array_value.SetInParent()
        return written
    if isinstance(value, dict):
        written = AnyValue()
        written.kvlist_value.values.extend(pairs(value))
        written.kvlist_value.SetInParent()
        return written
    kind = {str: "string", int: "int", float: "double", bytes: "bytes"}[type(value)]
    return AnyValue(**{f"{kind}_value": value})


def pairs(given: dict[str, Any]) -> list[KeyValue]:
    return [KeyValue(key=key, value=any_value(value)) for key, value in given.items()]


def span(given: dict[str, Any] | None = None, **fields: Any) -> Span:
    """An ended span with these attributes."""
    known = {
        "trace_id": b"t" * 16,
        "span_id": b"s" * 8,
        "name": "chat",
        "start_time_unix_nano": 1,
        "end_time_unix_nano": 2,
    }
    return Span(**known | fields, attributes=pairs(given or {}))


def request(*spans: Span, resource: dict[str, Any] | None = None) -> ExportTraceServiceRequest:
    written = ExportTraceServiceRequest()
    entry = written.resource_spans.add()
    entry.resource.attributes.extend(pairs(resource or {}))
    scope = entry.scope_spans.add()
    scope.scope.name = "their.tracer"
    scope.spans.extend(spans)
    return written


def read(body: bytes) -> tuple[list[RawSpan], list[str]]:
    """The spans, and why others are none."""
    refused: list[BadInput] = []
    spans = list(each_span(body, refused.append))
    assert all(error.expected and error.remedy for error in refused)
    return spans, [str(error) for error in refused]


def exact(value: Any) -> bytes:
    """With types: Python's `==` says that 1 is True."""
    return msgspec.msgpack.encode(value)


@settings(max_examples=150, deadline=None)
@given(attributes, attributes)
def test_values_of_every_kind_come_as_they_were(given, resource) -> None:
    (raw,), refused = read(request(span(given), resource=resource).SerializeToString())

    assert not refused
    assert exact(raw.attributes) == exact(given)
    assert raw.experiment == ""
    assert exact(list(raw.resource.values())) == exact(list(resource.values()))


@settings(max_examples=100, deadline=None)
@given(attributes)
def test_both_encodings_of_one_request_read_the_same(given) -> None:
    full = span(given, parent_span_id=b"p" * 8, kind=Span.SPAN_KIND_CLIENT)
    full.status.code, full.status.message = 2, "slow down"
    full.events.add(name="gen_ai.choice", time_unix_nano=3, attributes=pairs(given))
    full.links.add(trace_id=b"l" * 16, span_id=b"k" * 8)
    full.links.add()
    resource = {"service.name": "trips", "telltale.experiment": "东京"}
    written = request(full, span(), resource=resource)

    (raw, bare), _ = read(written.SerializeToString())
    as_json = json.loads(json.dumps(MessageToDict(written)))

    # protobuf's own JSON writes ids in base64, and OTLP's reader takes them.
    assert exact(otlp_json.from_otlp(as_json)) == exact([raw, bare])
    assert (raw.experiment, raw.resource) == ("东京", {"service.name": "trips"})
    assert (raw.span_kind, raw.status, raw.scope) == ("client", Status.ERROR, "their.tracer")
    assert [link.span_id for link in raw.links] == [b"k" * 8]


def test_what_export_added_is_taken_off_again() -> None:
    given = {"telltale.kind": "llm", "mine": 1, "telltale.added": ["telltale.kind"]}

    (raw,), _ = read(request(span(given)).SerializeToString())

    assert raw.attributes == {"mine": 1}


def test_ten_thousand_attributes_nul_and_nan_are_kept() -> None:
    given = {f"key {n}": n for n in range(10_000)} | {"nul": "a\0b", "nan": math.nan}

    (raw,), _ = read(request(span(given, name="\0")).SerializeToString())

    assert math.isnan(raw.attributes.pop("nan"))
    assert raw.attributes == {f"key {n}": n for n in range(10_000)} | {"nul": "a\0b"}
    assert raw.name == "\0"


def test_a_span_that_cannot_be_read_takes_no_neighbours_with_it() -> None:
    faulty = [
        span(name="nAmE"),
        span(name="kinds", kind=77),
        span(name="ends", links=[Span.Link(trace_id=b"x", span_id=b"y")]),
    ]
    body = request(span(), *faulty, span(span_id=b"z" * 8)).SerializeToString()
    # Half of a character, where a text has to be UTF-8.
    spans, refused = read(body.replace(b"nAmE", b"nA\xe4\xb8"))

    assert [raw.span_id for raw in spans] == [b"s" * 8, b"z" * 8]
    assert [words.partition(":")[0] for words in refused] == [
        "span 'nA\ufffd'",
        "span 'kinds'",
        "span 'ends'",
    ]
    assert "UTF-8" in refused[0] and "77" in refused[1] and "78, 79" in refused[2]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"trace_id": b"t" * 15}, b"t" * 15),
        ({"trace_id": b""}, b""),
        ({"trace_id": bytes(16)}, bytes(16)),
    ],
)
def test_ids_are_left_as_they_are_for_the_store_to_judge(fields, said) -> None:
    (raw,), _ = read(request(span(**fields)).SerializeToString())

    assert raw.trace_id == said


@pytest.mark.parametrize(("parent", "said"), [(b"", None), (bytes(8), None), (b"p", b"p")])
def test_no_parent_is_none(parent, said) -> None:
    (raw,), _ = read(request(span(parent_span_id=parent)).SerializeToString())

    assert raw.parent_id == said


WHOLE = request(
    span({"a": [1, {"b": b"c"}], "text": "東京" * 20}), span(), resource={"service.name": "x"}
).SerializeToString()


@pytest.mark.parametrize("length", range(len(WHOLE)))
def test_half_a_request_is_refused_or_is_no_request_at_all(length) -> None:
    try:
        spans, refused = read(WHOLE[:length])
    except BadInput as error:
        assert "byte" in str(error) or "protobuf" in str(error)
    else:
        assert length == 0 and not spans and not refused


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_bytes_of_any_kind_are_read_or_refused_and_nothing_else(data) -> None:
    body = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    try:
        spans, _ = read(bytes(body))
    except BadInput:
        return
    for raw in spans:
        assert isinstance(raw, RawSpan)
        exact(raw.attributes)


LOGS = ExportLogsServiceRequest()
LOGS.resource_logs.add().scope_logs.add().log_records.add(
    event_name="gen_ai.choice", trace_id=b"t" * 16, span_id=b"s" * 8, body=any_value({"a": ["b"]})
)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_so_are_log_records(data) -> None:
    body = bytearray(LOGS.SerializeToString())
    at = data.draw(st.integers(0, len(body) - 1))
    body[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    try:
        events = log_events(bytes(body))
    except BadInput:
        return
    for one in filter(None, events):
        assert (len(one.trace_id), len(one.span_id)) in ((16, 8), (0, 0))
        exact(one.event)


def test_both_encodings_of_a_log_event_read_the_same() -> None:
    (event,) = log_events(LOGS.SerializeToString())

    assert event is not None and event.event.attributes == {"a": ["b"]}
    assert json_log_events(MessageToDict(LOGS)) == [event]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_so_are_bytes_that_were_never_a_request(body) -> None:
    try:
        spans, refused = read(body)
    except BadInput as error:
        assert error.remedy
    else:
        assert len(spans) + len(refused) <= len(body)


def message(number: int, *parts: bytes) -> bytes:
    """A field that holds these bytes."""
    body = b"".join(parts)
    size, length = len(body), b""
    while size > 0x7F:
        length += bytes([size & 0x7F | 0x80])
        size >>= 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + body


def nested(depth: int) -> bytes:
    """A request with a span whose attribute is a list in a list in …"""
    value = b""
    for _ in range(depth):
        value = message(5, message(1, value))
    attribute = message(9, message(1, b"deep"), message(2, value))
    return message(1, message(2, message(2, message(5, b"deep"), attribute)))


def test_values_nested_deeper_than_protobuf_reads_cost_their_span_alone() -> None:
    assert len(read(nested(20))[0]) == 1

    spans, refused = read(nested(5000))

    assert (len(spans), len(refused)) == (0, 1)
    assert refused[0].startswith("span 'deep': OTLP protobuf")


@pytest.mark.parametrize(
    "body",
    [
        message(1, message(2, b"\x12\x00" * (MOST_PARTS + 1))),
        message(1, b"\x12\x00" * (MOST_PARTS + 1)),
        b"\x0a\x00" * (MOST_PARTS + 1),
        message(1, b"\x0a\x00" * (MOST_PARTS + 1)),
    ],
    ids=["spans", "scopes", "resources", "parts of a resource"],
)
def test_a_body_of_nothing_but_empty_messages_is_not_taken_apart(body) -> None:
    with pytest.raises(BadInput, match=f"more than {MOST_PARTS}"):
        read(body)


EMPTY = b"\x0a\x00" * (MOST_IN_A_SPAN + 1)
A_SPAN_OF_MANY = {
    "events": b"\x5a\x00" * (MOST_IN_A_SPAN + 1),
    "list": message(9, message(2, message(5, EMPTY))),
    "map": message(9, message(2, message(6, EMPTY))),
    "lists in a list": message(
        9, message(2, message(5, message(1, message(5, EMPTY[:MOST_IN_A_SPAN])) * 3))
    ),
    "attributes of an event": message(11, b"\x1a\x00" * (MOST_IN_A_SPAN + 1)),
    "attributes of a link": message(13, b"\x22\x00" * (MOST_IN_A_SPAN + 1)),
}


@pytest.mark.parametrize("many", A_SPAN_OF_MANY.values(), ids=A_SPAN_OF_MANY)
def test_nor_is_a_span_of_them(many) -> None:
    spans, (refused,) = read(message(1, message(2, message(2, b"\x2a\x01n", many))))

    assert not spans
    assert refused.startswith("span 'n'") and f"more than {MOST_IN_A_SPAN}" in refused


def test_a_large_span_of_few_parts_is_read() -> None:
    given = {"text": "東京 " * 500_000, "list": [{"a": n} for n in range(20_000)]}

    (raw,), refused = read(request(span(given)).SerializeToString())

    assert raw.attributes == given and not refused


def test_of_many_refusals_the_first_few_are_told() -> None:
    refused = Refused()
    for number in range(9):
        refused.add(f"fault {number}")

    words = refused.words(stored=1)

    assert words.startswith("9 of 10 spans were not stored: fault 0; fault 1")
    assert "and 4 more" in words and "fault 5" not in words
