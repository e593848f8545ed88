"""OpenTelemetry's doors: any program's spans are stored, and what is wrong is told in its terms."""

import gzip
import random
import zlib

import httpx2
import pytest
from exposition import read_figures
from otlp_requests import (
    BOTH,
    JSON,
    PROTOBUF,
    TRACES,
    attributes,
    encoded,
    failure,
    foreign_span,
    of,
    partial_success,
    send,
)

from telltale.otlp.json import from_otlp
from telltale.server.encodings import zstd
from telltale.server.routes.otlp import BODY_LIMIT
from testbed.processes import status
from testbed.servers import RunningServer

INVALID, NOT_ALLOWED, TOO_MUCH = 3, 12, 8
PACK = {"gzip": gzip.compress, "deflate": zlib.compress, "zstd": zstd.compress}


def trace_of(http, span):
    return http.get(f"/api/v1/traces/{span.trace_id.hex()}")


def otlp_of(http, span):
    return http.get(f"/api/v1/traces/{span.trace_id.hex()}/otlp").json()


@pytest.mark.parametrize("media", BOTH)
@pytest.mark.parametrize("encoding", ["", "identity", "GZIP", "deflate", "zstd", "x-gzip"])
def test_a_span_is_stored_whatever_it_is_wrapped_in(http, media, encoding):
    span = foreign_span()
    body = encoded(of(span), media)
    pack = PACK.get(encoding.lower().removeprefix("x-"), bytes)
    headers = {"Content_Encoding": encoding} if encoding else {}

    answer = send(http, pack(body), media, **headers)

    assert partial_success(answer) == (0, "")
    assert answer.content == (b"{}" if media == JSON else b"")
    detail = http.get(f"/api/v1/traces/{span.trace_id.hex()}/spans/0").json()
    assert detail["raw"]["attributes"]["said"] == "東京"


@pytest.mark.parametrize("media", BOTH)
def test_what_is_answered_for_is_on_disk_and_sending_it_again_changes_nothing(http, media):
    span = foreign_span()
    send(http, of(span), media)
    first = trace_of(http, span).json()

    send(http, of(span), media)

    assert first["spans"] == 1
    assert trace_of(http, span).json() == first


@pytest.mark.parametrize("media", BOTH)
def test_a_faulty_span_is_refused_alone_and_said_why(http, media):
    good = [foreign_span(), foreign_span()]
    faulty = [
        foreign_span(name="short", trace_id=b"t" * 15),
        foreign_span(name="zero", span_id=bytes(8)),
        foreign_span(name="late", start_time_unix_nano=2**63, end_time_unix_nano=2**63),
        foreign_span(name="open", end_time_unix_nano=0),
    ]

    rejected, words = partial_success(send(http, of(good[0], *faulty, good[1]), media))

    assert rejected == 4
    assert words.startswith("4 of 6 spans were not stored")
    assert all(f"'{span.name}'" in words for span in faulty) and "mend" in words
    assert [trace_of(http, span).status_code for span in good] == [200, 200]
    assert trace_of(http, faulty[3]).status_code == 404


@pytest.mark.parametrize("media", BOTH)
def test_where_nothing_can_be_stored_the_request_is_bad(http, media):
    answer = send(http, of(foreign_span(trace_id=b"t")), media)

    code, words = failure(answer, media)
    assert (answer.status_code, code) == (400, INVALID)
    assert words.startswith("1 of 1 spans were not stored")


@pytest.mark.parametrize("media", BOTH)
def test_odd_spans_are_stored_as_they_are(http, media):
    odd = [
        foreign_span(name="backwards", start_time_unix_nano=9_000, end_time_unix_nano=4_000),
        foreign_span(attributes=attributes(**{f"key {n}": "v" for n in range(10_000)})),
        foreign_span(name="nul\0 in it", attributes=attributes(nul="a\0b")),
        foreign_span(name="", attributes=[]),
    ]

    assert partial_success(send(http, of(*odd), media)) == (0, "")

    backwards, many, nul, bare = (from_otlp(otlp_of(http, span))[0] for span in odd)
    assert (backwards.start_ns, backwards.end_ns) == (9_000, 4_000)
    assert trace_of(http, odd[0]).json()["duration_us"] == 0
    assert len(many.attributes) == 10_000
    assert (nul.name, nul.attributes) == ("nul\0 in it", {"nul": "a\0b"})
    assert bare.name == ""


def test_text_that_is_not_utf_8_costs_its_span_alone(http):
    good, bad = foreign_span(), foreign_span(name="nAmE")
    body = of(good, bad).SerializeToString().replace(b"nAmE", b"nA\xff\xfe")

    rejected, words = partial_success(send(http, body))

    assert rejected == 1 and "UTF-8" in words
    assert trace_of(http, good).status_code == 200


BAD_BODIES = {
    "no protobuf": (b"{}", PROTOBUF),
    "torn protobuf": (of(foreign_span()).SerializeToString()[:-5], PROTOBUF),
    "no json": (b"\x0a\x00", JSON),
    "torn json": (b'{"resourceSpans": [', JSON),
    "no object": (b"7", JSON),
    "no otlp": (b'{"resourceSpans": 7}', JSON),
    "deep": (b"[" * 100_000, JSON),
    "no text": (b'{"resourceSpans": "\xff"}', JSON),
}


@pytest.mark.parametrize("name", BAD_BODIES)
@pytest.mark.parametrize("path", ["/v1/traces", "/v1/logs", "/v1/metrics"])
def test_a_malformed_body_is_told_what_was_expected(http, name, path):
    body, media = BAD_BODIES[name]
    if path != TRACES:
        body = body.replace(
            b"resourceSpans", b"resourceLogs" if "l" in path else b"resourceMetrics"
        )

    answer = send(http, body, media, path)

    code, words = failure(answer, media)
    assert (answer.status_code, code) == (400, INVALID)
    assert "expected" in words and "send" in words
    assert http.get("/health").status_code == 200


@pytest.mark.parametrize("media", BOTH)
@pytest.mark.parametrize("encoding", PACK)
def test_a_body_that_is_not_in_its_encoding_is_told_so(http, media, encoding):
    answer = send(http, b"these are some words", media, Content_Encoding=encoding)

    code, words = failure(answer, media)
    assert (answer.status_code, code) == (400, INVALID)
    assert encoding in words and "uncompressed" in words


@pytest.mark.parametrize("given", ["", "text/plain", "application/grpc", "multipart/form-data"])
def test_another_content_type_is_refused_with_those_that_are_read(http, given):
    answer = send(http, b"x", given)

    # It has named no encoding that we know: so it is told in the one that people read.
    code, words = failure(answer, JSON)
    assert (answer.status_code, code) == (415, INVALID)
    assert f"{given!r}" in words and PROTOBUF in words and JSON in words


def test_a_content_type_may_have_parameters(http):
    answer = send(http, of(), "Application/JSON; charset=utf-8")

    assert partial_success(answer) == (0, "")


@pytest.mark.parametrize("media", BOTH)
@pytest.mark.parametrize("encoding", ["br", "gzip, zstd", "lz4"])
def test_an_unknown_encoding_is_refused_with_those_that_are_known(http, media, encoding):
    answer = send(http, b"x", media, Content_Encoding=encoding)

    code, words = failure(answer, media)
    assert (answer.status_code, code) == (415, INVALID)
    assert f"{encoding!r}" in words and "identity, gzip, deflate, zstd" in words


@pytest.mark.parametrize("media", BOTH)
def test_another_method_is_answered_in_the_protocols_form(http, media):
    answer = http.put(TRACES, content=b"", headers={"Content-Type": media})

    assert answer.status_code == 405
    assert failure(answer, media)[0] == NOT_ALLOWED


@pytest.mark.parametrize("media", BOTH)
def test_so_is_a_page_of_another_site(http, media):
    answer = send(http, of(), media, Origin="https://evil.example")

    assert answer.status_code == 403
    assert failure(answer, media)[0] == 7


def test_bombs_and_bodies_of_200_mb_are_refused_and_memory_stays_where_it_is(tmp_path):
    quiet = random.Random(6).randbytes(1 << 20)
    with RunningServer(tmp_path) as running:
        with httpx2.Client(base_url=running.base_url, timeout=60) as client:
            send(client, of(foreign_span()))
            before = running.resident_bytes()
            for media in BOTH:
                for encoding, pack in PACK.items():
                    bomb = pack(bytes(200 << 20))
                    answer = send(client, bomb, media, Content_Encoding=encoding)
                    code, words = failure(answer, media)
                    assert (answer.status_code, code) == (413, TOO_MUCH), encoding
                    assert str(BODY_LIMIT) in words and "fewer" in words
                answer = send(client, bytes(BODY_LIMIT + 1), media)
                assert answer.status_code == 413

            def endless():
                for _ in range(200):
                    yield quiet

            answer = client.post(TRACES, content=endless(), headers={"Content-Type": PROTOBUF})
            assert answer.status_code == 413
            assert send(client, of(foreign_span())).status_code == 200
        most = status(running.pid, "VmHWM")

    assert most is not None
    assert most * 1024 - before < 100_000_000


EXPERIMENTS = [
    ({"x-telltale-experiment": "by header"}, {"service.name": "s"}, "by header"),
    ({"x-telltale-experiment": "東京".encode()}, {}, "東京"),
    ({"x-mlflow-experiment-id": "0"}, {"telltale.experiment": "r"}, "Default"),
    (
        {"x-telltale-experiment": "both", "x-mlflow-experiment-id": "99"},
        {"telltale.experiment": "r"},
        "both",
    ),
    ({}, {"telltale.experiment": "by resource", "service.name": "s"}, "by resource"),
    ({}, {"service.name": "by service"}, "by service"),
    ({}, {"service.name": "unknown_service"}, "Default"),
    ({}, {"service.name": "unknown_service:python"}, "Default"),
    ({}, {}, "Default"),
]


@pytest.mark.parametrize(("headers", "resource", "expected"), EXPERIMENTS)
@pytest.mark.parametrize("media", BOTH)
def test_the_experiment_is_what_the_sender_says_first(http, media, headers, resource, expected):
    span = foreign_span()
    body = encoded(of(span, **resource), media)

    http.post(TRACES, content=body, headers={"Content-Type": media, **headers})

    id_ = trace_of(http, span).json()["experiment_id"]
    known = http.get("/api/v1/experiments").json()["experiments"]
    assert {one["id"]: one["name"] for one in known}[id_] == expected


@pytest.mark.parametrize("given", ["99", "-1", "one", "9" * 40, "²"])
@pytest.mark.parametrize("media", BOTH)
def test_an_experiment_id_that_is_not_here_is_told_the_remedy(http, media, given):
    span = foreign_span()
    body = encoded(of(span), media)

    answer = http.post(
        TRACES,
        content=body,
        headers={"Content-Type": media, "x-mlflow-experiment-id": given.encode()},
    )

    assert answer.status_code == 400
    words = failure(answer, media)[1]
    assert "0 ('Default')" in words and "x-telltale-experiment" in words
    assert trace_of(http, span).status_code == 404


def test_metrics_count_what_came_and_what_was_sent_away(tmp_path):
    with RunningServer(tmp_path) as server, httpx2.Client(base_url=server.base_url) as http:
        send(http, of(foreign_span(), foreign_span(trace_id=b"t")))
        send(http, b"{}")

        figures = read_figures(http.get("/metrics").text)

    assert figures["telltale_spans_total"] == 1
    assert figures["telltale_damaged_total"] == 1
    assert figures["telltale_writes_total"] == 1
    assert figures['telltale_refused_total{reason="bad-input"}'] == 1


def test_more_spans_than_go_into_one_transaction_are_all_stored(http):
    root = foreign_span(name="root")
    spans = [
        foreign_span(trace_id=root.trace_id, parent_span_id=root.span_id, attributes=[])
        for _ in range(4_500)
    ]

    assert partial_success(send(http, of(root, *spans))) == (0, "")
    assert trace_of(http, root).json()["spans"] == 4_501
