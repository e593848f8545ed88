"""OpenInference's flattened attributes read as what they were before."""

import json
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from span_samples import check_storable, messy, raw, words

from telltale.conventions.normalise import normalise
from telltale.nouns.message import Message, Other, Reasoning, Text, ToolCall, ToolResult
from telltale.nouns.span import Kind, RawEvent, Span, Status
from telltale.nouns.usage import Usage


def read(kind: str | None = None, /, fields: dict | None = None, **attributes) -> Span:
    """The reading of a span of that kind; a double underscore stands for a dot."""
    told = {key.replace("__", "."): value for key, value in attributes.items()}
    said = {"openinference.span.kind": kind} if kind else {}
    return normalise(raw(said | told, **{"name": "step", **(fields or {})}))


def conversation(*messages: dict) -> dict:
    """Input messages, each given by its fields below `message`."""
    return {
        f"llm.input_messages.{number}.message.{field}": value
        for number, message in enumerate(messages)
        for field, value in message.items()
    }


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("LLM", Kind.LLM),
        ("llm", Kind.LLM),
        ("EMBEDDING", Kind.EMBEDDING),
        ("CHAIN", Kind.CHAIN),
        ("RETRIEVER", Kind.RETRIEVER),
        ("RERANKER", Kind.RERANKER),
        ("TOOL", Kind.TOOL),
        ("AGENT", Kind.AGENT),
        ("GUARDRAIL", Kind.GUARDRAIL),
        ("EVALUATOR", Kind.EVALUATOR),
        ("PROMPT", Kind.CHAIN),
        ("DECISION", Kind.LLM),
        ("UNKNOWN", Kind.UNKNOWN),
        ("SOMETHING_NEW", Kind.UNKNOWN),
    ],
)
def test_the_kind_is_what_was_said(said, kind) -> None:
    assert (read(said).kind, read(said).dialect) == (kind, "openinference")


def test_a_span_without_a_kind_is_known_by_what_only_openinference_writes() -> None:
    asked = conversation({"role": "user", "content": "Hi"})

    assert normalise(raw(asked)).dialect == "openinference"
    assert normalise(raw({}, scope="openinference.instrumentation.x")).kind is Kind.UNKNOWN
    assert normalise(raw({"llm.model_name": "a model"})).dialect == "otel"


def test_every_part_of_a_conversation_is_read() -> None:
    contents = "contents.{}.message_content.{}".format
    call = "tool_calls.{}.tool_call.{}".format
    asked = conversation(
        {"role": "system", "content": "Be brief."},
        {
            "role": "user",
            contents(0, "type"): "text",
            contents(0, "text"): "What is this?",
            contents(1, "type"): "image",
            contents(1, "image.image.url"): "https://x/cat.png",
        },
        {
            "role": "assistant",
            contents(0, "type"): "reasoning",
            contents(0, "text"): "A cat?",
            call(0, "id"): "call_1",
            call(0, "function.name"): "look",
            call(0, "function.arguments"): '{"at": "tail"}',
            call(1, "function.name"): "listen",
        },
        {"role": "tool", "tool_call_id": "call_1", "content": "furry"},
        {
            "role": "assistant",
            "function_call_name": "look",
            "function_call_arguments_json": "{}",
        },
        {"role": "user", "name": "ada", "content": "12"},
    )

    assert normalise(raw(asked)).input_messages == (
        Message("system", (Text("Be brief."),)),
        Message(
            "user",
            (
                Text("What is this?"),
                Other({"type": "image", "image": {"url": "https://x/cat.png"}}),
            ),
        ),
        Message(
            "assistant",
            (
                Reasoning("A cat?"),
                ToolCall("look", {"at": "tail"}, "call_1"),
                ToolCall("listen"),
            ),
        ),
        Message("tool", (ToolResult("furry", "call_1"),)),
        Message("assistant", (ToolCall("look", {}),)),
        Message("user", (Text("12"),), "ada"),
    )


def test_messages_stand_in_the_order_of_their_numbers_with_or_without_holes() -> None:
    said = {f"llm.input_messages.{n}.message.content": f"word {n}" for n in (10, 9, 1, 2)}

    asked = normalise(raw(said)).input_messages
    assert [message.parts for message in asked] == [(Text(f"word {n}"),) for n in (1, 2, 9, 10)]


@pytest.mark.parametrize(
    "whole",
    [
        [{"message": {"role": "user", "content": "Hi"}}],
        [{"message.role": "user", "message.content": "Hi"}],
        '[{"message.role": "user", "message.content": "Hi"}]',
        [
            {
                "message.role": "user",
                "message.contents": [
                    {"message_content.type": "text", "message_content.text": "Hi"}
                ],
            }
        ],
    ],
)
def test_messages_that_were_not_flattened_are_read_too(whole) -> None:
    asked = normalise(raw({"llm.input_messages": whole})).input_messages

    assert asked == (Message("user", (Text("Hi"),)),)


def test_words_beside_their_parts_are_said_once() -> None:
    part = {
        "contents.0.message_content.type": "text",
        "contents.0.message_content.text": "Hi",
    }

    twice = normalise(raw(conversation({"content": "Hi"} | part)))
    both = normalise(raw(conversation({"content": "Ho"} | part)))
    assert twice.input_messages == (Message("user", (Text("Hi"),)),)
    assert both.input_messages == (Message("user", (Text("Ho"), Text("Hi"))),)


def test_an_old_completion_is_a_conversation_of_two() -> None:
    span = read(
        "LLM",
        llm__prompts__0__prompt__text="Once upon",
        llm__choices__0__completion__text="a time",
        llm__finish_reason="length",
    )

    assert span.input_messages == (Message("user", (Text("Once upon"),)),)
    assert span.output_messages == (
        Message("assistant", (Text("a time"),), finish_reason="length"),
    )
    assert span.name == "→ cut short"


def test_input_and_output_speak_where_no_messages_do() -> None:
    bare = read(
        "LLM",
        input__value="Once upon",
        output__value="[1] a time",
        output__mime_type="text/plain",
    )
    told = read("LLM", input__value="{}", **{"llm.input_messages.0.message.content": "Hi"})

    assert (bare.inputs, bare.outputs, bare.label) == ("Once upon", "[1] a time", "[1] a time")
    assert (told.inputs, told.name) == (None, "step")


@pytest.mark.parametrize(
    ("value", "mime_type", "label"),
    [
        ('{"city": "東京", "days": 3}', "application/json", "東京, 3"),
        ('{"city": "東京", "days": 3}', "text/plain", '{"city": "東京", "days": 3}'),
        ('"words"', "application/json", "words"),
        ("plain\nwords", None, "plain words"),
    ],
)
def test_the_label_of_a_step_is_made_of_its_input(value, mime_type, label) -> None:
    span = read("CHAIN", input__value=value, input__mime_type=mime_type)

    assert (span.inputs, span.label) == (value, label)


def test_models_are_those_asked_for_and_answering() -> None:
    named = read(
        "LLM",
        llm__request__model_name="gpt-5",
        llm__response__model_name="gpt-5-2026",
        llm__model_name="gpt-5-2026",
    )
    failed = read("LLM", llm__invocation_parameters='{"model": "gpt-5"}')
    silent = read("LLM", llm__model_name="gpt-5", llm__invocation_parameters="[}")

    assert (named.model, named.requested_model) == ("gpt-5-2026", "gpt-5")
    assert (failed.model, failed.requested_model) == ("gpt-5", "gpt-5")
    assert (silent.model, silent.requested_model) == ("gpt-5", None)


def test_who_serves_the_model_comes_before_whose_it_is() -> None:
    assert read("LLM", llm__provider="azure", llm__system="openai").provider == "azure"
    assert read("LLM", llm__system="anthropic").provider == "anthropic"


@pytest.mark.parametrize(
    ("reported", "usage"),
    [
        ({}, None),
        ({"total": 9}, None),
        ({"prompt": 4, "total": 4}, Usage(4)),
        ({"completion": 3, "total": 9}, Usage(6, 3)),
        ({"prompt": 9, "total": 4}, Usage(9)),
        ({"prompt": 9, "prompt_details.cache_read": 4, "prompt_details.cache_write": 5},
         Usage(9, 0, 4, 5)),
        ({"prompt": 9, "prompt_details.cache_input": 4}, Usage(9, 0, 4)),
        ({"completion": 9, "completion_details.reasoning": 7}, Usage(0, 9, 0, 0, 7)),
        # Counted apart, for the parts exceed their whole.
        ({"prompt": 1, "prompt_details.cache_read": 4}, Usage(5, 0, 4)),
        ({"completion": 1, "completion_details.reasoning": 7}, Usage(0, 8, 0, 0, 7)),
        ({"prompt": 2**63 - 1, "prompt_details.cache_read": 2**63 - 1},
         Usage(2**63 - 1)),
    ],
)  # fmt: skip
def test_cached_tokens_are_part_of_the_input_and_reasoning_of_the_output(reported, usage) -> None:
    counts = {f"llm.token_count.{name}": count for name, count in reported.items()}

    assert read("LLM", **counts).usage == usage


def test_a_retrieval_tells_the_query_and_the_documents_with_their_scores() -> None:
    found = "retrieval__documents__0__document__"
    span = read(
        "RETRIEVER",
        input__value="hotel Tokyo",
        output__value="ignored",
        **{
            f"{found}id": 7,
            f"{found}score": 0.5,
            f"{found}content": "A hotel",
            f"{found}metadata": '{"page": 3}',
            "retrieval.documents.1.document.content": "Another",
        },
    )

    assert (span.inputs, span.label) == ("hotel Tokyo", "hotel Tokyo")
    assert json.loads(span.outputs or "") == [
        {"id": 7, "score": 0.5, "content": "A hotel", "metadata": {"page": 3}},
        {"content": "Another"},
    ]


def test_a_reranker_tells_the_query_and_what_it_put_first() -> None:
    span = read(
        "RERANKER",
        reranker__query="hotel",
        reranker__model_name="rerank-2",
        **{"reranker.output_documents.0.document.content": "A hotel"},
    )

    assert (span.inputs, span.model, span.label) == ("hotel", "rerank-2", "hotel")
    assert span.outputs == '[{"content":"A hotel"}]'


def test_an_embedding_tells_its_texts_and_how_many_vectors_came() -> None:
    text = "embedding.embeddings.{}.embedding.{}".format
    span = read(
        "EMBEDDING",
        embedding__model_name="text-embedding-3-small",
        output__value="[0.1]",
        **{text(0, "text"): "Tokyo", text(1, "text"): "東京"},
        **{text(0, "vector"): (0.1, 0.2), text(1, "vector"): (0.3, 0.4)},
    )

    assert (span.inputs, span.outputs) == ('["Tokyo","東京"]', '{"vectors":2}')
    assert (span.label, span.model) == ("Tokyo, 東京", "text-embedding-3-small")


def test_tools_and_agents_are_named() -> None:
    tool = read("TOOL", tool__name="search", input__value='{"q": "hotel"}', output__value="3")
    function = read("TOOL", fields={"name": "find_hotel"})

    assert (tool.tool, tool.inputs, tool.outputs) == ("search", '{"q": "hotel"}', "3")
    assert (tool.label, function.tool) == ("hotel", "find_hotel")
    assert read("AGENT", agent__name="Guide").agent == "Guide"
    assert read("AGENT", graph__node__id="Local guide").agent == "Local guide"
    assert read("AGENT", graph__node__id="7", graph__node__name="Guide").agent == "Guide"
    assert read("CHAIN", graph__node__id="7").agent is None


def test_a_root_tells_the_tags_of_its_trace_and_no_other_span_does() -> None:
    said = {
        "metadata": '{"env": "prod", "step": 3, "deep": {"a": 1}}',
        "tag.tags": ("travel", "vip"),
        "session.id": "trip-7",
        "user.id": "ada",
    }
    root = read("CHAIN", **said)
    below = read("CHAIN", fields={"parent_id": b"p" * 8}, **said)

    assert root.tags == {"env": "prod", "step": "3", "travel": "true", "vip": "true"}
    assert below.tags == {}
    assert (root.session, root.user) == (below.session, below.user) == ("trip-7", "ada")


def test_a_failure_is_told_by_its_exception() -> None:
    event = RawEvent("exception", 1, {"exception.type": "openai.RateLimitError"})
    span = read(
        "LLM",
        fields={"status": Status.ERROR, "status_message": "429: slow", "events": (event,)},
    )

    assert (span.error_type, span.name, span.label) == (
        "openai.RateLimitError",
        "→ error",
        "429: slow",
    )


NAMES = [
    "llm.input_messages", "llm.output_messages", "llm.prompts", "llm.choices", "message",
    "message.role", "message.content", "message.contents", "message_content.type", "prompt.text",
    "message_content.text", "message_content.image", "image.url", "message.tool_calls", "tool_call",
    "tool_call.id", "tool_call.function.name", "tool_call.function.arguments", "function",
    "message.tool_call_id", "message.function_call_name", "embedding.embeddings", "embedding.text",
    "embedding.vector", "retrieval.documents", "document.content", "document.metadata", "document",
    "reranker.output_documents", "0", "1", "7", "99999999999999999999", "²", "", "-1",
]  # fmt: skip
WHOLE = [
    "llm.model_name", "llm.invocation_parameters", "llm.provider", "llm.system",
    "llm.finish_reason",
    "llm.token_count.prompt", "llm.token_count.completion", "llm.token_count.total",
    "llm.token_count.prompt_details.cache_read", "llm.token_count.prompt_details.cache_write",
    "llm.token_count.completion_details.reasoning", "input.value", "input.mime_type",
    "output.value", "output.mime_type", "tool.name", "agent.name", "graph.node.id", "metadata",
    "tag.tags", "session.id", "user.id", "reranker.query",
]  # fmt: skip
paths = st.lists(st.sampled_from(NAMES), min_size=1, max_size=8).map(".".join)


@settings(max_examples=300, deadline=None)
@given(
    kind=st.sampled_from(["LLM", "EMBEDDING", "RETRIEVER", "RERANKER", "AGENT", "TOOL"]) | messy,
    attributes=st.dictionaries(paths | st.sampled_from(WHOLE) | words, messy, max_size=16),
    name=words,
)
def test_any_attributes_read_as_a_span_and_stay_as_they_were(kind, attributes, name) -> None:
    written = raw(attributes | {"openinference.span.kind": kind}, name=name)
    before = pickle.dumps(written.attributes)

    check_storable(normalise(written))
    assert pickle.dumps(written.attributes) == before
