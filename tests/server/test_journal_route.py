"""The journal's door: acknowledged means on disk, and nothing is taken that was not."""

import signal

import httpx2
import pytest

from journals import crew, header, llm_call, opened, piece
from telltale.server.routes.journal import BODY_LIMIT
from telltale.tracing.records import encode_header
from testbed.servers import RunningServer

JOURNAL = "/api/v1/journal"


def post(http, spans, of=None, **query):
    answer = http.post(JOURNAL, params=query, content=piece(spans, of))
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_piece_is_acknowledged_with_where_to_go_on(http):
    of = header(segment=3)
    body = piece([crew(), crew()], of)

    answer = http.post(JOURNAL, params={"offset": 500}, content=body).json()

    assert answer == {
        "journal": of.journal_id.hex(),
        "segment": 3,
        "offset": 500 + len(body) - len(encode_header(of)),
        "damaged": 0,
        "spans": 2,
    }


def test_what_is_acknowledged_survives_kill_9(tmp_path):
    root = crew()
    with RunningServer(tmp_path) as server:
        post(httpx2.Client(base_url=server.base_url), [root])
        server.stop(signal.SIGKILL)
        server.start()

        answer = httpx2.get(f"{server.base_url}/api/v1/traces/{root.trace_id.hex()}")

    assert answer.json()["name"] == "TripCrew"


def test_a_trace_runs_until_its_root_ends(http):
    root = crew()
    path = f"/api/v1/traces/{root.trace_id.hex()}"

    post(http, [opened(root)])
    running = http.get(path).json()
    post(http, [root])
    ended = http.get(path).json()

    assert (running["state"], running["duration_us"]) == ("running", None)
    assert (ended["state"], ended["duration_us"], ended["spans"]) == ("ended", 5000, 1)


def test_a_late_start_does_not_reopen_a_span(http):
    root = crew()

    post(http, [root])
    post(http, [opened(root)])

    assert http.get(f"/api/v1/traces/{root.trace_id.hex()}").json()["state"] == "ended"


def test_an_experiment_is_made_when_the_first_trace_names_it(http):
    root = crew(experiment="东京 trips")

    post(http, [root, llm_call(root)])

    experiments = http.get("/api/v1/experiments").json()["experiments"]
    named = {experiment["name"]: experiment for experiment in experiments}
    assert named["Default"]["id"] == 0
    assert named["东京 trips"]["traces"] == 1
    for given in ("东京 trips", named["东京 trips"]["id"]):
        page = http.get("/api/v1/traces", params={"experiment": given}).json()
        assert [trace["trace_id"] for trace in page["traces"]] == [root.trace_id.hex()]


@pytest.mark.parametrize("body", [b"", b"{}", piece([crew()])[1:]], ids=["empty", "json", "torn"])
def test_without_a_header_it_is_refused(http, body):
    answer = http.post(JOURNAL, content=body)

    assert answer.status_code == 400
    assert answer.json()["type"] == "/problems/bad-input"
    assert "header" in answer.json()["expected"]


def test_a_body_that_says_it_is_too_large_is_refused_unread(server):
    with httpx2.Client(base_url=server.base_url) as client:
        answer = client.post(JOURNAL, content=bytes(BODY_LIMIT + 1))

    assert answer.status_code == 413
    assert answer.json()["expected"] == f"at most {BODY_LIMIT} bytes"


def test_a_body_that_does_not_say_how_large_it_is_is_bounded_too(server):
    def endless():
        for _ in range(BODY_LIMIT // 2**20 + 2):
            yield bytes(2**20)

    with httpx2.Client(base_url=server.base_url) as client:
        answer = client.post(JOURNAL, content=endless())

    assert answer.status_code == 413


def test_a_compressed_body_is_refused_with_the_reason(http):
    answer = http.post(JOURNAL, content=b"x", headers={"Content-Encoding": "gzip"})

    assert (answer.status_code, answer.json()["type"]) == (415, "/problems/unknown-encoding")


def test_metrics_count_what_came_in(tmp_path):
    with RunningServer(tmp_path) as server, httpx2.Client(base_url=server.base_url) as http:
        post(http, [crew(), crew()])
        http.post(JOURNAL, content=piece([crew()]) + b"\xf7TTJ" + piece([crew()]))

        lines = http.get("/metrics").text.splitlines()

    assert "telltale_spans_total 4" in lines
    assert "telltale_damaged_total 1" in lines
    assert "telltale_writes_total 2" in lines
    assert 'telltale_requests_total{status="200"} 2' in lines
