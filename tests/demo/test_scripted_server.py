"""The server around the answers: purity, the log, errors, connections, the command."""

import http.client
import json
import socket
import subprocess
import sys
from urllib.parse import urlsplit

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telltale.demo.scripted_llm import Call, ScriptedLLM
from telltale.demo.scripted_llm.call import CallLog
from telltale.demo.scripted_llm.route import answer
from telltale.demo.texts import TEXTS

TEXT = st.text(max_size=60) | st.sampled_from(
    [text.tasks[0].description for text in TEXTS.values()]
    + ["[[say:x]]", "[[call:tool {}]]", "[[sleep:1]]", "Content:\nTask: a\nResult: b", "东京"]
)
MESSAGE = st.fixed_dictionaries(
    {"role": st.sampled_from(["system", "user", "assistant", "tool"]), "content": TEXT}
)
TOOL = st.builds(
    lambda name: {"type": "function", "function": {"name": name, "parameters": {"type": "object"}}},
    st.sampled_from(["tool", "search"]),
)
SCHEMA = st.sampled_from(["QueryAnalysis", "ExtractedMemories", "MemoryAnalysis", "Own"]).map(
    lambda name: {
        "type": "json_schema",
        "json_schema": {"name": name, "schema": {"type": "string"}},
    }
)
CHAT = st.fixed_dictionaries(
    {"model": st.just("gpt-4.1-mini"), "messages": st.lists(MESSAGE, min_size=1, max_size=4)},
    optional={
        "tools": st.lists(TOOL, max_size=2),
        "response_format": SCHEMA,
        "stream": st.booleans(),
        "stream_options": st.just({"include_usage": True}),
    },
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


def request(llm, method, path, body=None, headers=()):
    connection = http.client.HTTPConnection(urlsplit(llm.url).netloc, timeout=5)
    connection.request(method, path, body, dict(headers))
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response, content


@settings(max_examples=150, deadline=None)
@given(CHAT)
def test_an_answer_is_a_pure_function_of_the_request(body):
    packed = json.dumps(body).encode()
    first = answer("POST", "/v1/chat/completions", packed, CallLog())
    second = answer("POST", "/v1/chat/completions", packed, CallLog())

    assert first == second
    assert first.reply.status == 200


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["/v1/chat/completions", "/v1/embeddings"]),
    st.binary(max_size=40) | JSON.map(lambda value: json.dumps(value).encode()),
)
def test_nonsense_is_refused_and_never_breaks_the_server(path, body):
    reply = answer("POST", path, body, CallLog()).reply

    assert reply.status == 400
    assert set(json.loads(reply.body)["error"]) == {"message", "type", "param", "code"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nowhere", 404),
        ("POST", "/v1/nowhere", 404),
        ("GET", "/v1/chat/completions", 405),
        ("PATCH", "/_calls", 405),
        ("BREW", "/v1/models", 501),
    ],
)
def test_an_unknown_address_gets_an_error_body(llm, method, path, status):
    response, content = request(llm, method, path)

    assert response.status == status
    assert json.loads(content)["error"]["message"]
    assert [call.status for call in llm.calls] == [status]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Length": "x"}, 400),
        ({"Content-Length": "99999999999"}, 413),
        ({"Transfer-Encoding": "chunked"}, 411),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(llm, headers, status):
    response, content = request(llm, "POST", "/v1/embeddings", headers=headers)

    assert response.status == status
    assert json.loads(content)["error"]["type"] == "invalid_request_error"


def test_the_log_is_the_same_in_process_and_over_http_and_can_be_cleared(llm, client):
    client.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": "Hello"}], stream=True
    ).close()
    client.embeddings.create(model="text-embedding-3-small", input="Tokyo")
    request(llm, "GET", "/pages/zh/tokyo-guide.html")
    told = msgspec.json.decode(request(llm, "GET", "/_calls")[1], type=tuple[Call, ...])
    request(llm, "DELETE", "/_calls")

    assert [(call.kind, call.model, call.streamed) for call in told] == [
        ("chat", "gpt-4o-2024-08-06", True),
        ("embedding", "text-embedding-3-small", False),
        ("page", None, False),
    ]
    assert told[0].purpose == "agent"
    assert llm.calls == ()


def test_usage_in_the_answer_is_what_the_log_says(llm, client):
    usage = client.chat.completions.create(
        model="gpt-4.1-mini", messages=[{"role": "user", "content": "Tokyo 东京"}]
    ).usage

    (call,) = llm.calls
    assert (call.input_tokens, call.output_tokens) == (usage.prompt_tokens, usage.completion_tokens)


def test_models_are_listed(client):
    assert "gpt-4.1-mini" in [model.id for model in client.models.list()]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_page_is_html_in_its_language(llm, lang):
    page = TEXTS[lang].pages[0]
    response, content = request(llm, "GET", page.path)

    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert f'<html lang="{lang}">' in content.decode()
    assert page.paragraphs[0] in content.decode()


def test_a_page_that_is_not_there_is_a_404_in_html(llm):
    response, _ = request(llm, "GET", "/pages/<script>")

    assert (response.status, response.headers["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_one_connection_serves_many_requests(llm):
    connection = http.client.HTTPConnection(urlsplit(llm.url).netloc, timeout=5)
    ports = set()
    for _ in range(3):
        connection.request("GET", "/v1/models")
        connection.getresponse().read()
        ports.add(connection.sock.getsockname())
    connection.close()

    assert len(ports) == 1


def test_a_closed_server_is_gone_also_for_connections_kept_alive():
    with ScriptedLLM() as llm:
        connection = http.client.HTTPConnection(urlsplit(llm.url).netloc, timeout=5)
        connection.request("GET", "/v1/models")
        connection.getresponse().read()

    # The socket may still take the request; what it never gets is an answer.
    with pytest.raises((http.client.HTTPException, OSError)):
        connection.request("GET", "/v1/models")
        connection.getresponse()
    connection.close()


def test_a_client_that_hangs_up_leaves_no_traceback(llm, capfd):
    port = urlsplit(llm.url).port
    with socket.create_connection(("127.0.0.1", port), timeout=5) as hasty:
        hasty.sendall(b"POST /v1/embeddings HTTP/1.1\r\nContent-Length: 10\r\n\r\n")
    request(llm, "GET", "/v1/models")

    assert capfd.readouterr().err == ""


def test_a_taken_port_is_an_error_that_names_it(llm):
    port = str(urlsplit(llm.url).port)
    ran = subprocess.run(
        [sys.executable, "-m", "telltale.demo.scripted_llm", "--port", port],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert ran.returncode == 1
    assert f"port {port}" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_the_command_prints_its_address_and_serves():
    with subprocess.Popen(
        [sys.executable, "-m", "telltale.demo.scripted_llm", "--port", "0"],
        stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            address = urlsplit(process.stdout.readline().strip())
            connection = http.client.HTTPConnection(address.netloc, timeout=5)
            connection.request("GET", "/_calls")
            told = connection.getresponse().read()
            connection.close()
        finally:
            process.terminate()

    assert (address.hostname, address.path) == ("127.0.0.1", "/v1")
    assert told == b"[]"
