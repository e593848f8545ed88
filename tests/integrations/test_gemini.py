"""Gemini by Google's own client: one span a request, with what was asked and answered."""

import asyncio
import json

import httpx
import pytest
from google import genai
from google.genai import models, types
from google.genai.errors import ClientError, ServerError
from openai_calls import counted, said, tokens

import telltale
from telltale.conventions.normalise import normalise
from telltale.integrations.gemini import INTEGRATION
from telltale.nouns.span import Kind, Status

MODEL = "gemini-2.5-flash"
KEY = "a-google-key-of-no-known-form"
CLOCK = types.FunctionDeclaration(
    name="clock",
    description="The time.",
    parameters={"type": "OBJECT", "properties": {"zone": {"type": "STRING"}}},
)
TOOLS = [types.Tool(function_declarations=[CLOCK])]
JOINS = frozenset({"gemini"})


@pytest.fixture(autouse=True)
def autolog():
    telltale.gemini.autolog()
    yield
    telltale.gemini.autolog(disable=True)


@pytest.fixture
def client(llm):
    return client_of(llm)


def client_of(llm, attempts=1):
    patience = types.HttpRetryOptions(
        attempts=attempts, initial_delay=0.01, max_delay=0.02, jitter=0.001
    )
    options = types.HttpOptions(base_url=llm.url, retry_options=patience)
    return genai.Client(api_key=KEY, http_options=options)


def ask(client, contents, stream=False, model=MODEL, **config):
    asked = {"model": model, "contents": contents, "config": config}
    if stream:
        return list(client.models.generate_content_stream(**asked))[-1]
    return client.models.generate_content(**asked)


async def ask_async(client, contents, stream=False, **config):
    asked = {"model": MODEL, "contents": contents, "config": config}
    if stream:
        return [one async for one in await client.aio.models.generate_content_stream(**asked)][-1]
    return await client.aio.models.generate_content(**asked)


def by_hand(client, *args, **kwargs):
    return ask(client, *args, **kwargs)


def in_a_loop(client, *args, **kwargs):
    async def main():
        try:
            return await ask_async(client, *args, **kwargs)
        finally:
            await client.aio.aclose()

    return asyncio.run(main())


@pytest.fixture(params=[by_hand, in_a_loop], ids=["sync", "async"])
def run(request):
    return request.param


def test_a_chat_is_a_span_with_its_messages_model_and_tokens(recording, client, llm, run, stream):
    answer = run(
        client,
        "[[think:Early?]] [[say:Good morning, all of you.]]",
        stream,
        system_instruction="Be kind.",
        temperature=0.25,
        max_output_tokens=50,
        seed=7,
        stop_sequences=["END"],
    )

    one, (call,) = recording.one, llm.calls
    assert [message["role"] for message in said(one, "gen_ai.input.messages")] == ["system", "user"]
    assert said(one) == [
        {
            "role": "assistant",
            "parts": [
                {"type": "reasoning", "content": "Early?"},
                {"type": "text", "content": "Good morning, all of you."},
            ],
            "finish_reason": "STOP",
        }
    ]
    assert (
        one.attributes.items()
        >= {
            "telltale.kind": "llm",
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "gcp.gemini",
            "gen_ai.request.model": MODEL,
            "gen_ai.response.model": MODEL,
            "gen_ai.response.id": answer.response_id,
            "gen_ai.request.temperature": 0.25,
            "gen_ai.request.max_tokens": 50,
            "gen_ai.request.seed": 7,
            "gen_ai.usage.reasoning.output_tokens": call.reasoning_tokens,
        }.items()
    )
    assert list(one.attributes["gen_ai.request.stop_sequences"]) == ["END"]
    assert list(one.attributes["gen_ai.response.finish_reasons"]) == ["STOP"]
    assert tokens(one) == counted(call)
    assert ("gen_ai.response.time_to_first_chunk" in one.attributes) is stream
    assert ("gen_ai.request.stream" in one.attributes) is stream
    assert (one.span_kind, one.status, one.name) == ("client", Status.UNSET, "→ final answer")
    read = normalise(one)
    assert (read.kind, read.model, read.usage.output_tokens) == (
        Kind.LLM,
        MODEL,
        call.output_tokens,
    )


def test_a_tools_call_and_its_result_are_recorded(recording, client, llm, stream):
    script = '[[call:clock {"zone": "UTC"}]] [[say:Noon.]] ' + "So it goes. " * 60
    asked = [types.Content(role="user", parts=[types.Part.from_text(text=script)])]
    answer = ask(client, asked, stream, model="gemini-3-pro-preview", tools=TOOLS)
    asked.append(answer.candidates[0].content)
    result = types.Part.from_function_response(name="clock", response={"result": "12"})
    asked.append(types.Content(role="user", parts=[result]))
    ask(client, asked, stream, model="gemini-3-pro-preview", tools=TOOLS)

    first, second = recording.spans
    (part,) = said(first)[0]["parts"]
    assert (part["name"], part["arguments"]) == ("clock", {"zone": "UTC"})
    assert part["id"].startswith("call_")
    assert first.name == "→ clock(…)"
    assert said(first, "gen_ai.tool.definitions") == [
        {
            "type": "function",
            "name": "clock",
            "description": "The time.",
            "parameters": {"type": "OBJECT", "properties": {"zone": {"type": "STRING"}}},
        }
    ]
    told = [message["parts"][0] for message in said(second, "gen_ai.input.messages")]
    assert [one["type"] for one in told] == ["text", "tool_call", "tool_call_response"]
    assert [tokens(one) for one in recording.spans] == [counted(call) for call in llm.calls]
    assert llm.calls[1].cached_tokens > 0


def test_vertex_is_told_apart(recording, llm, stream):
    options = types.HttpOptions(base_url=llm.url)
    client = genai.Client(vertexai=True, api_key=KEY, http_options=options)
    ask(client, "[[say:Yes.]]", stream)

    assert recording.one.attributes["gen_ai.provider.name"] == "gcp.vertex_ai"
    assert recording.one.attributes["gen_ai.request.model"] == MODEL
    assert "/publishers/google/" in llm.calls[0].path
    assert tokens(recording.one) == counted(llm.calls[0])


def test_automatic_function_calling_is_a_span_a_request(recording, client, llm):
    def clock(zone: str) -> str:
        """The time."""
        return f"noon in {zone}"

    answer = ask(client, '[[call:clock {"zone": "UTC"}]] [[say:Noon.]]', tools=[clock])

    assert answer.text == "Noon."
    assert recording.names == ["→ clock(…)", "→ final answer"]
    assert len(llm.calls) == 2


def test_a_conversation_in_plain_dictionaries_is_read(recording, client):
    ask(client, [{"role": "user", "parts": [{"text": "[[say:Yes.]]"}]}])

    assert said(recording.one, "gen_ai.input.messages")[0]["parts"][0]["content"] == "[[say:Yes.]]"


def test_what_is_no_text_is_kept_without_its_bytes(recording, client):
    image = types.Part.from_bytes(data=b"x" * 1000, mime_type="image/png")
    ask(client, ["[[say:A cat.]]", image])

    parts = said(recording.one, "gen_ai.input.messages")[1]["parts"]
    assert "image/png" in json.dumps(parts)
    assert "xxxx" not in json.dumps(parts)


def test_an_answer_is_what_it_would_be_without_us(client, recording, stream):
    traced = ask(client, "Hello", stream)
    telltale.gemini.autolog(disable=True)
    plain = ask(client, "Hello", stream)

    left_out = {"sdk_http_response"}
    assert traced.model_dump(exclude=left_out) == plain.model_dump(exclude=left_out)


@pytest.mark.parametrize(
    ("status", "error"), [(400, ClientError), (429, ClientError), (503, ServerError)]
)
def test_a_call_that_fails_is_a_failed_span_and_the_same_error(
    recording, client, run, stream, status, error
):
    with pytest.raises(error) as raised:
        run(client, f"[[fail:{status}:9]]", stream)

    one = recording.one
    assert raised.value.code == status
    assert (one.status, one.attributes["error.type"], one.name) == (
        Status.ERROR,
        error.__name__,
        "→ error",
    )
    assert [event.name for event in one.events] == ["exception"]


def test_the_tries_before_the_one_that_succeeds_are_events(recording, llm, run, stream):
    run(client_of(llm, attempts=3), "[[fail:429:2]] [[say:At last.]]", stream)

    one = recording.one
    assert [call.status for call in llm.calls] == [429, 429, 200]
    assert [event.name for event in one.events] == ["telltale.attempt.failed"] * 2
    assert "429 RESOURCE_EXHAUSTED" in one.events[0].attributes["exception.message"]
    assert one.events[0].time_ns < one.events[1].time_ns
    assert one.status == Status.UNSET


def test_under_a_frameworks_call_facts_are_added_and_no_span(recording, llm, run, stream, joined):
    run(client_of(llm, attempts=3), "[[fail:429:2]] [[say:At last.]]", stream)
    joined.end()

    one = recording.one
    assert one.attributes["gen_ai.response.model"] == MODEL
    assert said(one)[0]["parts"][0]["content"] == "At last."
    assert tokens(one) == counted(llm.calls[-1])
    assert ("gen_ai.response.time_to_first_chunk" in one.attributes) is stream
    assert [event.name for event in one.events] == ["telltale.attempt.failed"] * 2
    assert "gen_ai.request.model" not in one.attributes


def test_an_answer_that_comes_too_late_is_a_failed_span(recording, llm, run):
    client = genai.Client(
        api_key=KEY, http_options=types.HttpOptions(base_url=llm.url, timeout=300)
    )
    with pytest.raises((httpx.ReadTimeout, TimeoutError)) as raised:
        run(client, "[[sleep:2]] [[say:Too late.]]")

    one = recording.one
    assert one.attributes["error.type"] == type(raised.value).__name__
    assert one.end_ns - one.start_ns < 1.9e9


def test_a_stream_that_breaks_off_is_a_failed_span(recording, client, llm):
    heard = []
    with pytest.raises(httpx.RemoteProtocolError):
        for chunk in client.models.generate_content_stream(
            model=MODEL, contents="[[cut:2]] [[say:Never to be heard to its end.]]"
        ):
            heard.append(chunk.text)

    one = recording.one
    assert one.attributes["error.type"] == "RemoteProtocolError"
    assert said(one)[0]["parts"][0]["content"] == "".join(heard)


def test_a_stream_that_is_left_ends_its_span(recording, client):
    stream = client.models.generate_content_stream(
        model=MODEL, contents="[[say:Never to be heard to its end.]]"
    )
    first = next(stream).text
    stream.close()

    assert said(recording.one)[0]["parts"][0]["content"] == first
    assert recording.one.status == Status.UNSET


@pytest.mark.parametrize("texts", ["Tokyo", ["Tokyo", "Kyoto"]])
def test_embeddings_are_a_span_with_count_and_dimensions(recording, client, run, texts):
    asked = {"model": "gemini-embedding-001", "contents": texts}
    asked["config"] = {"output_dimensionality": 32}
    if run is by_hand:
        answer = client.models.embed_content(**asked)
    else:
        answer = asyncio.run(client.aio.models.embed_content(**asked))

    one = recording.one
    assert (
        one.attributes.items()
        >= {
            "telltale.kind": "embedding",
            "gen_ai.request.model": "gemini-embedding-001",
            "gen_ai.embeddings.dimension.count": 32,
            "telltale.outputs": f'{{"vectors":{len(answer.embeddings)}}}',
        }.items()
    )
    assert said(one, "telltale.inputs") == ([texts] if isinstance(texts, str) else texts)


@pytest.mark.parametrize("where", ["key", "header"])
def test_no_key_is_written_down(recording, llm, where):
    options = types.HttpOptions(base_url=llm.url, headers={"x-proxy-pass": KEY})
    if where == "key":
        client = client_of(llm)
    else:
        client = genai.Client(api_key="another-key-of-no-form", http_options=options)
    with pytest.raises(ClientError):
        ask(client, f"[[fail:400:9]] it was GET {llm.url}/v1beta/models?key={KEY} that failed")

    written = b"".join(path.read_bytes() for path in recording.files)
    assert KEY.encode() not in written


def test_every_function_comes_back_as_the_identical_object():
    telltale.gemini.autolog(disable=True)
    functions = [
        (getattr(models, owner), name)
        for owner, name in (
            target.path.partition(":")[2].split(".") for target in INTEGRATION.targets
        )
    ]
    before = [vars(owner)[name] for owner, name in functions]
    telltale.gemini.autolog()
    during = [vars(owner)[name] for owner, name in functions]
    telltale.gemini.autolog(disable=True)
    after = [vars(owner)[name] for owner, name in functions]

    assert all(now is was for now, was in zip(after, before, strict=True))
    assert not any(now is was for now, was in zip(during, before, strict=True))
