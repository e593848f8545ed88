"""The API as Python: nouns out, errors of ours where something is wrong."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from journals import crew, llm_call, piece
from telltale.client.client import Client
from telltale.nouns.errors import (
    BadId,
    BadInput,
    NotFound,
    ServerUnreachable,
    StoreBroken,
    StoreBusy,
    TelltaleError,
)
from telltale.nouns.span import Kind
from telltale.otlp.json import from_otlp
from testbed.servers import RunningServer


@pytest.fixture
def client(server):
    with Client(server.base_url) as opened:
        yield opened


@pytest.fixture
def stored(http):
    """Send spans; answers the first one's trace id."""

    def send(*spans):
        assert http.post("/api/v1/journal", content=piece(spans)).status_code == 200
        return spans[0].trace_id.hex()

    return send


@pytest.fixture
def stranger():
    """A web server that is not Telltale, answering what it is told; and what it was asked."""

    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        status, body, headers_out, asked = 200, b"", {}, []

        def do_GET(self):
            Answer.asked.append(self.path)
            self.send_response(self.status)
            for name, value in {"Content-Length": len(self.body), **self.headers_out}.items():
                self.send_header(name, str(value))
            self.end_headers()
            self.wfile.write(self.body)
            self.close_connection = self.headers_out.get("Connection") == "close"

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        Answer.address = f"http://127.0.0.1:{running.server_port}"
        yield Answer
        running.shutdown()


def test_it_knows_who_answers(client):
    version = client.version()

    assert (version.name, version.api, version.journal) == ("telltale", 1, (1,))


def test_experiments_come_as_nouns(client, stored):
    stored(crew(experiment="client"))

    found = {experiment.name: experiment for experiment in client.experiments()}

    assert found["Default"].id == 0
    assert found["client"].traces == 1


def test_traces_come_newest_first_over_as_many_pages_as_are_taken(client, stored):
    roots = [crew(experiment="thousand") for _ in range(1100)]
    stored(*roots)
    newest = [root.trace_id.hex() for root in reversed(roots)]

    assert [trace.trace_id for trace in client.traces("thousand")] == newest
    assert [trace.trace_id for trace in client.traces("thousand", limit=3)] == newest[:3]
    assert [trace.trace_id for trace in client.traces("thousand", limit=1050)] == newest[:1050]


def test_a_trace_its_skeleton_and_its_spans(client, stored):
    root = crew()
    call = llm_call(root)
    trace_id = stored(root, call)

    trace, skeleton = client.trace(f"tr-{trace_id}"), client.skeleton(trace_id)
    span = client.span(trace_id, 1)

    assert (trace.trace_id, trace.llm_calls, trace.cost_usd[:8]) == (trace_id, 1, "0.000544")
    assert skeleton.ordinals() == (0, 1)
    assert client.skeleton(trace_id, since=skeleton.seq).ordinals() == ()
    assert (span.span.kind, span.span.input_messages[0].role) == (Kind.LLM, "user")
    assert client.span(trace_id, call.span_id.hex()) == span


def test_an_export_comes_line_by_line(client, stored):
    # U+2028 ends a line for Python and not for JSON.
    odd = crew(experiment="lines", attributes={"telltale.inputs": "a\u2028b\x85c"})
    roots = [odd, *(crew(experiment="lines") for _ in range(30))]
    stored(*roots)

    lines = [from_otlp(json.loads(line)) for line in client.export("lines")]

    assert [line[0].trace_id for line in lines] == [root.trace_id for root in roots]
    assert lines[0][0].attributes == odd.attributes
    assert len(list(client.export(trace_id=odd.trace_id.hex()))) == 1


def test_an_export_that_breaks_off_says_after_how_many(stranger):
    stranger.body = b"{}\n{}\n{"
    stranger.headers_out = {"Content-Length": 100, "Connection": "close"}

    with Client(stranger.address) as client, pytest.raises(TelltaleError) as raised:
        list(client.export())

    assert not isinstance(raised.value, ServerUnreachable)
    assert "broke off after 2 traces" in str(raised.value)
    assert "`telltale doctor`" in str(raised.value) and "start" not in str(raised.value)


@pytest.mark.parametrize(
    ("ask", "error", "words"),
    [
        (lambda client: client.trace("xyz"), BadId, "'xyz'"),
        (lambda client: client.trace(""), BadId, "''"),
        (lambda client: client.trace("../version"), BadId, "'../version'"),
        (lambda client: client.span("3" * 32, "../.."), BadId, "'../..'"),
        (lambda client: client.trace("3" * 32), NotFound, "not stored"),
        (lambda client: client.span("3" * 32, 0), NotFound, "not stored"),
        (lambda client: list(client.traces("Defualt")), NotFound, "did you mean 'Default'?"),
        (lambda client: list(client.export(trace_id="3" * 32)), NotFound, "not stored"),
        (lambda client: list(client.export(trace_id="x")), BadId, "'x'"),
    ],
)
def test_what_the_server_refuses_is_an_error_of_ours(client, ask, error, words):
    with pytest.raises(error) as raised:
        ask(client)

    assert words in str(raised.value)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1:5000", "ftp://x", "", "http://", "http://[::1", "http://x:port", "http://x:99999"],
)
def test_what_is_no_address_is_named(address):
    with pytest.raises(BadInput, match="expected http"):
        Client(address)


def test_nobody_at_the_address_is_said_with_the_remedy(free_port):
    address = f"http://127.0.0.1:{free_port}"
    with Client(address) as client, pytest.raises(ServerUnreachable) as raised:
        client.version()

    assert address in str(raised.value)
    assert f"start a server with `telltale server --port {free_port}`" in str(raised.value)
    with Client(address) as client, pytest.raises(ServerUnreachable):
        list(client.export())


def test_https_to_a_server_that_speaks_http_says_so(server):
    wanted = pytest.raises(ServerUnreachable, match=f"use http://: give {server.base_url} ")
    with Client(f"https://127.0.0.1:{server.port}") as client, wanted:
        client.version()


def test_an_address_with_a_path_that_leads_nowhere_is_told_without_it(server):
    wanted = pytest.raises(ServerUnreachable, match=f"leave out the path: {server.base_url},")
    with Client(f"{server.base_url}/api") as client, wanted:
        client.version()


def test_a_password_in_an_address_is_neither_sent_nor_said(free_port):
    client = Client(f"http://ada:pw@127.0.0.1:{free_port}")
    with client, pytest.raises(ServerUnreachable) as raised:
        client.version()
    with pytest.raises(BadInput) as refused:
        Client("ftp://ada:pw@there")

    assert "pw" not in str(raised.value) + str(refused.value) + str(refused.value.given)


def test_a_server_that_does_not_go_by_the_name_is_told_with_the_command(stranger):
    stranger.status = 403
    problem = {"type": "/problems/foreign-host", "title": "t", "status": 403, "detail": "no"}
    stranger.body = json.dumps(problem).encode()
    port = stranger.address.rpartition(":")[2]

    with Client(stranger.address) as client, pytest.raises(ServerUnreachable) as raised:
        client.version()

    assert f"`telltale server --allowed-host 127.0.0.1 --port {port}`" in str(raised.value)


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b"<html>"), (200, b'{"name":"other","version":"1","api":1,"journal":[]}'), (404, b"no")],
)
def test_a_stranger_at_the_address_is_no_server_of_ours(stranger, status, body):
    stranger.status, stranger.body = status, body

    with Client(stranger.address) as client, pytest.raises(ServerUnreachable) as raised:
        client.version()

    # The port is taken: to start a server there would fail.
    assert "start" not in str(raised.value) and "--server" in str(raised.value)


@pytest.mark.parametrize(
    ("slug", "status", "error"),
    [
        ("store-busy", 503, StoreBusy),
        ("store-broken", 507, StoreBroken),
        ("fault", 500, TelltaleError),
        ("something-new", 422, BadInput),
    ],
)
def test_problems_become_the_errors_that_the_server_raised(stranger, slug, status, error):
    problem = {"type": f"/problems/{slug}", "title": "t", "status": status, "detail": "so it is"}
    stranger.status, stranger.body = status, json.dumps(problem).encode()
    stranger.headers_out = {"Retry-After": "9"}

    with Client(stranger.address) as client, pytest.raises(error, match="so it is") as raised:
        client.trace("1" * 32)

    assert getattr(raised.value, "retry_after_s", 9) == 9


def test_localhost_is_ipv4_first_and_ipv6_if_nobody_is_there(tmp_path):
    with (
        RunningServer(tmp_path / "4") as four,
        Client(f"http://localhost:{four.port}") as client,
    ):
        assert client.version().name == "telltale"
    with RunningServer(tmp_path / "6", "--host", "::1") as six:
        for host in ("localhost", "[::1]"):
            with Client(f"http://{host}:{six.port}") as client:
                assert client.version().name == "telltale"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_no_proxy_stands_between_us_and_the_loopback(server, stranger, monkeypatch, host):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, stranger.address)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    with Client(f"http://{host}:{server.port}") as client:
        assert client.version().name == "telltale"
    assert stranger.asked == []
