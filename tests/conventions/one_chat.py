"""One call of a model as programs of each dialect write it."""

import json
from typing import Any

from span_samples import call, messages, raw, said, text

from telltale.nouns.span import RawEvent, RawSpan

_CALL = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "search", "arguments": '{"q": "hotel Tokyo"}'},
}
_OI_CALL = "llm.output_messages.0.message.tool_calls.0.tool_call"


def _whole(message: dict[str, Any]) -> dict[str, str]:
    """An event's attributes as Azure's clients write them."""
    return {"gen_ai.system": "az.ai.inference", "gen_ai.event.content": json.dumps(message)}


CHAT = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-5",
    "gen_ai.response.model": "gpt-5-2026-05-01",
    "gen_ai.usage.input_tokens": 12,
    "gen_ai.usage.output_tokens": 3,
    "gen_ai.usage.cache_read.input_tokens": 8,
    "gen_ai.conversation.id": "trip-7",
    "user.id": "ada",
    "gen_ai.input.messages": messages(said("user", text("A hotel in Tokyo?"))),
    "gen_ai.output.messages": messages(said("assistant", call("search", {"q": "hotel Tokyo"}))),
}
_OLD_SPELLINGS = {
    "gen_ai.system": "openai",
    "gen_ai.request.model": "gpt-5",
    "gen_ai.response.model": "gpt-5-2026-05-01",
    "gen_ai.usage.prompt_tokens": "12",
    "gen_ai.usage.completion_tokens": 3.0,
    "gen_ai.usage.cache_read_input_tokens": 8,
    "session.id": "trip-7",
    "enduser.id": "ada",
    "gen_ai.prompt": json.dumps([{"role": "user", "content": "A hotel in Tokyo?"}]),
    "gen_ai.completion": json.dumps(
        [{"role": "assistant", "content": None, "tool_calls": [_CALL]}]
    ),
}
_OPENINFERENCE = {
    "openinference.span.kind": "LLM",
    "llm.system": "openai",
    "llm.model_name": "gpt-5-2026-05-01",
    "llm.invocation_parameters": '{"model": "gpt-5", "temperature": 0.2}',
    "llm.token_count.prompt": 12,
    "llm.token_count.completion": 3,
    "llm.token_count.total": 15,
    "llm.token_count.prompt_details.cache_read": 8,
    "llm.token_count.completion_details.reasoning": 0,
    "llm.input_messages.0.message.role": "user",
    "llm.input_messages.0.message.content": "A hotel in Tokyo?",
    "llm.output_messages.0.message.role": "assistant",
    f"{_OI_CALL}.id": "call_1",
    f"{_OI_CALL}.function.name": "search",
    f"{_OI_CALL}.function.arguments": '{"q": "hotel Tokyo"}',
    "input.value": '{"messages": [{"role": "user", "content": "A hotel in Tokyo?"}]}',
    "input.mime_type": "application/json",
    "output.value": '{"id": "chatcmpl-1", "choices": []}',
    "output.mime_type": "application/json",
    "session.id": "trip-7",
    "user.id": "ada",
}
_AROUND = {
    "traceloop.workflow.name": "trip",
    "traceloop.association.properties.session_id": "trip-7",
    "traceloop.association.properties.user_id": "ada",
}
_OPENLLMETRY = _AROUND | {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-5",
    "gen_ai.response.model": "gpt-5-2026-05-01",
    "gen_ai.is_streaming": False,
    "gen_ai.usage.input_tokens": 12,
    "gen_ai.usage.output_tokens": 3,
    "gen_ai.usage.total_tokens": 15,
    "gen_ai.usage.cache_read.input_tokens": 8,
    "gen_ai.usage.reasoning_tokens": 0,
    "gen_ai.input.messages": CHAT["gen_ai.input.messages"],
    "gen_ai.output.messages": CHAT["gen_ai.output.messages"],
}
_OPENLLMETRY_OLDER = _AROUND | {
    "llm.request.type": "chat",
    "llm.is_streaming": False,
    "gen_ai.system": "openai",
    "gen_ai.request.model": "gpt-5",
    "gen_ai.response.model": "gpt-5-2026-05-01",
    "gen_ai.usage.prompt_tokens": 12,
    "llm.usage.total_tokens": 15,
    "gen_ai.usage.cache_read_input_tokens": 8,
    "gen_ai.prompt.0.role": "user",
    "gen_ai.prompt.0.content": "A hotel in Tokyo?",
    "gen_ai.completion.0.role": "assistant",
    "gen_ai.completion.0.tool_calls.0.id": "call_1",
    "gen_ai.completion.0.tool_calls.0.name": "search",
    "gen_ai.completion.0.tool_calls.0.arguments": '{"q": "hotel Tokyo"}',
}
ONE_CHAT: dict[str, tuple[str, RawSpan]] = {
    "ours": (
        "telltale",
        raw({**CHAT, "telltale.kind": "llm"}, name="→ search(…)", scope="telltale"),
    ),
    "genai": ("genai", raw(CHAT)),
    "genai, older spellings": ("genai", raw(_OLD_SPELLINGS)),
    "genai, on events": (
        "genai",
        raw(
            {k: v for k, v in CHAT.items() if not k.endswith(".messages")},
            events=(
                RawEvent("gen_ai.user.message", 1, {"content": "A hotel in Tokyo?"}),
                RawEvent(
                    "gen_ai.choice",
                    2,
                    {
                        "index": 0,
                        "message": json.dumps({"role": "assistant", "tool_calls": [_CALL]}),
                    },
                ),
            ),
        ),
    ),
    "genai, on Azure's events": (
        "genai",
        raw(
            {k: v for k, v in CHAT.items() if not k.endswith(".messages")},
            events=(
                RawEvent("gen_ai.user.message", 1, _whole({"content": "A hotel in Tokyo?"})),
                RawEvent(
                    "gen_ai.choice", 2, _whole({"index": 0, "message": {"tool_calls": [_CALL]}})
                ),
            ),
        ),
    ),
    "openinference": ("openinference", raw(_OPENINFERENCE, name="ChatCompletion")),
    "openllmetry": ("openllmetry", raw(_OPENLLMETRY, name="openai.chat")),
    "openllmetry, older": ("openllmetry", raw(_OPENLLMETRY_OLDER, name="openai.chat")),
}
"""Dialect and span, by the name of the spelling."""
