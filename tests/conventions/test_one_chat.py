"""A call of a model reads the same, whoever wrote it down."""

import pytest
from one_chat import ONE_CHAT

from telltale.conventions.normalise import normalise
from telltale.nouns.message import Message, Text, ToolCall
from telltale.nouns.span import Kind, Span
from telltale.nouns.usage import Usage


@pytest.mark.parametrize("spelling", ONE_CHAT)
def test_one_chat_reads_the_same_in_every_dialect(spelling: str) -> None:
    dialect, written = ONE_CHAT[spelling]

    assert normalise(written) == Span(
        dialect=dialect,
        kind=Kind.LLM,
        name="→ search(…)",
        label="hotel Tokyo",
        model="gpt-5-2026-05-01",
        requested_model="gpt-5",
        provider="openai",
        usage=Usage(input_tokens=12, output_tokens=3, cache_read_tokens=8),
        input_messages=(Message("user", (Text("A hotel in Tokyo?"),)),),
        output_messages=(
            Message("assistant", (ToolCall("search", {"q": "hotel Tokyo"}, "call_1"),)),
        ),
        session="trip-7",
        user="ada",
    )
