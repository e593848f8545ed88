"""LiteLLM, by the openai client and by plain HTTP: one span a call, whoever serves it."""

import asyncio
import gc
import os

os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")

import litellm
import pytest
from openai_calls import CLOCK
from provider_calls import inside_a_frameworks_call, said

import telltale
from telltale.nouns.span import Status
from testbed.waiting import wait_until

KEY = "a-providers-key-of-no-known-form"
ROUTES = {
    "openai": ("openai/gpt-4o-mini", "/v1", "gpt-4o-mini-2024-07-18"),
    "anthropic": ("anthropic/claude-sonnet-4-5", "", "claude-sonnet-4-5-20250929"),
    "gemini": ("gemini/gemini-2.5-flash", "/v1beta", "gemini-2.5-flash"),
}


@pytest.fixture(autouse=True)
def autolog():
    telltale.litellm.autolog()
    telltale.openai.autolog()
    yield
    telltale.openai.autolog(disable=True)
    telltale.litellm.autolog(disable=True)


@pytest.fixture(params=ROUTES)
def route(request):
    return request.param


def by_hand(llm, route, prompt, stream=False, **options):
    model, path, _ = ROUTES[route]
    asked = {
        "model": model,
        "messages": [{"role": "user", "content": prompt}],
        "api_base": f"{llm.url}{path}",
        "api_key": KEY,
        "max_retries": 0,
    }
    if not stream:
        return litellm.completion(**asked, **options)
    options["stream_options"] = {"include_usage": True}
    return list(litellm.completion(**asked, stream=True, **options))


def in_a_loop(llm, route, prompt, stream=False, **options):
    model, path, _ = ROUTES[route]
    asked = {"model": model, "messages": [{"role": "user", "content": prompt}]}
    asked |= {"api_base": f"{llm.url}{path}", "api_key": KEY, "max_retries": 0}

    async def main():
        if not stream:
            return await litellm.acompletion(**asked, **options)
        options["stream_options"] = {"include_usage": True}
        return [one async for one in await litellm.acompletion(**asked, stream=True, **options)]

    return asyncio.run(main())


@pytest.fixture(params=[by_hand, in_a_loop], ids=["sync", "async"])
def ask(request):
    return request.param


def test_a_chat_is_one_span_with_what_was_asked_and_answered(recording, llm, ask, route, stream):
    ask(llm, route, "[[say:Good morning, all of you.]]", stream, temperature=0.25, max_tokens=50)

    one, (call,) = recording.one, llm.calls
    model, _, snapshot = ROUTES[route]
    assert said(one)[0]["parts"] == [{"type": "text", "content": "Good morning, all of you."}]
    assert (
        one.attributes.items()
        >= {
            "telltale.kind": "llm",
            "gen_ai.provider.name": route,
            "gen_ai.request.model": model,
            "gen_ai.request.temperature": 0.25,
            "gen_ai.request.max_tokens": 50,
            "gen_ai.usage.input_tokens": call.input_tokens,
            "gen_ai.usage.output_tokens": call.output_tokens,
        }.items()
    )
    # LiteLLM calls the model of a stream as it was asked for, where nobody beneath it is heard.
    answered = one.attributes["gen_ai.response.model"]
    assert answered in (
        (snapshot,) if route == "openai" or not stream else (snapshot, model.partition("/")[2])
    )
    assert list(one.attributes["gen_ai.response.finish_reasons"]) == ["stop"]
    assert ("gen_ai.response.time_to_first_chunk" in one.attributes) is stream
    assert (one.name, one.status) == ("→ final answer", Status.UNSET)


def test_a_tools_call_has_its_id(recording, llm, ask, route, stream):
    ask(llm, route, '[[call:clock {"zone": "UTC"}]]', stream, tools=[CLOCK])

    one = recording.one
    (part,) = said(one)[0]["parts"]
    assert (part["name"], part["arguments"]) == ("clock", {"zone": "UTC"})
    assert part["id"]
    assert one.name == "→ clock(…)"


def test_under_a_frameworks_call_facts_are_added_and_no_span(recording, llm, ask, route, stream):
    with inside_a_frameworks_call("litellm", "openai"):
        ask(llm, route, "[[say:Good morning.]]", stream)

    one = recording.one
    assert one.name == "chat"
    (call,) = llm.calls
    assert one.attributes["gen_ai.usage.input_tokens"] == call.input_tokens
    assert one.attributes["gen_ai.usage.output_tokens"] == call.output_tokens
    assert said(one)[0]["parts"][0]["content"] == "Good morning."


def test_a_call_that_fails_is_one_failed_span_and_litellms_own_error(recording, llm, ask, route):
    with pytest.raises(litellm.RateLimitError):
        ask(llm, route, "[[fail:429:9]]")

    one = recording.one
    assert (one.status, one.attributes["error.type"], one.name) == (
        Status.ERROR,
        "RateLimitError",
        "→ error",
    )


def test_the_tries_before_the_one_that_succeeds_are_events(recording, llm, ask, route):
    ask(llm, route, "[[fail:429:2]] [[say:At last.]]", num_retries=2)

    one = recording.one
    assert [call.status for call in llm.calls] == [429, 429, 200]
    assert [event.name for event in one.events] == ["telltale.attempt.failed"] * 2
    assert said(one)[0]["parts"][0]["content"] == "At last."


def test_under_a_frameworks_call_every_try_is_an_event_once(recording, llm, ask, route):
    with inside_a_frameworks_call("litellm", "openai"), pytest.raises(litellm.RateLimitError):
        ask(llm, route, "[[fail:429:9]]", num_retries=2)

    tries = len(llm.calls)
    assert tries > 1
    assert [event.name for event in recording.one.events] == ["telltale.attempt.failed"] * tries


def test_an_answer_is_what_it_would_be_without_us(recording, llm, stream):
    traced = by_hand(llm, "openai", "Hello", stream)
    telltale.litellm.autolog(disable=True)
    telltale.openai.autolog(disable=True)
    plain = by_hand(llm, "openai", "Hello", stream)

    assert type(traced) is type(plain)
    if not stream:
        assert traced.choices[0].message == plain.choices[0].message


def test_a_stream_that_is_left_ends_its_span(recording, llm):
    model, path, _ = ROUTES["anthropic"]
    stream = litellm.completion(
        model,
        [{"role": "user", "content": "[[say:Never to be heard to its end.]]"}],
        api_base=f"{llm.url}{path}",
        api_key=KEY,
        stream=True,
    )
    next(stream)
    del stream
    # LiteLLM's own log holds on to it for a moment.
    wait_until(lambda: gc.collect() >= 0 and recording.spans)

    assert recording.one.attributes["gen_ai.request.model"] == model


def test_embeddings_are_one_span(recording, llm):
    asked = {"model": "openai/text-embedding-3-small", "input": ["Tokyo", "Kyoto"]}
    litellm.embedding(**asked, api_base=llm.base_url, api_key=KEY)

    one = recording.one
    assert (one.attributes["telltale.kind"], one.attributes["telltale.outputs"]) == (
        "embedding",
        '{"vectors":2}',
    )
    assert one.attributes["gen_ai.usage.input_tokens"] == llm.calls[0].input_tokens


def test_no_key_is_written_down(recording, llm, route):
    with pytest.raises(litellm.BadRequestError):
        by_hand(llm, route, f"[[fail:400:9]] it was GET {llm.url}/x?key={KEY} that failed")

    written = b"".join(path.read_bytes() for path in recording.files)
    assert KEY.encode() not in written
