"""The scripted chat, seen through OpenAI's own client."""

import json

import openai
import pytest

from telltale.demo.texts import TEXTS

SEARCH = {
    "type": "function",
    "function": {
        "name": "search_site",
        "description": "Search a website.",
        "parameters": {
            "type": "object",
            "properties": {"search_query": {"type": "string"}, "website": {"type": "string"}},
            "required": ["search_query", "website"],
        },
    },
}
CLOCK = {"type": "function", "function": {"name": "clock", "parameters": {"type": "object"}}}


def ask(client, prompt, **options):
    messages = prompt if isinstance(prompt, list) else [{"role": "user", "content": prompt}]
    return client.chat.completions.create(model="gpt-4.1-mini", messages=messages, **options)


def task(lang, number=0):
    description = TEXTS[lang].tasks[number].description
    return description.format(site="http://127.0.0.1:1")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_stranger_is_answered_in_his_language_and_twice_the_same(client, lang):
    prompt = {"en": "What is a span?", "zh": "什么是跨度？"}[lang]

    first, second = ask(client, prompt), ask(client, prompt)

    assert first == second
    assert prompt in first.choices[0].message.content
    assert first.choices[0].finish_reason == "stop"


def test_the_answer_names_the_dated_model(client):
    assert ask(client, "Hello").model == "gpt-4.1-mini-2025-04-14"


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("number", [0, 1])
def test_the_agent_reads_the_address_of_its_task_and_then_answers(client, lang, number):
    asked = [{"role": "user", "content": task(lang, number)}]
    search = ask(client, asked, tools=[SEARCH])
    call = search.choices[0].message.tool_calls[0]
    asked.append(search.choices[0].message.model_dump(exclude_none=True))
    asked.append({"role": "tool", "tool_call_id": call.id, "content": "Relevant Content: …"})

    answer = ask(client, asked, tools=[SEARCH])

    text = TEXTS[lang]
    assert search.choices[0].finish_reason == "tool_calls"
    assert json.loads(call.function.arguments) == {
        "search_query": text.scenes[number].search_query,
        "website": f"http://127.0.0.1:1{text.pages[number].path}",
    }
    assert answer.choices[0].message.content == text.scenes[number].answer


def test_what_an_earlier_turn_sent_is_counted_as_cached_input(client):
    opening = {"role": "user", "content": task("en") * 6}
    turn = [{"role": "assistant", "content": "Tokyo."}, {"role": "user", "content": "Why?"}]

    first = ask(client, [opening]).usage
    again = ask(client, [opening, *turn]).usage

    assert first.prompt_tokens_details.cached_tokens == 0
    # OpenAI caches in steps of 128 tokens.
    assert again.prompt_tokens_details.cached_tokens == first.prompt_tokens // 128 * 128 > 0
    assert again.prompt_tokens > first.prompt_tokens


@pytest.mark.parametrize(
    ("text", "tokens"), [("", 0), ("abcd", 1), ("abcde", 2), ("东京", 2), ("东京 ab", 3)]
)
def test_four_letters_are_a_token_and_so_is_one_chinese_character(client, text, tokens):
    usage = ask(client, f"[[say:{text}]]").usage

    assert usage.completion_tokens == tokens
    assert usage.total_tokens == usage.prompt_tokens + tokens


@pytest.mark.parametrize(
    "prompt",
    ["Tell me of 东京.", task("en"), task("zh"), "[[call:search_site {} clock {}]]", "[[say:]]"],
)
def test_a_stream_says_and_costs_what_the_whole_answer_does(client, prompt):
    whole = ask(client, prompt, tools=[SEARCH, CLOCK])
    with client.chat.completions.stream(
        model="gpt-4.1-mini",
        messages=[{"role": "user", "content": prompt}],
        tools=[SEARCH, CLOCK],
        stream_options={"include_usage": True},
    ) as stream:
        streamed = stream.get_final_completion()

    mine, theirs = streamed.choices[0], whole.choices[0]
    assert (mine.message.content or "") == (theirs.message.content or "")
    assert mine.finish_reason == theirs.finish_reason
    assert called(mine.message) == called(theirs.message)
    assert streamed.usage == whole.usage
    assert streamed.model == whole.model


def called(message):
    return [
        (call.id, call.function.name, call.function.arguments) for call in message.tool_calls or ()
    ]


def test_a_stream_has_usage_only_where_it_is_asked_for(client):
    plain = list(ask(client, "Hi", stream=True))
    counted = list(ask(client, "Hi", stream=True, stream_options={"include_usage": True}))

    assert [chunk.usage for chunk in plain] == [None] * len(plain)
    assert counted[-1].choices == []
    assert counted[-1].usage.total_tokens == ask(client, "Hi").usage.total_tokens


def test_say_and_call_markers_are_the_agents_turns_in_order(client):
    prompt = '[[call:clock {"zone": "Asia/Tokyo"}]] then [[call:clock clock {}]] [[say:Noon.]]'
    asked = [{"role": "user", "content": prompt}]
    seen = []
    for _ in range(3):
        message = ask(client, asked, tools=[CLOCK]).choices[0].message
        seen.append(
            [call.function.arguments for call in message.tool_calls or ()] or message.content
        )
        asked.append(message.model_dump(exclude_none=True))
        asked += [
            {"role": "tool", "tool_call_id": call.id, "content": "12:00"}
            for call in message.tool_calls or ()
        ]

    assert [json.loads(turn[0]) for turn in seen[:2]] == [{"zone": "Asia/Tokyo"}, {}]
    assert len(seen[1]) == 2
    assert seen[2] == "Noon."
    ids = [call["id"] for message in asked for call in message.get("tool_calls", ())]
    assert len(set(ids)) == len(ids) == 3


@pytest.mark.parametrize(
    "choice", ["required", {"type": "function", "function": {"name": "search_site"}}]
)
def test_a_forced_tool_is_called(client, choice):
    message = ask(client, "Hello", tools=[SEARCH], tool_choice=choice).choices[0].message

    assert set(json.loads(message.tool_calls[0].function.arguments)) == {"search_query", "website"}


def test_no_tool_is_called_where_none_may_be(client):
    message = ask(client, task("en"), tools=[SEARCH], tool_choice="none").choices[0].message

    assert message.tool_calls is None


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tools": [{"type": "function"}]}, "$.tools[0]"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "pope", "content": "x"}]}, "$.messages[0].role"),
        ({"model": 4}, "$.model"),
    ],
)
def test_a_bad_request_is_refused_in_openais_shape(client, options, words):
    with pytest.raises(openai.BadRequestError) as refused:
        ask(client, "Hello", extra_body=options)

    assert refused.value.type == "invalid_request_error"
    assert words in refused.value.body["message"]


REACT = """You have these tools:
Tool Name: search_site
Use this format:
Thought: …
Action: one of [search_site]
Action Input: a JSON object
or, to end:
Final Answer: …
[[call:search_site {"q": "x"}]] [[say:Tokyo]]"""


def test_who_is_told_of_tools_in_words_answers_in_words(client):
    asked = [{"role": "user", "content": REACT}]
    action = ask(client, asked).choices[0].message
    asked += [{"role": "assistant", "content": f"{action.content}\nObservation: found"}]
    answer = ask(client, asked).choices[0].message

    assert (action.tool_calls, answer.tool_calls) == (None, None)
    assert 'Action: search_site\nAction Input: {"q": "x"}' in action.content
    assert answer.content.endswith("Final Answer: Tokyo")
