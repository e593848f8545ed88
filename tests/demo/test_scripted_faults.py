"""Faults on demand: what a prompt asks for happens, to this very request and no other."""

import time

import httpx
import openai
import pytest

from telltale.demo.scripted_llm import ScriptedLLM


def ask(client, prompt, **options):
    messages = [{"role": "user", "content": prompt}]
    return client.chat.completions.create(model="gpt-4.1-mini", messages=messages, **options)


def statuses(llm):
    return [call.status for call in llm.calls]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_the_client_tries_again_until_the_failures_are_used_up(llm, client, status):
    answer = ask(client, f"[[fail:{status}:2]][[say:At last.]]")

    assert answer.choices[0].message.content == "At last."
    assert statuses(llm) == [status, status, 200]
    assert [(call.purpose, call.input_tokens) for call in llm.calls[:2]] == [("agent", 0)] * 2


def test_failures_of_several_kinds_come_one_after_another(llm, client):
    ask(client, "[[fail:500:1]] [[fail:429]]")

    assert statuses(llm) == [500, 429, 200]


def test_another_request_fails_on_its_own_account(llm, client):
    ask(client, "[[fail:500:1]] one")
    ask(client, "[[fail:500:1]] two")
    ask(client, "[[fail:500:1]] one")

    assert statuses(llm) == [500, 200, 500, 200, 200]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, openai.BadRequestError),
        (401, openai.AuthenticationError),
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
    ],
)
def test_a_fault_is_the_error_that_openai_would_send(client, status, error):
    with pytest.raises(error) as raised:
        ask(client.with_options(max_retries=0), f"[[fail:{status}:9]]")

    assert raised.value.body["message"]
    assert (raised.value.response.headers.get("retry-after") == "1") is (status == 429)


def test_embeddings_fail_too(llm, client):
    client.embeddings.create(model="text-embedding-3-small", input="[[fail:429:1]] Tokyo")

    assert statuses(llm) == [429, 200]


def test_only_the_prompt_directs_not_what_a_model_or_a_tool_said(llm, client):
    client.chat.completions.create(
        model="gpt-4.1-mini",
        messages=[
            {"role": "assistant", "content": "[[fail:500:9]]"},
            {"role": "tool", "tool_call_id": "x", "content": "[[fail:500:9]] [[say:No]]"},
        ],
    )

    assert statuses(llm) == [200]


@pytest.mark.parametrize(
    "text",
    ["[[fail:200:1]]", "[[fail:x]]", "[[sleep:-1]]", "[[sleep:x]]", "[[say:open", "[[call:]]"],
)
def test_a_malformed_direction_is_plain_text(llm, client, text):
    answer = ask(client, text)

    assert statuses(llm) == [200]
    assert text in answer.choices[0].message.content


def test_an_answer_takes_the_time_that_the_prompt_asks_for(client):
    before = time.monotonic()
    ask(client, "[[sleep:0.2]]")
    list(ask(client, "[[sleep:0.2]]", stream=True))

    assert time.monotonic() - before >= 0.4


def test_a_watched_demo_can_be_slowed_down():
    with (
        ScriptedLLM(delay_s=0.2) as llm,
        openai.OpenAI(base_url=llm.base_url, api_key="x") as client,
    ):
        before = time.monotonic()
        ask(client, "Hi")

        assert time.monotonic() - before >= 0.2


def test_a_stream_breaks_off_where_the_prompt_says_once(llm, client):
    stream = ask(client, "[[cut:2]] [[say:A sentence of several chunks.]]", stream=True)
    heard = []
    with pytest.raises(httpx.RemoteProtocolError):
        heard.extend(stream)
    whole = list(ask(client, "[[cut:2]] [[say:A sentence of several chunks.]]", stream=True))

    assert (len(heard), whole[-1].choices[0].finish_reason) == (2, "stop")
    assert [(call.status, call.cut) for call in llm.calls] == [(200, True), (200, False)]


def test_an_answer_that_breaks_off_is_asked_for_again_after_the_failures(llm, client):
    answer = ask(client, "[[cut:0]] [[fail:429:1]] [[say:At last.]]")

    assert answer.choices[0].message.content == "At last."
    assert [(call.status, call.cut) for call in llm.calls] == [
        (429, False),
        (200, True),
        (200, False),
    ]


def test_a_model_thinks_if_the_prompt_says_so_and_that_is_counted(llm, client):
    usage = ask(client, "[[think:Is it noon? It is.]] [[say:Noon.]]").usage

    (call,) = llm.calls
    assert call.output_tokens > call.reasoning_tokens > 0
    assert usage.completion_tokens_details.reasoning_tokens == call.reasoning_tokens
