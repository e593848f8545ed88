"""How many tokens a text has: an estimate that is the same everywhere, on every run.

A Chinese, Japanese or Korean character is one token, four other characters are one; near
enough to what providers bill for the demo's figures to look right, without a tokenizer.
"""

import math
import re

import msgspec

from telltale.demo.scripted_llm.request import ChatRequest, Message

CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uff00-\uffef\u3000-\u303f]")
PER_MESSAGE = 4
"""Role and delimiters; the figure that OpenAI's cookbook uses is 3 to 4."""
CACHE_STEP = 128
"""OpenAI caches prefixes in steps of 128 tokens (from 1024 on; here from the first step, so
that a short conversation shows it)."""


def count(text: str) -> int:
    """Tokens of a text; 0 only for the empty one."""
    wide = len(CJK.findall(text))
    return wide + math.ceil((len(text) - wide) / 4)


def prompt_tokens(request: ChatRequest) -> int:
    """Tokens of the whole request: messages and tools."""
    return _tokens(request, request.messages)


def cached_tokens(request: ChatRequest) -> int:
    """Tokens of the prefix that an earlier request of this conversation had sent already.

    Whatever stands before the last assistant message was the request which that message
    answered: so the cache needs no memory, and the figure depends on the request alone.
    """
    answered = [n for n, message in enumerate(request.messages) if message.role == "assistant"]
    if not answered:
        return 0
    return in_cache_steps(_tokens(request, request.messages[: answered[-1]]))


def in_cache_steps(tokens: int) -> int:
    """How many of so many a cache takes."""
    return tokens - tokens % CACHE_STEP


def _tokens(request: ChatRequest, messages: list[Message]) -> int:
    total = sum(PER_MESSAGE + count(message.text) + _call_tokens(message) for message in messages)
    if request.tools:
        total += count(msgspec.json.encode(request.tools).decode())
    return total


def _call_tokens(message: Message) -> int:
    calls = message.tool_calls or []
    return sum(count(call.function.name) + count(call.function.arguments) for call in calls)
