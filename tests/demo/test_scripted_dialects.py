"""One script, told to every provider's SDK in its dialect: the same is heard, and counted."""

import http.client
import json
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
from google.genai.errors import APIError
from speakers import SPEAKERS

from telltale.demo.scripted_llm.anthropic import ANTHROPIC
from telltale.demo.scripted_llm.azure import AZURE
from telltale.demo.scripted_llm.bedrock import BEDROCK
from telltale.demo.scripted_llm.call import Call
from telltale.demo.scripted_llm.gemini import GEMINI
from telltale.demo.scripted_llm.responses import RESPONSES
from telltale.demo.scripted_llm.tokens import count

LONG = "A word to begin with. " * 60


@pytest.fixture(params=SPEAKERS, ids=lambda speaker: speaker.name)
def speaker(request):
    return request.param


@pytest.fixture(params=[False, True], ids=["plain", "streamed"])
def stream(request):
    return request.param


def test_what_the_script_says_is_heard_and_counted(llm, speaker, stream):
    heard = speaker.ask(llm, "[[say:Good evening, all of you.]] 今晚", stream=stream)

    (call,) = llm.calls
    assert (heard.text, heard.calls) == ("Good evening, all of you.", ())
    assert heard.tokens == (call.input_tokens, call.cached_tokens, call.output_tokens)
    assert (call.kind, call.status, call.streamed) == ("chat", 200, stream)
    assert (call.model, heard.model or call.model) == (speaker.model, speaker.model)


def test_a_tool_is_called_and_its_result_goes_on_with_the_conversation(llm, speaker, stream):
    script = f'{LONG} [[call:add {{"a": 2}} add {{"a": 3}}]] [[say:It is 5.]]'
    asked = speaker.ask(llm, script, stream=stream)
    answered = speaker.ask(llm, script, stream=stream, answered=asked)

    assert [(name, arguments) for _, name, arguments in asked.calls] == [
        ("add", {"a": 2}),
        ("add", {"a": 3}),
    ]
    assert len({call_id for call_id, _, _ in asked.calls}) == 2
    assert (answered.text, answered.calls) == ("It is 5.", ())
    first, second = llm.calls
    assert second.cached_tokens > first.cached_tokens == 0
    assert answered.tokens == (second.input_tokens, second.cached_tokens, second.output_tokens)


def test_what_goes_into_a_cache_is_counted_where_the_provider_does(llm, speaker):
    speaker.ask(llm, LONG, stream=False)

    (call,) = llm.calls
    assert (call.cache_write_tokens > 0) is (speaker.name in ("anthropic", "bedrock"))
    assert call.cache_write_tokens <= call.input_tokens


def test_a_thought_is_part_of_the_output(llm, speaker, stream):
    heard = speaker.ask(llm, "[[think:It is late already.]] [[say:Good evening.]]", stream=stream)

    (call,) = llm.calls
    assert heard.text == "Good evening."
    assert call.output_tokens == heard.tokens[2] > count("Good evening.")
    assert (call.reasoning_tokens > 0) is (speaker.name not in ("anthropic", "bedrock"))


@pytest.mark.parametrize("status", [400, 403, 429, 500])
def test_a_failure_is_the_sdks_own_error(llm, speaker, stream, status):
    with pytest.raises(speaker.refused) as raised:
        speaker.ask(llm, f"[[fail:{status}:9]]", stream=stream)

    assert {call.status for call in llm.calls} == {status}
    assert _status_of(raised.value) == status


def _status_of(error: Any) -> int:
    if isinstance(response := getattr(error, "response", None), dict):
        return response["ResponseMetadata"]["HTTPStatusCode"]
    return error.code if isinstance(error, APIError) else error.status_code


def test_the_sdk_tries_again_by_itself(llm, speaker, stream):
    heard = speaker.ask(llm, "[[fail:429:2]] [[say:At last.]]", stream=stream, retries=2)

    assert heard.text == "At last."
    assert [call.status for call in llm.calls] == [429, 429, 200]


def test_an_answer_takes_the_time_that_the_prompt_asks_for(llm, speaker, stream):
    before = time.monotonic()
    heard = speaker.ask(llm, "[[sleep:0.3]] [[say:Slowly, as was asked for.]]", stream=stream)

    assert heard.text == "Slowly, as was asked for."
    assert time.monotonic() - before >= 0.3


def test_who_is_refused_for_asking_too_often_is_told_when_to_come_back(llm, speaker):
    with pytest.raises(speaker.refused) as raised:
        speaker.ask(llm, "[[fail:429:9]]", stream=False)

    told = raised.value.response
    headers = told["ResponseMetadata"]["HTTPHeaders"] if isinstance(told, dict) else told.headers
    told = {name.lower(): value for name, value in headers.items()}.get("retry-after")
    # Amazon says nothing of it; its clients wait longer each time.
    assert told == (None if speaker.name == "bedrock" else "1")


def test_a_stream_breaks_off(llm, speaker):
    with pytest.raises(speaker.broken):
        speaker.ask(llm, "[[cut:2]] [[say:Never to be heard to its end.]]", stream=True)

    assert [(call.status, call.cut) for call in llm.calls] == [(200, True)]


@pytest.mark.parametrize("body", [b"", b"[]", b'{"messages": 3}', b'{"messages": []}', b"\xff"])
@pytest.mark.parametrize(
    "path",
    [
        "/v1/responses",
        "/v1/messages",
        "/model/x/converse",
        "/v1beta/models/x:generateContent",
        "/openai/deployments/x/chat/completions",
    ],
)
def test_nonsense_is_refused_in_the_dialect(llm, path, body):
    connection = http.client.HTTPConnection(urlsplit(llm.url).netloc, timeout=5)
    connection.request("POST", path, body)
    response = connection.getresponse()
    told = json.loads(response.read())
    connection.close()

    assert response.status == 400
    assert told.get("message") or told["error"]["message"]


@pytest.mark.parametrize(
    ("dialect", "status", "kind"),
    [
        (RESPONSES, 429, "requests"),
        (ANTHROPIC, 429, "rate_limit_error"),
        (ANTHROPIC, 529, "overloaded_error"),
        (BEDROCK, 429, "ThrottlingException"),
        (BEDROCK, 503, "ServiceUnavailableException"),
        (BEDROCK, 500, "InternalServerException"),
        (GEMINI, 429, "RESOURCE_EXHAUSTED"),
        (GEMINI, 503, "UNAVAILABLE"),
        (AZURE, 404, "DeploymentNotFound"),
        (AZURE, 429, "429"),
    ],
)
def test_a_failure_has_the_name_that_the_provider_gives_it(dialect, status, kind):
    reply = dialect.error(Call("/", "chat", status=status), None)

    told = json.loads(reply.body)
    error = told.get("error", {})
    named = [error.get(key) for key in ("type", "status", "code")]
    assert kind in (reply.headers.get("x-amzn-ErrorType"), *named)
    if status == 429 and dialect is not BEDROCK:
        assert reply.headers["Retry-After"] == "1"
