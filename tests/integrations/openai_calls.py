"""Calls of the openai client, sync and async alike, and what they leave behind."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import openai
from provider_calls import said as said  # Asked of these calls, too.

import telltale
from telltale.demo.scripted_llm import Call, ScriptedLLM
from telltale.nouns.span import RawSpan

MODEL = "gpt-4.1-mini"
SNAPSHOT = "gpt-4.1-mini-2025-04-14"
CLOCK = {
    "type": "function",
    "function": {"name": "clock", "parameters": {"type": "object", "properties": {}}},
}


def messages(prompt: str) -> list[dict[str, str]]:
    """A conversation of one sentence."""
    return [{"role": "user", "content": prompt}]


def ask(client: openai.OpenAI, prompt: str, **options: Any) -> Any:
    """One chat completion."""
    return client.chat.completions.create(model=MODEL, messages=messages(prompt), **options)


def run_async(llm: ScriptedLLM, work: Callable[[openai.AsyncOpenAI], Any]) -> Any:
    """Run a coroutine function with an async client."""

    async def main() -> Any:
        async with openai.AsyncOpenAI(base_url=llm.base_url, api_key="scripted") as client:
            return await work(client)

    return asyncio.run(main())


@contextmanager
def autologged() -> Iterator[None]:
    """Inside, all calls of the client are traced."""
    telltale.openai.autolog()
    try:
        yield
    finally:
        telltale.openai.autolog(disable=True)


def tokens(span: RawSpan) -> tuple[int, int, int]:
    """Input, cached and output tokens, as recorded."""
    usage = span.attributes
    return (
        usage["gen_ai.usage.input_tokens"],
        usage["gen_ai.usage.cache_read.input_tokens"],
        usage["gen_ai.usage.output_tokens"],
    )


def counted(call: Call) -> tuple[int, int, int]:
    """The same, as the server counted them."""
    return call.input_tokens, call.cached_tokens, call.output_tokens


def logged(llm: ScriptedLLM) -> list[tuple[int, int, int]]:
    """Those of the calls that succeeded."""
    return [counted(call) for call in llm.calls if call.status == 200]
