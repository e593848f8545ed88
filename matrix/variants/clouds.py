"""Gemini and Azure, by their own clients."""

import asyncio
import os
from typing import Any

import pydantic
from crewai import LLM, Crew

import telltale
from matrix.variants.parts import clerk, job, method_of, taken_from, understands
from matrix.variants.tools import add

LONG = "So it goes, as it always went. " * 30
"""Enough words for a cache to take them."""
SCRIPT = f'{LONG} Add. [[call:add {{"a": 2, "b": 3}}]] [[say:It is 5.]]'


class Form(pydantic.BaseModel):
    """What is to be filled in."""

    words: str
    number: int


def address() -> str:
    """Where the server stands that plays every provider."""
    return os.environ["OPENAI_BASE_URL"].removesuffix("/v1")


def asked(llm: Any, script: str = SCRIPT, **options: Any) -> Any:
    """A crew of one, with a tool, by this model."""
    agent = clerk(llm=llm, tools=[add])
    return Crew(name="routed", agents=[agent], tasks=[job(script, agent, **options)]).kickoff()


def awaited(*models: Any) -> Any:
    """Models that are asked by coroutines, at once."""
    asked_for = [{"role": "user", "content": f"[[fail:429:1]] {LONG} [[say:It is 5.]]"}]

    async def ask() -> list[Any]:
        return await asyncio.gather(*(method_of(one, "acall")(asked_for) for one in models))

    with telltale.start_span("awaited"):
        return asyncio.run(ask())


def gemini(name: str = "gemini-2.5-flash", **options: Any) -> LLM:
    """Gemini, whose client has no patience unless it is told so.

    Raises:
        Lacking: If this version, or its environment, has not the client.
    """
    taken_from("crewai.llms.providers.gemini.completion", "GeminiCompletion")
    patience = {"attempts": 3, "initial_delay": 0.01, "max_delay": 0.02, "jitter": 0.001}
    http = {"base_url": address(), "retry_options": patience}
    return LLM(
        model=f"gemini/{name}",
        api_key="scripted-google-key",
        client_params={"http_options": http},
        **options,
    )


def azure(**options: Any) -> LLM:
    """Azure, whose client tries again by itself when it is told when.

    Raises:
        Lacking: If this version, or its environment, has not the client.
    """
    taken_from("crewai.llms.providers.azure.completion", "AzureCompletion")
    return LLM(
        model="azure/gpt-4o-mini",
        api_key="scripted-azure-key",
        endpoint=f"{address()}/openai/deployments/gpt-4o-mini",
        **options,
    )


def gemini_uses_a_tool() -> Any:
    """A model that gives its calls no ids, and thinks."""
    return asked(gemini(), f"{SCRIPT} [[think:Two and three.]]")


def gemini_names_its_calls() -> Any:
    """A model that gives them ids."""
    return asked(gemini("gemini-3-pro-preview"))


def gemini_streams() -> Any:
    """The same, its words one after another."""
    return asked(gemini(stream=True), f"{SCRIPT} [[think:Two and three.]]")


def gemini_is_busy_twice() -> Any:
    """429 twice, each time it is asked; the client tries again by itself."""
    return asked(gemini(), f"[[fail:429:2]] {SCRIPT}")


def gemini_breaks_off() -> Any:
    """A stream that ends in the middle of a word."""
    return asked(gemini(stream=True), f"[[cut:2]] {LONG} [[say:Never to be heard to its end.]]")


def gemini_is_awaited() -> Any:
    """Two calls at once, one of them streamed, without a crew."""
    return awaited(gemini(), gemini(stream=True))


def gemini_fills_in_a_form() -> Any:
    """An answer of a given shape."""
    return asked(gemini(), "Sum up. [[say:A greeting.]]", output_pydantic=Form)


def gemini_fails() -> Any:
    """Nothing but errors."""
    return asked(gemini(), "Fail. [[fail:500:99]]")


def azure_uses_a_tool() -> Any:
    """A deployment that calls one."""
    return asked(azure(), f"{SCRIPT} [[think:Two and three.]]")


def azure_streams() -> Any:
    """The same, its words one after another."""
    return asked(azure(stream=True))


def azure_is_busy_twice() -> Any:
    """429 twice, each time it is asked; the client tries again after a second."""
    return asked(azure(), "[[fail:429:2]] Wait. [[say:Done.]]")


def azure_breaks_off() -> Any:
    """A stream that ends in the middle of a word."""
    return asked(azure(stream=True), f"[[cut:4]] {LONG} [[say:Never to be heard to its end.]]")


def azure_is_awaited() -> Any:
    """Two calls at once, one of them streamed, without a crew."""
    return awaited(azure(), azure(stream=True))


def azure_fills_in_a_form() -> Any:
    """An answer of a given shape."""
    return asked(azure(), "Sum up. [[say:A greeting.]]", output_pydantic=Form)


def azure_responds() -> Any:
    """OpenAI's newer way, which Azure's own client does not know."""
    kind = taken_from("crewai.llms.providers.azure.completion", "AzureCompletion")
    understands(kind, "api")
    llm = LLM(
        model="azure/gpt-5", api="responses", api_key="scripted-azure-key", endpoint=address()
    )
    return asked(llm, f"{SCRIPT} [[think:Two and three.]]")


def azure_fails() -> Any:
    """What no patience helps against."""
    return asked(azure(), "Fail. [[fail:401:99]]")


VARIANTS = (
    gemini_uses_a_tool, gemini_names_its_calls, gemini_streams, gemini_is_busy_twice,
    gemini_breaks_off, gemini_is_awaited, gemini_fills_in_a_form, gemini_fails,
    azure_uses_a_tool, azure_streams, azure_is_busy_twice, azure_breaks_off, azure_is_awaited,
    azure_fills_in_a_form, azure_responds, azure_fails,
)  # fmt: skip
