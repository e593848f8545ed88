"""Streams of the real client: they run as before, and their span ends when they do."""

import gc
import inspect

import httpx
import openai
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
from fakes.broken_stream import BrokenStream
from telltale.nouns.span import Status

COUNTED = {"stream": True, "stream_options": {"include_usage": True}}
PROMPT = "[[say:A sentence that is long enough for several chunks.]]"


@pytest.fixture(autouse=True)
def autolog():
    with autologged():
        yield


@pytest.fixture(autouse=True)
def quiet(caplog):
    """Neither we nor OpenTelemetry have anything to complain of."""
    yield
    said = [r.getMessage() for r in caplog.get_records("call") if r.levelname != "DEBUG"]
    assert [text for text in said if "httpx" not in text and "no server at" not in text
            and "HTTP Request" not in text and "Retrying" not in text] == []  # fmt: skip


def text_of(chunks) -> str:
    return "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)


def test_a_stream_is_recorded_as_the_whole_answer_would_be(recording, client, llm):
    chunks = list(ask(client, PROMPT, **COUNTED))
    ask(client, PROMPT)

    streamed, whole = recording.spans
    only_streamed = {"gen_ai.request.stream", "gen_ai.response.time_to_first_chunk"}
    assert text_of(chunks) == said(whole)[0]["parts"][0]["content"]
    assert {k: v for k, v in streamed.attributes.items() if k not in only_streamed} == {
        **whole.attributes,
        "gen_ai.response.id": streamed.attributes["gen_ai.response.id"],
    }
    assert streamed.name == whole.name == "→ final answer"
    assert [tokens(span) for span in recording.spans] == logged(llm)


def test_an_async_stream_is_recorded_alike(recording, client, llm):
    async def work(client):
        stream = await client.chat.completions.create(
            model=MODEL, messages=messages(PROMPT), **COUNTED
        )
        return [chunk async for chunk in stream]

    chunks = run_async(llm, work)
    list(ask(client, PROMPT, **COUNTED))

    other, sync = recording.spans
    assert text_of(chunks) in str(said(sync))
    assert other.attributes.keys() == sync.attributes.keys()
    assert (other.name, said(other), tokens(other)) == (sync.name, said(sync), tokens(sync))


def test_the_time_to_the_first_chunk_is_within_the_calls_own(recording, client):
    list(ask(client, "[[sleep:0.2]]" + PROMPT, **COUNTED))

    one = recording.one
    first_s = one.attributes["gen_ai.response.time_to_first_chunk"]
    assert 0 < first_s < (one.end_ns - one.start_ns) / 1e9
    assert (one.end_ns - one.start_ns) / 1e9 > 0.15


def test_a_stream_of_tool_calls_is_put_together(recording, client):
    list(ask(client, '[[call:clock {"zone": "Asia/Tokyo"} clock {}]]', tools=[CLOCK], **COUNTED))

    parts = said(recording.one)[0]["parts"]
    assert [(part["name"], part.get("arguments")) for part in parts] == [
        ("clock", {"zone": "Asia/Tokyo"}),
        ("clock", {}),
    ]
    assert recording.one.name == "→ clock(…) ×2"


def test_a_stream_without_usage_has_none(recording, client):
    list(ask(client, PROMPT, stream=True))

    assert not [key for key in recording.one.attributes if "usage" in key]
    assert recording.one.attributes["gen_ai.response.model"] == SNAPSHOT


def test_a_stream_stays_the_clients_own_class(recording, client):
    stream = ask(client, PROMPT, **COUNTED)

    assert type(stream) is openai.Stream
    assert text_of([next(stream)]) == ""
    assert len(list(stream)) > 3
    assert recording.one.status == Status.UNSET


def test_the_span_of_a_stream_is_not_current_between_chunks(recording, client):
    with telltale.start_span("question") as question:
        for _ in ask(client, PROMPT, **COUNTED):
            assert telltale.get_current_active_span() is question


LEAVE = {
    "close": lambda stream: stream.close(),
    "with": lambda stream: stream.__exit__(None, None, None),
    "response": lambda stream: stream.response.close(),
}


@pytest.mark.parametrize("leave", LEAVE.values(), ids=LEAVE)
def test_a_stream_that_is_closed_half_way_ends_its_span_though_it_is_kept(recording, client, leave):
    stream = ask(client, PROMPT, **COUNTED)
    for _ in range(3):
        next(stream)
    assert recording.spans == []
    leave(stream)

    assert recording.one.status == Status.UNSET
    assert PROMPT[6:].startswith(said(recording.one)[0]["parts"][0]["content"])
    assert stream.response.is_closed


def test_a_stream_that_is_dropped_half_way_ends_its_span(recording, client):
    for _ in ask(client, PROMPT, **COUNTED):
        break
    gc.collect()

    assert recording.one.status == Status.UNSET


def test_a_stream_that_is_never_read_ends_its_span_when_it_is_closed(recording, client):
    ask(client, PROMPT, **COUNTED).close()

    assert recording.one.status == Status.UNSET


@pytest.mark.parametrize("leaving", ["close", "with", "drop"])
def test_an_async_stream_that_is_left_half_way_ends_its_span(recording, llm, leaving):
    async def work(client):
        stream = await client.chat.completions.create(
            model=MODEL, messages=messages(PROMPT), **COUNTED
        )
        if leaving == "with":
            async with stream:
                await anext(stream)
        else:
            await anext(stream)
        if leaving == "close":
            await stream.close()
        return None if leaving == "drop" else stream

    run_async(llm, work)
    gc.collect()
    assert recording.one.status == Status.UNSET


@pytest.mark.parametrize(
    ("with_word", "error"),
    [(True, openai.APIError), (False, httpx.RemoteProtocolError)],
)
def test_a_stream_that_breaks_is_a_failed_span_with_what_had_come(recording, with_word, error):
    with (
        BrokenStream(with_word) as server,
        openai.OpenAI(base_url=server.base_url, api_key="scripted") as client,
    ):
        stream = ask(client, PROMPT, **COUNTED)
        with pytest.raises(error) as raised:
            list(stream)

    one = recording.one
    assert (one.status, one.status_message) == (Status.ERROR, str(raised.value))
    assert one.attributes["error.type"] == error.__name__
    assert said(one)[0]["parts"][0]["content"] == "So farSo far"
    assert one.attributes["gen_ai.response.model"] == SNAPSHOT
    assert one.name == "→ error"


def test_a_raw_streams_chunks_are_seen_too(recording, client, llm):
    raw = client.chat.completions.with_raw_response.create(
        model=MODEL, messages=messages(PROMPT), **COUNTED
    )
    assert recording.spans == []
    chunks = list(raw.parse())

    assert text_of(chunks) in str(said(recording.one))
    assert [tokens(recording.one)] == logged(llm)


def test_the_clients_stream_helper_is_one_span(recording, client, llm):
    with client.chat.completions.stream(
        model=MODEL, messages=messages(PROMPT), stream_options={"include_usage": True}
    ) as stream:
        final = stream.get_final_completion()

    assert final.choices[0].message.content in str(said(recording.one))
    assert [tokens(recording.one)] == logged(llm)


def test_the_clients_stream_helper_left_half_way_ends_its_span(recording, client):
    with client.chat.completions.stream(model=MODEL, messages=messages(PROMPT)) as stream:
        next(iter(stream))

    assert recording.one.status == Status.UNSET
    assert stream is not None


def test_a_stream_without_autolog_is_as_the_client_made_it(recording, client):
    telltale.openai.autolog(disable=True)
    stream = ask(client, PROMPT, **COUNTED)

    assert inspect.isgenerator(stream._iterator)
    assert "_streaming.py" in stream._iterator.gi_code.co_filename
    assert "close" not in vars(stream.response)
    assert not recording.folder.exists() or stream.close() is None
