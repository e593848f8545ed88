"""OpenAI's Responses, Anthropic and Bedrock, by their own clients."""

import asyncio
import os
from typing import Any

from crewai import LLM

from matrix.variants.clouds import LONG, SCRIPT, Form, address, asked
from matrix.variants.parts import MODEL, crew, method_of, taken_from, understands

THINKING = f"{SCRIPT} [[think:Two and three.]]"
BUSY = f"[[fail:429:2]] {SCRIPT}"
WORDS = f"{LONG} [[say:It is 5.]]"
SUMMARY = "Sum up. [[say:A greeting.]]"
BREAKS_OFF = f"[[cut:5]] {LONG} [[say:Never to be heard to its end.]]"
CLAUDE = "anthropic.claude-sonnet-4-5-20250929-v1:0"


def responses(**options: Any) -> LLM:
    """OpenAI, asked in its newer way.

    Raises:
        Lacking: If this version knows only the older one.
    """
    understands(taken_from("crewai.llms.providers.openai.completion", "OpenAICompletion"), "api")
    return LLM(model=MODEL, api="responses", **options)


def anthropic(**options: Any) -> LLM:
    """Anthropic.

    Raises:
        Lacking: If this version, or its environment, has not the client.
    """
    taken_from("crewai.llms.providers.anthropic.completion", "AnthropicCompletion")
    # Older versions look for it nowhere else.
    os.environ["ANTHROPIC_API_KEY"] = "scripted-anthropic-key"
    return LLM(
        model="anthropic/claude-sonnet-4-5",
        api_key="scripted-anthropic-key",
        base_url=address(),
        **options,
    )


def bedrock(**options: Any) -> LLM:
    """Bedrock, whose address and keys are found as Amazon's clients find them.

    Raises:
        Lacking: If this version, or its environment, has not the client.
    """
    taken_from("crewai.llms.providers.bedrock.completion", "BedrockCompletion")
    os.environ["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"] = address()
    os.environ["AWS_ACCESS_KEY_ID"] = "AKIASCRIPTED"
    os.environ["AWS_SECRET_ACCESS_KEY"] = "scripted-amazon-key"
    return LLM(model=f"bedrock/{CLAUDE}", **options)


def responses_use_a_tool() -> Any:
    """Items in place of messages, a thought among them."""
    return asked(responses(), THINKING)


def responses_stream() -> Any:
    """Words one after another."""
    return asked(responses(stream=True), WORDS)


def responses_lose_a_call() -> Any:
    """A tool's call in a stream, of which crewAI makes nothing: the run ends so."""
    return asked(responses(stream=True))


def responses_are_busy_twice() -> Any:
    """429 twice, each time they are asked for; the client tries again by itself."""
    return asked(responses(), BUSY)


def responses_break_off() -> Any:
    """A stream that ends in the middle of a word."""
    return asked(responses(stream=True), BREAKS_OFF)


def responses_fill_in_a_form() -> Any:
    """An answer of a given shape."""
    return asked(responses(), SUMMARY, output_pydantic=Form)


def responses_fail() -> Any:
    """Nothing but errors."""
    return asked(responses(), "Fail. [[fail:500:99]]")


def anthropic_uses_a_tool() -> Any:
    """Content in blocks, a thought among them; the cache is counted beside the input."""
    return asked(anthropic(), THINKING)


def anthropic_streams() -> Any:
    """The same by the client's helper for streams."""
    return asked(anthropic(stream=True), THINKING)


def anthropic_is_awaited() -> Any:
    """By the asynchronous client, where crewAI has one for it."""
    small = crew("Greet. [[say:Hello.]]", name="awaited")
    small.agents[0].llm = anthropic()
    return asyncio.run(method_of(small, "akickoff")())


def anthropic_is_busy_twice() -> Any:
    """429 twice, each time it is asked; the client tries again by itself."""
    return asked(anthropic(), BUSY)


def anthropic_is_overloaded() -> Any:
    """Its own word for it, 529, before a stream."""
    return asked(anthropic(stream=True), f"[[fail:529:1]] {WORDS}")


def anthropic_breaks_off() -> Any:
    """A stream that ends in the middle of a word."""
    return asked(anthropic(stream=True), BREAKS_OFF)


def anthropic_fills_in_a_form() -> Any:
    """An answer of a given shape, by what the client calls beta."""
    return asked(anthropic(), SUMMARY, output_pydantic=Form)


def anthropic_fails() -> Any:
    """What no patience helps against."""
    return asked(anthropic(), "Fail. [[fail:401:99]]")


def bedrock_uses_a_tool() -> Any:
    """Converse; the cache is counted beside the input."""
    return asked(bedrock(), THINKING)


def bedrock_streams() -> Any:
    """Amazon's binary frames."""
    return asked(bedrock(stream=True), f"{WORDS} [[think:Two and three.]]")


def bedrock_loses_a_call() -> Any:
    """A tool's call in a stream, of which crewAI makes nothing: it answers with an apology."""
    return asked(bedrock(stream=True))


def bedrock_is_busy_twice() -> Any:
    """Throttled twice, and then slowed down by its client."""
    return asked(bedrock(), "[[fail:429:2]] Wait. [[say:Done.]]")


def bedrock_breaks_off() -> Any:
    """A stream that ends in the middle of a word."""
    return asked(bedrock(stream=True), BREAKS_OFF)


def bedrock_fills_in_a_form() -> Any:
    """An answer of a given shape, as the call of a tool that there is not."""
    return asked(bedrock(), SUMMARY, output_pydantic=Form)


def bedrock_fails() -> Any:
    """What no patience helps against."""
    return asked(bedrock(), "Fail. [[fail:403:99]]")


VARIANTS = (
    responses_use_a_tool, responses_stream, responses_lose_a_call, responses_are_busy_twice,
    responses_break_off, responses_fill_in_a_form, responses_fail, anthropic_uses_a_tool,
    anthropic_streams, anthropic_is_awaited, anthropic_is_busy_twice, anthropic_is_overloaded,
    anthropic_breaks_off, anthropic_fills_in_a_form, anthropic_fails, bedrock_uses_a_tool,
    bedrock_streams, bedrock_loses_a_call, bedrock_is_busy_twice, bedrock_breaks_off,
    bedrock_fills_in_a_form, bedrock_fails,
)  # fmt: skip
