"""Converse by the real client of Amazon's: one span a call, with what was asked and answered."""

import boto3
import pytest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.endpoint import Endpoint
from botocore.exceptions import ClientError, EndpointConnectionError
from provider_calls import (
    KEY,
    attempts,
    inside_a_frameworks_call,
    logged,
    said,
    tokens,
    written,
)
from urllib3.exceptions import ProtocolError

import telltale
from telltale.conventions.normalise import normalise
from telltale.nouns.span import Kind, Status

MODEL = "anthropic.claude-sonnet-4-5-20250929-v1:0"
CLOCK = {
    "toolSpec": {
        "name": "clock",
        "description": "The time.",
        "inputSchema": {"json": {"type": "object", "properties": {"zone": {"type": "string"}}}},
    }
}
LONG = "A word to begin with. " * 60


@pytest.fixture(autouse=True)
def autolog():
    telltale.bedrock.autolog()
    yield
    telltale.bedrock.autolog(disable=True)


def connected(url, *, attempts=3, secret="scripted-secret", service="bedrock-runtime"):
    return boto3.client(
        service,
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="AKIASCRIPTED",
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": attempts, "mode": "standard"}),
    )


@pytest.fixture
def client(llm):
    return connected(llm.url)


def asked(prompt, **options):
    return {
        "modelId": MODEL,
        "messages": [{"role": "user", "content": [{"text": prompt}]}],
        "toolConfig": {"tools": [CLOCK]},
        **options,
    }


def _plain(client, prompt, **options):
    return client.converse(**asked(prompt, **options))


def _streamed(client, prompt, **options):
    return list(client.converse_stream(**asked(prompt, **options))["stream"])


def test_a_chat_is_a_span_with_its_blocks_and_tokens(recording, client, llm):
    answer = client.converse(
        **asked("[[think:It is early.]] [[say:Good morning.]]", system=[{"text": "Be kind."}]),
        inferenceConfig={
            "maxTokens": 50,
            "temperature": 0.25,
            "topP": 0.5,
            "stopSequences": ["END"],
        },
    )

    one = recording.one
    assert answer["output"]["message"]["content"][-1]["text"] == "Good morning."
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
            "gen_ai.provider.name": "aws.bedrock",
            "gen_ai.request.model": MODEL,
            "gen_ai.response.id": answer["ResponseMetadata"]["RequestId"],
            "gen_ai.request.temperature": 0.25,
            "gen_ai.request.top_p": 0.5,
            "gen_ai.request.max_tokens": 50,
        }.items()
    )
    assert one.attributes["gen_ai.request.stop_sequences"] == ["END"]
    assert one.attributes["gen_ai.response.finish_reasons"] == ["end_turn"]
    assert [tokens(one)] == logged(llm)
    assert (one.name, one.span_kind, one.status) == ("→ final answer", "client", Status.UNSET)


def test_the_input_holds_what_the_cache_gave_and_took(recording, client, llm):
    prompt = f"{LONG} [[call:clock {{}}]] [[say:Noon.]]"
    message = client.converse(**asked(prompt))["output"]["message"]
    call_id = message["content"][0]["toolUse"]["toolUseId"]
    result = {"toolResult": {"toolUseId": call_id, "content": [{"text": "12"}]}}
    conversation = [*asked(prompt)["messages"], message, {"role": "user", "content": [result]}]
    client.converse(**asked("") | {"messages": conversation})

    one, two = recording.spans
    assert (one.name, two.name) == ("→ clock(…)", "→ final answer")
    assert said(one)[0]["parts"][0]["id"] == call_id
    (tool,) = said(one, "gen_ai.tool.definitions")
    assert (tool["type"], tool["name"], tool["description"]) == ("function", "clock", "The time.")
    assert tool["parameters"] == CLOCK["toolSpec"]["inputSchema"]["json"]
    assert said(two, "gen_ai.input.messages")[2]["parts"] == [
        {"type": "tool_call_response", "response": "12", "id": call_id}
    ]
    assert [tokens(one), tokens(two)] == logged(llm)
    assert (tokens(one)[2] > 0, tokens(two)[1] > 0) == (True, True)


def test_a_stream_is_one_span_with_all_that_a_whole_answer_has(recording, client, llm):
    prompt = '[[think:Where am I?]] [[call:clock {"zone": "Asia/Tokyo"} clock {}]]'
    _streamed(client, prompt)
    _plain(client, prompt)

    streamed, whole = recording.spans
    more = {"gen_ai.request.stream", "gen_ai.response.time_to_first_chunk"}
    of_each = {*more, "gen_ai.response.id", "gen_ai.output.messages"}
    assert {k: v for k, v in streamed.attributes.items() if k not in of_each} == {
        k: v for k, v in whole.attributes.items() if k not in of_each
    }
    assert of_each <= streamed.attributes.keys()
    assert without_ids(streamed) == without_ids(whole)
    assert streamed.name == "→ clock(…) ×2"
    assert [tokens(streamed)] == logged(llm)[:1]


def without_ids(span):
    (message,) = said(span)
    return [{k: v for k, v in part.items() if k != "id"} for part in message["parts"]]


def test_a_streams_span_ends_with_it_and_its_events_are_the_users_own(recording, client):
    stream = client.converse_stream(**asked("[[say:One word after another.]]"))["stream"]
    assert recording.spans == []
    events = list(stream)

    assert [next(iter(event)) for event in events] == [
        "messageStart",
        *["contentBlockDelta"] * 2,
        "contentBlockStop",
        "messageStop",
        "metadata",
    ]
    assert not any("ResponseMetadata" in event for event in events)
    assert recording.one.attributes["gen_ai.response.time_to_first_chunk"] > 0


def test_a_stream_closed_half_way_ends_its_span_with_what_came(recording, client):
    stream = client.converse_stream(**asked("[[say:One word after another.]]"))["stream"]
    events = iter(stream)
    next(events), next(events)
    stream.close()

    one = recording.one
    assert said(one)[0]["parts"][0]["content"] == "One word aft"
    assert (one.status, "gen_ai.usage.input_tokens" in one.attributes) == (Status.UNSET, False)


def test_a_stream_that_breaks_off_is_a_failed_span(recording, client):
    with pytest.raises(ProtocolError):
        _streamed(client, "[[cut:3]] [[say:One word after another.]]")

    one = recording.one
    assert (one.status, one.attributes["error.type"]) == (Status.ERROR, "ProtocolError")
    assert said(one)[0]["parts"][0]["content"].startswith("One word")


@pytest.mark.parametrize("read", [_plain, _streamed])
def test_tries_that_failed_are_events_of_the_call(recording, client, llm, read):
    read(client, "[[fail:429:2]] [[say:At last.]]")

    one = recording.one
    assert [call.status for call in llm.calls] == [429, 429, 200]
    assert attempts(one) == ["ThrottlingException"] * 2
    assert "ThrottlingException" in one.events[0].attributes["exception.message"]
    assert one.start_ns < one.events[0].time_ns < one.events[1].time_ns < one.end_ns
    assert (one.status, [tokens(one)]) == (Status.UNSET, logged(llm))


def test_a_server_that_is_away_is_tried_again_and_the_clients_own_error(recording):
    with pytest.raises(EndpointConnectionError):
        _plain(connected("http://127.0.0.1:9", attempts=2), "Hello")

    one = recording.one
    assert attempts(one) == ["EndpointConnectionError"]
    assert one.attributes["error.type"] == "EndpointConnectionError"


@pytest.mark.parametrize("read", [_plain, _streamed])
def test_a_call_that_fails_is_a_failed_span_and_the_same_error(recording, llm, read):
    with pytest.raises(ClientError) as raised:
        read(connected(llm.url, attempts=1), "[[fail:400:9]]")

    one = recording.one
    assert (one.status, one.status_message) == (Status.ERROR, str(raised.value))
    assert one.attributes["error.type"] == "ValidationException"
    assert (one.name, attempts(one)) == ("→ error", [])


@pytest.mark.parametrize("read", [_plain, _streamed])
def test_under_a_frameworks_call_facts_are_added_and_no_span(recording, client, llm, read):
    with inside_a_frameworks_call("bedrock"):
        read(client, "[[fail:429:1]] [[say:Hello.]]")

    one = recording.one
    assert one.attributes["gen_ai.response.finish_reasons"] == ["end_turn"]
    assert ("gen_ai.response.time_to_first_chunk" in one.attributes) is (read is _streamed)
    assert attempts(one) == ["ThrottlingException"]
    assert [tokens(one)] == logged(llm)
    assert "gen_ai.request.model" not in one.attributes


def test_other_calls_of_amazons_are_no_spans(recording, llm):
    other = connected(llm.url, attempts=1, service="s3")
    with pytest.raises(ClientError):
        other.list_buckets()

    assert not recording.folder.exists()


def test_an_answer_is_what_it_would_be_without_us(recording, client):
    traced = _plain(client, "Hello")
    telltale.bedrock.autolog(disable=True)
    plain = _plain(client, "Hello")

    assert (traced["output"], traced["usage"]) == (plain["output"], plain["usage"])
    assert len(recording.spans) == 1


def test_no_key_is_written_down(recording, llm):
    client = connected(llm.url, attempts=1, secret=KEY)
    with pytest.raises(ClientError):
        _plain(client, f"[[fail:403:9]] my key is {KEY}")

    assert b"my key is [masked" in written(recording)
    assert KEY.encode() not in written(recording)


def test_the_recorded_span_reads_as_an_llm_call(recording, client):
    _plain(client, "[[say:Good morning.]]")

    read = normalise(recording.one)
    assert (read.kind, read.model, read.requested_model) == (Kind.LLM, MODEL, MODEL)


def test_every_function_comes_back_as_the_identical_object():
    telltale.bedrock.autolog(disable=True)
    owners = [(BaseClient, "_make_api_call"), (Endpoint, "_needs_retry")]
    before = [vars(owner)[name] for owner, name in owners]
    telltale.bedrock.autolog()
    during = [vars(owner)[name] for owner, name in owners]
    telltale.bedrock.autolog(disable=True)

    assert [vars(owner)[name] for owner, name in owners] == before
    assert not any(now is was for now, was in zip(during, before, strict=True))
