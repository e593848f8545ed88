"""Azure by azure-ai-inference: one span a call, with what was asked and answered."""

import asyncio
from contextlib import nullcontext

import openai
import pytest
from azure.ai.inference import ChatCompletionsClient, EmbeddingsClient
from azure.ai.inference.aio import ChatCompletionsClient as AsyncChatCompletionsClient
from azure.ai.inference.aio import EmbeddingsClient as AsyncEmbeddingsClient
from azure.ai.inference.models import SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.core.pipeline.policies import RetryPolicy
from openai_calls import CLOCK, counted, said, tokens

import telltale
from telltale.conventions.normalise import normalise
from telltale.integrations import azure
from telltale.nouns.span import Status
from telltale.tracing import guard
from telltale.tracing.streams import Watch

SNAPSHOT = "gpt-5-2025-08-07"
KEY = "an-azure-key-of-no-known-form"
WITH_USAGE = {"stream_options": {"include_usage": True}}
JOINS = frozenset({"azure"})


@pytest.fixture(autouse=True)
def autolog():
    telltale.azure.autolog()
    yield
    telltale.azure.autolog(disable=True)


def settings(llm, retries=0):
    return {
        "endpoint": f"{llm.url}/openai/deployments/gpt-5",
        "credential": AzureKeyCredential(KEY),
        "retry_total": retries,
        "temperature": 0.25,
    }


def by_hand(llm, prompt, stream=False, retries=0, **options):
    asked = {"messages": [UserMessage(prompt)]} | options
    with ChatCompletionsClient(**settings(llm, retries)) as client:
        if stream:
            return list(client.complete(**asked, stream=True, model_extras=WITH_USAGE))
        return client.complete(**asked)


def in_a_loop(llm, prompt, stream=False, retries=0, **options):
    asked = {"messages": [UserMessage(prompt)]} | options

    async def main():
        async with AsyncChatCompletionsClient(**settings(llm, retries)) as client:
            if stream:
                updates = await client.complete(**asked, stream=True, model_extras=WITH_USAGE)
                return [update async for update in updates]
            return await client.complete(**asked)

    return asyncio.run(main())


@pytest.fixture(params=[by_hand, in_a_loop], ids=["sync", "async"])
def ask(request):
    return request.param


def test_a_chat_is_a_span_with_its_messages_model_and_tokens(recording, llm, ask, stream):
    prompt = "[[think:Early?]] [[say:Good morning, all of you.]]"
    messages = [SystemMessage("Be kind."), UserMessage(prompt)]
    ask(llm, "", stream, messages=messages, max_tokens=50, seed=7, stop=["END"])

    one, (call,) = recording.one, llm.calls
    assert [message["role"] for message in said(one, "gen_ai.input.messages")] == ["system", "user"]
    assert said(one) == [
        {
            "role": "assistant",
            "parts": [{"type": "text", "content": "Good morning, all of you."}],
            "finish_reason": "stop",
        }
    ]
    assert (
        one.attributes.items()
        >= {
            "telltale.kind": "llm",
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "azure.ai.openai",
            "gen_ai.request.model": "gpt-5",
            "gen_ai.response.model": SNAPSHOT,
            "gen_ai.request.temperature": 0.25,
            "gen_ai.request.max_tokens": 50,
            "gen_ai.request.seed": 7,
            "gen_ai.usage.reasoning.output_tokens": call.reasoning_tokens,
        }.items()
    )
    assert one.attributes["gen_ai.response.id"].startswith("chatcmpl-")
    assert list(one.attributes["gen_ai.request.stop_sequences"]) == ["END"]
    assert list(one.attributes["gen_ai.response.finish_reasons"]) == ["stop"]
    assert tokens(one) == counted(call)
    assert ("gen_ai.response.time_to_first_chunk" in one.attributes) is stream
    assert ("gen_ai.request.stream" in one.attributes) is stream
    assert (one.span_kind, one.status, one.name) == ("client", Status.UNSET, "→ final answer")
    assert normalise(one).model == SNAPSHOT


def test_a_tools_call_is_recorded_with_its_arguments(recording, llm, ask, stream):
    ask(llm, '[[call:clock {"zone": "Asia/Tokyo"}]]', stream, tools=[CLOCK])

    one = recording.one
    (part,) = said(one)[0]["parts"]
    assert (part["name"], part["arguments"]) == ("clock", {"zone": "Asia/Tokyo"})
    assert part["id"].startswith("call_")
    assert said(one, "gen_ai.tool.definitions") == [CLOCK]
    assert one.name == "→ clock(…)"
    assert list(one.attributes["gen_ai.response.finish_reasons"]) == ["tool_calls"]


def test_a_body_is_read_where_it_is_given_whole(recording, llm):
    with ChatCompletionsClient(**settings(llm)) as client:
        client.complete({"messages": [{"role": "user", "content": "[[say:Yes.]]"}], "seed": 3})

    assert said(recording.one, "gen_ai.input.messages")[0]["parts"][0]["content"] == "[[say:Yes.]]"
    assert recording.one.attributes["gen_ai.request.seed"] == 3


def test_the_model_of_an_endpoint_with_several_is_that_which_was_asked_for(recording, llm):
    given = settings(llm) | {"endpoint": f"{llm.url}/models"}
    with ChatCompletionsClient(**given, model="gpt-4o") as client:
        client.complete(messages=[UserMessage("[[say:Yes.]]")])

    assert (
        recording.one.attributes.items()
        >= {
            "gen_ai.provider.name": "azure.ai.inference",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.response.model": "gpt-4o-2024-08-06",
        }.items()
    )


def test_an_answer_is_what_it_would_be_without_us(recording, llm, ask, stream):
    traced = ask(llm, "Hello", stream)
    telltale.azure.autolog(disable=True)

    assert ask(llm, "Hello", stream) == traced


@pytest.mark.parametrize(
    ("status", "error"), [(401, ClientAuthenticationError), (429, HttpResponseError)]
)
def test_a_call_that_fails_is_a_failed_span_and_the_same_error(
    recording, llm, ask, stream, status, error
):
    with pytest.raises(error) as raised:
        ask(llm, f"[[fail:{status}:9]]", stream)

    one = recording.one
    assert raised.value.status_code == status
    assert (one.status, one.attributes["error.type"], one.name) == (
        Status.ERROR,
        error.__name__,
        "→ error",
    )
    assert [event.name for event in one.events] == ["exception"]


@pytest.fixture
def is_impatient(monkeypatch):
    """Azure's client takes `Retry-After` for seconds, and a test has none to lose."""
    monkeypatch.setattr(RetryPolicy, "get_retry_after", lambda *_: 0.01)
    monkeypatch.setattr(
        "azure.core.pipeline.policies.AsyncRetryPolicy.get_retry_after", lambda *_: 0.01
    )


@pytest.mark.usefixtures("is_impatient")
@pytest.mark.parametrize("status", [429, 500])
def test_the_tries_before_the_one_that_succeeds_are_events(recording, llm, ask, stream, status):
    ask(llm, f"[[fail:{status}:2]] [[say:At last.]]", stream, retries=3)

    one = recording.one
    assert [call.status for call in llm.calls] == [status, status, 200]
    assert [event.name for event in one.events] == ["telltale.attempt.failed"] * 2
    assert one.events[0].attributes["exception.type"] == "HttpResponseError"
    # Nobody has read the body of a stream that was refused.
    reason = {429: "Too Many Requests", 500: "Internal Server Error"}[status]
    words = reason if stream else "Message: "
    assert words in one.events[0].attributes["exception.message"]
    assert one.status == Status.UNSET


@pytest.mark.usefixtures("is_impatient")
def test_under_a_frameworks_call_facts_are_added_and_no_span(recording, llm, ask, stream, joined):
    ask(llm, "[[fail:429:2]] [[say:At last.]]", stream, retries=3)
    joined.end()

    one = recording.one
    assert one.attributes["gen_ai.response.model"] == SNAPSHOT
    assert said(one)[0]["parts"][0]["content"] == "At last."
    assert tokens(one) == counted(llm.calls[-1])
    assert ("gen_ai.response.time_to_first_chunk" in one.attributes) is stream
    assert [event.name for event in one.events] == ["telltale.attempt.failed"] * 2
    assert "gen_ai.request.model" not in one.attributes


def test_a_server_that_is_away_is_the_clients_own_error(recording, llm):
    given = settings(llm) | {"endpoint": "http://127.0.0.1:9"}
    with ChatCompletionsClient(**given) as client, pytest.raises(ServiceRequestError):
        client.complete(messages=[UserMessage("Hello")])

    assert recording.one.attributes["error.type"] == "ServiceRequestError"


def test_an_answer_that_comes_too_late_is_a_failed_span(recording, llm):
    given = settings(llm) | {"read_timeout": 0.3}
    with ChatCompletionsClient(**given) as client, pytest.raises(ServiceResponseError) as raised:
        client.complete(messages=[UserMessage("[[sleep:2]] [[say:Too late.]]")])

    one = recording.one
    assert one.attributes["error.type"] == type(raised.value).__name__
    assert one.end_ns - one.start_ns < 1.9e9


def test_the_openai_client_for_azure_is_told_apart(recording, llm):
    telltale.openai.autolog()
    given = {"azure_endpoint": llm.url, "api_key": KEY, "api_version": "2024-10-21"}
    with openai.AzureOpenAI(**given) as client:
        messages = [{"role": "user", "content": "[[say:Yes.]]"}]
        client.chat.completions.create(model="gpt-5", messages=messages)
        client.embeddings.create(model="embedder", input=["Tokyo"])
    telltale.openai.autolog(disable=True)

    chat, embedding = recording.spans
    assert {one.attributes["gen_ai.provider.name"] for one in recording.spans} == {
        "azure.ai.openai"
    }
    assert chat.attributes["gen_ai.response.model"] == SNAPSHOT
    assert embedding.attributes["gen_ai.usage.input_tokens"] == llm.calls[1].input_tokens
    assert [call.path for call in llm.calls] == [
        "/openai/deployments/gpt-5/chat/completions",
        "/openai/deployments/embedder/embeddings",
    ]


def test_a_stream_that_breaks_off_is_a_failed_span(recording, llm):
    heard = []
    with ChatCompletionsClient(**settings(llm)) as client, pytest.raises(AzureError):
        asked = {"messages": [UserMessage("[[cut:4]] [[say:Never to be heard to its end.]]")]}
        for update in client.complete(**asked, stream=True):
            heard.append(update.choices[0].delta.content or "")

    one = recording.one
    assert one.status == Status.ERROR
    assert said(one)[0]["parts"][0]["content"] == "".join(heard)


def test_a_stream_that_is_left_ends_its_span(recording, llm):
    with ChatCompletionsClient(**settings(llm)) as client:
        asked = {"messages": [UserMessage("[[say:Never to be heard to its end.]]")]}
        with client.complete(**asked, stream=True) as stream:
            next(stream)

    assert recording.one.status == Status.UNSET
    assert recording.one.attributes["gen_ai.response.model"] == SNAPSHOT


@pytest.mark.parametrize("kind", [EmbeddingsClient, AsyncEmbeddingsClient])
def test_embeddings_are_a_span_with_count_and_dimensions(recording, llm, kind):
    given = settings(llm)
    del given["temperature"]
    asked = {"input": ["Tokyo", "Kyoto"], "dimensions": 32}
    if kind is EmbeddingsClient:
        with kind(**given) as client:
            client.embed(**asked)
    else:

        async def main():
            async with kind(**given) as client:
                await client.embed(**asked)

        asyncio.run(main())

    one = recording.one
    assert (
        one.attributes.items()
        >= {
            "telltale.kind": "embedding",
            "gen_ai.request.model": "gpt-5",
            "gen_ai.embeddings.dimension.count": 32,
            "telltale.outputs": '{"vectors":2}',
            "gen_ai.usage.input_tokens": llm.calls[0].input_tokens,
        }.items()
    )
    assert said(one, "telltale.inputs") == ["Tokyo", "Kyoto"]


@pytest.mark.parametrize("where", ["key", "header"])
def test_no_key_is_written_down(recording, llm, where):
    given = settings(llm)
    options = {}
    if where == "header":
        given["credential"] = AzureKeyCredential("another-key-of-no-form")
        options["headers"] = {"x-proxy-pass": KEY}
    with ChatCompletionsClient(**given) as client, pytest.raises(HttpResponseError):
        client.complete(messages=[UserMessage(f"[[fail:400:9]] api-key: {KEY}")], **options)

    written = b"".join(path.read_bytes() for path in recording.files)
    assert KEY.encode() not in written


def test_switched_off_everything_is_as_it_was(recording, llm, ask, stream):
    telltale.azure.autolog(disable=True)
    ask(llm, "Hello", stream)

    assert not recording.folder.exists()


def test_a_stream_that_hides_its_updates_is_read_to_its_end(caplog):
    guard.forget()
    seen = []
    watch = Watch(lambda chunk, error: seen.append((chunk, error)), nullcontext)

    azure._saw(object(), watch, done=True)

    assert seen == [(None, None)]
    assert "reading a stream of Azure's" in caplog.text
