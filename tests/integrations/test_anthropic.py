"""Messages by the real anthropic client: one span a call, with what was asked and answered."""

import asyncio

import anthropic
import httpx
import pytest
from provider_calls import (
    KEY,
    attempts,
    inside_a_frameworks_call,
    logged,
    said,
    tokens,
    written,
)

import telltale
from telltale.conventions.normalise import normalise
from telltale.integrations.anthropic import INTEGRATION
from telltale.nouns.span import Kind, Status

MODEL, SNAPSHOT = "claude-sonnet-4-5", "claude-sonnet-4-5-20250929"
CLOCK = {"name": "clock", "description": "The time.", "input_schema": {"type": "object"}}
LONG = "A word to begin with. " * 60


@pytest.fixture(autouse=True)
def autolog():
    telltale.anthropic.autolog()
    yield
    telltale.anthropic.autolog(disable=True)


@pytest.fixture
def client(llm):
    with anthropic.Anthropic(base_url=llm.url, api_key="scripted") as connected:
        yield connected


def asked(prompt, **options):
    messages = [{"role": "user", "content": prompt}]
    return {"model": MODEL, "max_tokens": 50, "messages": messages, **options}


def run_async(llm, work):
    async def main():
        async with anthropic.AsyncAnthropic(base_url=llm.url, api_key="scripted") as client:
            return await work(client)

    return asyncio.run(main())


def test_a_message_is_a_span_with_its_blocks_model_and_tokens(recording, client, llm):
    answer = client.messages.create(
        **asked("[[think:It is early.]] [[say:Good morning.]]", system="Be kind.", temperature=0.2),
        stop_sequences=["END"],
    )

    one = recording.one
    assert answer.content[-1].text == "Good morning."
    assert said(one, "gen_ai.system_instructions") == [{"type": "text", "content": "Be kind."}]
    assert [message["role"] for message in said(one, "gen_ai.input.messages")] == ["user"]
    assert said(one) == [
        {
            "role": "assistant",
            "parts": [
                {"type": "reasoning", "content": "It is early."},
                {"type": "text", "content": "Good morning."},
            ],
            "finish_reason": "end_turn",
        }
    ]
    assert (
        one.attributes.items()
        >= {
            "telltale.kind": "llm",
            "gen_ai.provider.name": "anthropic",
            "gen_ai.request.model": MODEL,
            "gen_ai.response.model": SNAPSHOT,
            "gen_ai.response.id": answer.id,
            "gen_ai.request.temperature": 0.2,
            "gen_ai.request.max_tokens": 50,
        }.items()
    )
    assert one.attributes["gen_ai.request.stop_sequences"] == ["END"]
    assert one.attributes["gen_ai.response.finish_reasons"] == ["end_turn"]
    assert [tokens(one)] == logged(llm)
    assert (one.name, one.span_kind, one.status) == ("→ final answer", "client", Status.UNSET)


def test_the_input_holds_what_the_cache_gave_and_took(recording, client, llm):
    prompt = f"{LONG} [[call:clock {{}}]] [[say:Noon.]]"
    first = client.messages.create(**asked(prompt, tools=[CLOCK]))
    (use,) = first.content
    conversation = [
        {"role": "user", "content": prompt},
        {"role": "assistant", "content": first.content},
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": use.id, "content": "12"}],
        },
    ]
    client.messages.create(**asked("", tools=[CLOCK]) | {"messages": conversation})

    one, two = recording.spans
    assert (one.name, two.name) == ("→ clock(…)", "→ final answer")
    assert said(one)[0]["parts"][0]["id"] == use.id
    assert said(one, "gen_ai.tool.definitions") == [
        {
            "type": "function",
            "name": "clock",
            "description": "The time.",
            "parameters": {"type": "object"},
        }
    ]
    assert said(two, "gen_ai.input.messages")[2]["parts"] == [
        {"type": "tool_call_response", "response": "12", "id": use.id}
    ]
    assert [tokens(one), tokens(two)] == logged(llm)
    assert (tokens(one)[2] > 0, tokens(two)[1] > 0) == (True, True)
    usage = normalise(two).usage
    assert (usage.input_tokens, usage.cache_read_tokens) == tokens(two)[:2]


def test_an_async_message_is_recorded_alike(recording, client, llm):
    client.messages.create(**asked("Hello"))
    run_async(llm, lambda c: c.messages.create(**asked("Hello")))

    sync, other = recording.spans
    assert other.attributes == sync.attributes


def _stream(client, prompt):
    return list(client.messages.create(**asked(prompt, tools=[CLOCK]), stream=True))


def _helper(client, prompt):
    with client.messages.stream(**asked(prompt, tools=[CLOCK])) as stream:
        return stream.get_final_message()


def _beta(client, prompt):
    with client.beta.messages.stream(**asked(prompt, tools=[CLOCK])) as stream:
        return list(stream)


@pytest.mark.parametrize("read", [_stream, _helper, _beta])
def test_a_stream_is_one_span_with_all_that_a_whole_answer_has(recording, client, llm, read):
    prompt = '[[think:Where am I?]] [[call:clock {"zone": "Asia/Tokyo"}]]'
    read(client, prompt)
    client.messages.create(**asked(prompt, tools=[CLOCK]))

    streamed, whole = recording.spans
    more = {"gen_ai.request.stream", "gen_ai.response.time_to_first_chunk", "gen_ai.response.id"}
    assert {k: v for k, v in streamed.attributes.items() if k not in more} | {
        "gen_ai.output.messages": ids_left_out(streamed)
    } == {k: v for k, v in whole.attributes.items() if k not in more} | {
        "gen_ai.output.messages": ids_left_out(whole)
    }
    assert more <= streamed.attributes.keys()
    assert streamed.attributes["gen_ai.response.time_to_first_chunk"] > 0
    assert streamed.name == "→ clock(…)"
    assert tokens(streamed) == logged(llm)[0]


def ids_left_out(span):
    (message,) = said(span)
    return [{k: v for k, v in part.items() if k != "id"} for part in message["parts"]]


def test_async_streams_are_one_span_each(recording, llm):
    async def work(client):
        async for _ in await client.messages.create(**asked("[[say:One.]]"), stream=True):
            pass
        async with client.messages.stream(**asked("[[say:Two.]]")) as stream:
            await stream.get_final_message()
        async with client.beta.messages.stream(**asked("[[say:Three.]]")) as stream:
            await stream.get_final_message()

    run_async(llm, work)

    texts = [said(span)[0]["parts"][0]["content"] for span in recording.spans]
    assert texts == ["One.", "Two.", "Three."]
    assert [tokens(span) for span in recording.spans] == logged(llm)


def test_a_stream_left_half_way_ends_its_span_with_what_came(recording, client):
    with client.messages.stream(**asked("[[say:One word after another.]]")) as stream:
        next(iter(stream.text_stream))

    one = recording.one
    assert one.status == Status.UNSET
    assert said(one)[0]["parts"][0]["content"] == "One word aft"
    assert one.attributes["gen_ai.response.model"] == SNAPSHOT


def test_a_helper_that_is_never_entered_is_no_span(recording, client):
    client.messages.stream(**asked("Hello"))

    assert not recording.folder.exists()


def test_a_stream_that_breaks_off_is_a_failed_span(recording, client):
    with pytest.raises(httpx.RemoteProtocolError):
        _stream(client, "[[cut:4]] [[say:One word after another.]]")

    one = recording.one
    assert (one.status, one.attributes["error.type"]) == (Status.ERROR, "RemoteProtocolError")
    assert said(one)[0]["parts"][0]["content"].startswith("One word")


@pytest.mark.parametrize("status", [429, 529])
@pytest.mark.parametrize("read", [_stream, _helper])
def test_tries_that_failed_are_events_of_the_call(recording, client, llm, status, read):
    read(client, f"[[fail:{status}:2]] [[say:At last.]]")

    one = recording.one
    error = {429: "RateLimitError", 529: "OverloadedError"}[status]
    assert [call.status for call in llm.calls] == [status, status, 200]
    assert attempts(one) == [error] * 2
    assert str(status) in one.events[0].attributes["exception.message"]
    assert one.start_ns < one.events[0].time_ns < one.events[1].time_ns < one.end_ns
    assert (one.status, tokens(one)) == (Status.UNSET, logged(llm)[0])


def test_async_tries_that_failed_are_events_of_the_call(recording, llm):
    run_async(llm, lambda c: c.messages.create(**asked("[[fail:429:2]] [[say:At last.]]")))

    assert attempts(recording.one) == ["RateLimitError"] * 2


def test_a_call_that_fails_is_a_failed_span_and_the_same_error(recording, client):
    with pytest.raises(anthropic.InternalServerError) as raised:
        client.with_options(max_retries=1).messages.create(**asked("[[fail:500:9]]"))

    one = recording.one
    assert (one.status, one.status_message) == (Status.ERROR, str(raised.value))
    assert [event.name for event in one.events] == ["telltale.attempt.failed", "exception"]
    assert one.name == "→ error"


@pytest.mark.parametrize("read", [_helper, _stream])
def test_under_a_frameworks_call_facts_are_added_and_no_span(recording, client, llm, read):
    with inside_a_frameworks_call("anthropic"):
        read(client, "[[fail:429:1]] [[say:Hello.]]")

    one = recording.one
    assert one.attributes["gen_ai.response.model"] == SNAPSHOT
    assert one.attributes["gen_ai.response.finish_reasons"] == ["end_turn"]
    assert one.attributes["gen_ai.response.time_to_first_chunk"] > 0
    assert attempts(one) == ["RateLimitError"]
    assert [tokens(one)] == logged(llm)
    assert "gen_ai.request.model" not in one.attributes


def test_a_frameworks_call_that_asks_twice_has_a_span_for_the_second(recording, client, llm):
    with inside_a_frameworks_call("anthropic"):
        _helper(client, "[[call:clock {}]]")
        client.messages.create(**asked("[[say:Noon.]]", tools=[CLOCK]))

    second, first = recording.spans
    assert second.parent_id == first.span_id
    assert [tokens(first), tokens(second)] == logged(llm)
    assert said(second)[0]["parts"][0]["content"] == "Noon."


def test_a_raw_response_is_the_users_to_parse(recording, client, llm):
    raw = client.messages.with_raw_response.create(**asked("Hello"))

    assert raw.parse().content[0].text
    assert [tokens(recording.one)] == logged(llm)


def test_an_answer_is_what_it_would_be_without_us(recording, client):
    traced = client.messages.create(**asked("Hello"))
    telltale.anthropic.autolog(disable=True)

    assert client.messages.create(**asked("Hello")) == traced
    assert len(recording.spans) == 1


def test_no_key_is_written_down(recording, llm):
    with (
        pytest.raises(anthropic.AuthenticationError),
        anthropic.Anthropic(base_url=llm.url, api_key=KEY, max_retries=0) as client,
    ):
        client.messages.create(**asked(f"[[fail:401:9]] my key is {KEY}"))

    assert b"my key is [masked" in written(recording)
    assert KEY.encode() not in written(recording)


def test_the_recorded_span_reads_as_an_llm_call(recording, client):
    client.messages.create(**asked("[[say:Good morning.]]"))

    read = normalise(recording.one)
    assert (read.kind, read.model, read.requested_model) == (Kind.LLM, SNAPSHOT, MODEL)


def test_every_function_comes_back_as_the_identical_object():
    from anthropic.lib.streaming import _messages as streams
    from anthropic.resources.messages import messages

    telltale.anthropic.autolog(disable=True)
    owners = [
        (messages.Messages, "create"),
        (messages.Messages, "stream"),
        (messages.AsyncMessages, "create"),
        (streams.MessageStreamManager, "__enter__"),
        (anthropic._base_client.SyncAPIClient, "_sleep_for_retry"),
    ]
    before = [vars(owner)[name] for owner, name in owners]
    telltale.anthropic.autolog()
    during = [vars(owner)[name] for owner, name in owners]
    telltale.anthropic.autolog(disable=True)

    assert [vars(owner)[name] for owner, name in owners] == before
    assert not any(now is was for now, was in zip(during, before, strict=True))
    assert INTEGRATION.name == "anthropic"
