"""Responses by the real client: one span a call, with what was asked and answered."""

import json

import httpx
import openai
import pydantic
import pytest
from openai_calls import autologged, logged, run_async, said, tokens

import telltale
from telltale.conventions.normalise import normalise
from telltale.nouns.span import Kind, Status
from telltale.tracing.live import current
from telltale.tracing.spans import begin

MODEL, SNAPSHOT = "gpt-5-mini", "gpt-5-mini-2025-08-07"
CLOCK = {"type": "function", "name": "clock", "parameters": {"type": "object", "properties": {}}}


@pytest.fixture(autouse=True)
def autolog():
    with autologged():
        yield


def ask(client, prompt, **options):
    return client.responses.create(model=MODEL, input=prompt, **options)


def test_a_response_is_a_span_with_its_items_model_and_tokens(recording, client, llm):
    answer = ask(
        client,
        "[[think:It is early.]] [[say:Good morning.]]",
        instructions="Be kind.",
        temperature=0.2,
        max_output_tokens=50,
    )

    one = recording.one
    assert answer.output_text == "Good morning."
    assert said(one, "gen_ai.system_instructions") == [{"type": "text", "content": "Be kind."}]
    assert said(one, "gen_ai.input.messages")[0]["role"] == "user"
    assert said(one) == [
        {
            "role": "assistant",
            "parts": [
                {"type": "reasoning", "content": "It is early."},
                {"type": "text", "content": "Good morning."},
            ],
            "finish_reason": "completed",
        }
    ]
    assert (
        one.attributes.items()
        >= {
            "telltale.kind": "llm",
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": MODEL,
            "gen_ai.response.model": SNAPSHOT,
            "gen_ai.response.id": answer.id,
            "gen_ai.request.temperature": 0.2,
            "gen_ai.request.max_tokens": 50,
            "gen_ai.usage.reasoning.output_tokens": llm.calls[0].reasoning_tokens,
        }.items()
    )
    assert one.attributes["gen_ai.response.finish_reasons"] == ["completed"]
    assert [tokens(one)] == logged(llm)
    assert (one.name, one.span_kind, one.status) == ("→ final answer", "client", Status.UNSET)


def test_a_conversation_with_the_clients_own_items_is_recorded(recording, client, llm):
    asked = [{"role": "user", "content": "[[call:clock {}]] [[say:Noon.]]"}]
    first = ask(client, asked, tools=[CLOCK])
    (call,) = first.output
    asked += [call, {"type": "function_call_output", "call_id": call.call_id, "output": "12"}]
    ask(client, asked, tools=[CLOCK])

    one, two = recording.spans
    assert (one.name, two.name) == ("→ clock(…)", "→ final answer")
    assert said(one)[0]["parts"][0]["id"] == call.call_id
    assert said(one, "gen_ai.tool.definitions") == [CLOCK]
    messages = said(two, "gen_ai.input.messages")
    assert [message["role"] for message in messages] == ["user", "assistant", "tool"]
    assert messages[2]["parts"][0] == {
        "type": "tool_call_response",
        "response": "12",
        "id": call.call_id,
    }
    assert [tokens(one), tokens(two)] == logged(llm)


def test_an_async_response_is_recorded_alike(recording, client, llm):
    ask(client, "Hello")
    run_async(llm, lambda c: ask(c, "Hello"))

    sync, other = recording.spans
    assert other.attributes == sync.attributes


def test_a_streams_span_ends_with_it(recording, client, llm):
    stream = ask(client, "[[say:One word after another.]]", stream=True)
    assert recording.spans == []
    text = "".join(e.delta for e in stream if e.type == "response.output_text.delta")

    one = recording.one
    assert said(one)[0]["parts"][0]["content"] == text == "One word after another."
    assert one.attributes["gen_ai.response.time_to_first_chunk"] > 0
    assert one.attributes["gen_ai.response.model"] == SNAPSHOT
    assert [tokens(one)] == logged(llm)


def test_an_async_streams_span_ends_with_it(recording, llm):
    async def work(client):
        return [event async for event in await ask(client, "[[call:clock {}]]", **options)]

    options = {"stream": True, "tools": [CLOCK]}
    run_async(llm, work)

    assert recording.one.name == "→ clock(…)"
    assert [tokens(recording.one)] == logged(llm)


def test_the_clients_stream_helper_is_one_span(recording, client, llm):
    with client.responses.stream(model=MODEL, input="[[say:Well.]]") as stream:
        final = stream.get_final_response()

    assert final.output_text == "Well."
    assert [tokens(recording.one)] == logged(llm)


def test_a_stream_left_half_way_ends_its_span_with_what_came(recording, client):
    stream = ask(client, "[[say:One word after another.]]", stream=True)
    next(stream)
    stream.close()

    one = recording.one
    assert one.attributes["gen_ai.response.model"] == SNAPSHOT
    assert (one.status, "gen_ai.usage.input_tokens" in one.attributes) == (Status.UNSET, False)


def test_a_stream_that_breaks_off_is_a_failed_span(recording, client):
    with pytest.raises(httpx.RemoteProtocolError):
        list(ask(client, "[[cut:4]] [[say:One word after another.]]", stream=True))

    one = recording.one
    assert (one.status, one.attributes["error.type"]) == (Status.ERROR, "RemoteProtocolError")
    assert one.attributes["gen_ai.response.model"] == SNAPSHOT


class City(pydantic.BaseModel):
    name: str


def test_a_parsed_response_is_recorded_once_and_stays_parsed(recording, client, llm):
    answer = client.responses.parse(model=MODEL, input="Tokyo?", text_format=City)

    assert isinstance(answer.output_parsed, City)
    assert json.loads(said(recording.one)[0]["parts"][0]["content"]).keys() == {"name"}
    assert [tokens(recording.one)] == logged(llm)


def test_a_raw_response_is_the_users_to_parse(recording, client, llm):
    raw = client.responses.with_raw_response.create(model=MODEL, input="Hello")

    assert raw.parse().output_text
    assert [tokens(recording.one)] == logged(llm)


@pytest.mark.parametrize("stream", [False, True])
def test_tries_that_failed_are_events_of_the_call(recording, client, llm, stream):
    answer = ask(client, "[[fail:429:2]][[say:At last.]]", stream=stream)
    assert list(answer)

    one = recording.one
    assert [call.status for call in llm.calls] == [429, 429, 200]
    assert [(event.name, event.attributes["exception.type"]) for event in one.events] == [
        ("telltale.attempt.failed", "RateLimitError")
    ] * 2
    assert "429" in one.events[0].attributes["exception.message"]
    assert one.start_ns < one.events[0].time_ns < one.events[1].time_ns < one.end_ns
    assert one.status == Status.UNSET
    assert [tokens(one)] == logged(llm)


def test_a_call_that_fails_is_a_failed_span_and_the_same_error(recording, client):
    with pytest.raises(openai.InternalServerError) as raised:
        ask(client.with_options(max_retries=1), "[[fail:500:9]]")

    one = recording.one
    assert (one.status, one.status_message) == (Status.ERROR, str(raised.value))
    assert [event.name for event in one.events] == ["telltale.attempt.failed", "exception"]
    assert one.name == "→ error"


def test_under_a_frameworks_call_facts_are_added_and_no_span(recording, client, llm):
    span = begin("chat", Kind.LLM, joins=frozenset({"openai"}))
    token = current.set(span)
    ask(client, "[[fail:429:1]] Hello", instructions="Be kind.")
    current.reset(token)
    span.end()

    one = recording.one
    assert one.attributes["gen_ai.response.model"] == SNAPSHOT
    assert said(one, "gen_ai.system_instructions")[0]["content"] == "Be kind."
    assert [event.name for event in one.events] == ["telltale.attempt.failed"]
    assert [tokens(one)] == logged(llm)


def test_no_key_is_written_down(recording, llm):
    key = "a-key-of-no-known-form-but-long"
    with (
        pytest.raises(openai.AuthenticationError),
        openai.OpenAI(base_url=llm.base_url, api_key=key, max_retries=0) as client,
    ):
        ask(client, f"[[fail:401:9]] my key is {key}")

    assert key.encode() not in b"".join(path.read_bytes() for path in recording.files)


def test_the_recorded_span_reads_as_an_llm_call(recording, client, llm):
    with telltale.start_span("question"):
        ask(client, "[[think:Hm.]] [[say:Yes.]]")

    read = normalise(recording.spans[0])
    (call,) = llm.calls
    assert (read.kind, read.model, read.requested_model) == (Kind.LLM, SNAPSHOT, MODEL)
    assert (read.usage.output_tokens, read.usage.reasoning_tokens) == (
        call.output_tokens,
        call.reasoning_tokens,
    )
