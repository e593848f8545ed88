"""Chat and embeddings by the real client: one span a call, with what was asked and answered."""

import json

import openai
import pydantic
import pytest
from openai_calls import (
    CLOCK,
    MODEL,
    SNAPSHOT,
    ask,
    autologged,
    logged,
    messages,
    run_async,
    said,
    tokens,
)

import telltale
from telltale.conventions.normalise import normalise
from telltale.nouns.span import Kind, Status


@pytest.fixture(autouse=True)
def autolog():
    with autologged():
        yield


def test_a_chat_is_a_span_with_its_messages_model_and_tokens(recording, client, llm):
    answer = ask(client, "[[say:Good morning.]]", temperature=0.2, max_tokens=50, seed=7)

    one = recording.one
    assert answer.choices[0].message.content == "Good morning."
    assert said(one, "gen_ai.input.messages") == [
        {"role": "user", "parts": [{"type": "text", "content": "[[say:Good morning.]]"}]}
    ]
    assert said(one) == [
        {
            "role": "assistant",
            "parts": [{"type": "text", "content": "Good morning."}],
            "finish_reason": "stop",
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
            "gen_ai.request.seed": 7,
        }.items()
    )
    assert one.attributes["gen_ai.response.finish_reasons"] == ["stop"]
    assert [tokens(one)] == logged(llm)
    assert (one.span_kind, one.status) == ("client", Status.UNSET)
    assert not {"telltale.inputs", "telltale.outputs"} & one.attributes.keys()


def test_what_was_not_given_is_not_recorded(recording, client):
    ask(client, "Hello")

    assert not [key for key in recording.one.attributes if "temperature" in key or "seed" in key]


def test_an_answer_is_what_it_would_be_without_us(recording, client):
    traced = ask(client, "Hello")
    telltale.openai.autolog(disable=True)

    assert ask(client, "Hello") == traced


def test_an_async_chat_is_recorded_alike(recording, client, llm):
    ask(client, "Hello")
    run_async(llm, lambda c: c.chat.completions.create(model=MODEL, messages=messages("Hello")))

    sync, other = recording.spans
    assert other.attributes == sync.attributes
    assert other.end_ns > other.start_ns


def test_a_call_of_a_tool_is_recorded_with_its_arguments_and_names_the_span(recording, client):
    ask(client, '[[call:clock {"zone": "Asia/Tokyo"}]]', tools=[CLOCK])

    one = recording.one
    (part,) = said(one)[0]["parts"]
    assert (part["type"], part["name"], part["arguments"]) == (
        "tool_call",
        "clock",
        {"zone": "Asia/Tokyo"},
    )
    assert said(one, "gen_ai.tool.definitions") == [CLOCK]
    assert one.name == "→ clock(…)"
    assert one.attributes["gen_ai.response.finish_reasons"] == ["tool_calls"]


def test_a_conversation_with_the_clients_own_objects_is_recorded(recording, client):
    asked = messages("[[call:clock {}]] [[say:Noon.]]")
    answer = ask(client, "", extra_body={"messages": asked}, tools=[CLOCK]).choices[0].message
    asked += [answer, {"role": "tool", "tool_call_id": answer.tool_calls[0].id, "content": "12"}]
    client.chat.completions.create(model=MODEL, messages=asked, tools=[CLOCK])

    roles = [message["role"] for message in said(recording.spans[1], "gen_ai.input.messages")]
    parts = said(recording.spans[1], "gen_ai.input.messages")[1:]
    assert roles == ["user", "assistant", "tool"]
    assert parts[0]["parts"][0]["name"] == "clock"
    assert parts[1]["parts"][0] == {
        "type": "tool_call_response",
        "response": "12",
        "id": answer.tool_calls[0].id,
    }


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("[[say:Yes.]]", "→ final answer"),
        ("[[call:clock {}]]", "→ clock(…)"),
        ("[[call:clock clock {}]]", "→ clock(…) ×2"),
    ],
)
def test_a_call_is_named_by_what_came_of_it(recording, client, prompt, name):
    ask(client, prompt, tools=[CLOCK])

    assert recording.one.name == name


def test_messages_that_can_be_read_but_once_are_left_to_the_client(recording, client, llm):
    client.chat.completions.create(
        model=MODEL, messages=(message for message in messages("[[say:Read.]]"))
    )

    assert said(recording.one)[0]["parts"][0]["content"] == "Read."


def test_a_raw_response_is_the_users_to_parse(recording, client, llm):
    raw = client.chat.completions.with_raw_response.create(model=MODEL, messages=messages("Hello"))

    assert raw.parse().choices[0].message.content
    assert raw.http_response.status_code == 200
    assert [tokens(recording.one)] == logged(llm)


def test_an_async_raw_response_is_the_users_to_parse(recording, llm):
    raw = run_async(
        llm,
        lambda c: c.chat.completions.with_raw_response.create(
            model=MODEL, messages=messages("Hello")
        ),
    )

    assert raw.parse().choices[0].message.content
    assert [tokens(recording.one)] == logged(llm)


def test_a_streaming_response_is_left_unread(recording, client):
    with client.chat.completions.with_streaming_response.create(
        model=MODEL, messages=messages("[[say:Unread.]]")
    ) as response:
        assert not response.is_closed
        assert "Unread." in "".join(response.iter_text())

    assert recording.one.attributes["gen_ai.request.model"] == MODEL


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_an_async_streaming_response_is_left_unread(recording, llm):
    async def work(client):
        async with client.chat.completions.with_streaming_response.create(
            model=MODEL, messages=messages("[[say:Unread.]]")
        ) as response:
            return "".join([text async for text in response.iter_text()])

    assert "Unread." in run_async(llm, work)
    assert recording.one.status == Status.UNSET


class City(pydantic.BaseModel):
    name: str
    population: int


def test_a_parsed_answer_is_recorded_once_and_stays_parsed(recording, client, llm):
    answer = client.chat.completions.parse(
        model=MODEL, messages=messages("Tokyo?"), response_format=City
    )

    assert isinstance(answer.choices[0].message.parsed, City)
    assert json.loads(said(recording.one)[0]["parts"][0]["content"]).keys() == {
        "name",
        "population",
    }
    assert [tokens(recording.one)] == logged(llm)


def test_an_async_parsed_answer_is_recorded_once(recording, llm):
    answer = run_async(
        llm,
        lambda c: c.chat.completions.parse(
            model=MODEL, messages=messages("Tokyo?"), response_format=City
        ),
    )

    assert isinstance(answer.choices[0].message.parsed, City)
    assert [tokens(recording.one)] == logged(llm)


def test_a_call_that_succeeds_at_its_third_try_is_one_span(recording, client, llm):
    ask(client, "[[fail:429:2]][[say:At last.]]")

    assert [call.status for call in llm.calls] == [429, 429, 200]
    assert recording.one.status == Status.UNSET
    assert [tokens(recording.one)] == logged(llm)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, openai.BadRequestError),
        (401, openai.AuthenticationError),
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_a_call_that_fails_is_a_failed_span_and_the_same_error(
    recording, client, status, error, stream
):
    with pytest.raises(error) as raised:
        ask(client.with_options(max_retries=0), f"[[fail:{status}:9]]", stream=stream)

    one = recording.one
    assert raised.value.status_code == status
    assert (one.status, one.attributes["error.type"]) == (Status.ERROR, error.__name__)
    assert one.status_message == str(raised.value)
    assert said(one, "gen_ai.input.messages")
    assert (one.name, normalise(one).name) == ("→ error", "→ error")


def test_an_async_call_that_fails_is_a_failed_span(recording, llm):
    with pytest.raises(openai.InternalServerError):
        run_async(
            llm,
            lambda c: c.with_options(max_retries=0).chat.completions.create(
                model=MODEL, messages=messages("[[fail:500:9]]")
            ),
        )

    assert recording.one.status == Status.ERROR


def test_a_server_that_is_away_is_the_clients_own_error(recording, llm):
    llm.close()
    with (
        pytest.raises(openai.APIConnectionError),
        openai.OpenAI(
            base_url="http://127.0.0.1:9/v1", api_key="scripted", max_retries=0
        ) as client,
    ):
        ask(client, "Hello")

    assert recording.one.attributes["error.type"] == "APIConnectionError"


def test_arguments_that_are_missing_are_the_clients_own_complaint(recording, client):
    with pytest.raises(TypeError, match="Missing required arguments"):
        client.chat.completions.create(model=MODEL)

    assert recording.one.status == Status.ERROR


@pytest.mark.parametrize("texts", ["Tokyo", ["Tokyo", "Kyoto", "大阪"]])
def test_embeddings_are_a_span_with_count_and_dimensions(recording, client, llm, texts):
    answer = client.embeddings.create(model="text-embedding-3-small", input=texts, dimensions=32)

    one = recording.one
    assert (
        one.attributes.items()
        >= {
            "telltale.kind": "embedding",
            "gen_ai.operation.name": "embeddings",
            "gen_ai.request.model": "text-embedding-3-small",
            "gen_ai.embeddings.dimension.count": len(answer.data[0].embedding),
            "telltale.outputs": f'{{"vectors":{len(answer.data)}}}',
            "gen_ai.usage.input_tokens": llm.calls[0].input_tokens,
        }.items()
    )
    assert json.loads(one.attributes["telltale.inputs"]) == texts
    assert normalise(one).kind is Kind.EMBEDDING


def test_async_embeddings_are_recorded_alike(recording, client, llm):
    asked = {"model": "text-embedding-3-small", "input": ["Tokyo"]}
    client.embeddings.create(**asked)
    run_async(llm, lambda c: c.embeddings.create(**asked))

    sync, other = recording.spans
    assert other.attributes == sync.attributes


def test_no_key_is_written_down(recording, llm):
    key = "a-key-of-no-known-form-but-long"
    with (
        pytest.raises(openai.AuthenticationError),
        openai.OpenAI(base_url=llm.base_url, api_key=key, max_retries=0) as client,
    ):
        ask(client, f"[[fail:401:9]] my key is {key}")

    written = b"".join(path.read_bytes() for path in recording.files)
    assert key.encode() not in written


def test_a_span_of_the_users_is_the_parent(recording, client):
    with telltale.start_span("question"):
        ask(client, "Hello")

    chat, question = recording.spans
    assert (chat.parent_id, question.name) == (question.span_id, "question")


def test_the_recorded_span_reads_as_an_llm_call(recording, client, llm):
    ask(client, "[[say:Good morning.]]")

    read = normalise(recording.one)
    assert (read.kind, read.model, read.requested_model) == (Kind.LLM, SNAPSHOT, MODEL)
    assert (read.usage.input_tokens, read.usage.output_tokens) == (
        llm.calls[0].input_tokens,
        llm.calls[0].output_tokens,
    )
