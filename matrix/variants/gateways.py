"""LiteLLM, and whoever else speaks OpenAI's language."""

import inspect
from typing import Any

from crewai import LLM

from matrix.variants.clouds import LONG, SCRIPT, address, asked, awaited
from matrix.variants.parts import MODEL, Lacking, streams, taken_from


def litellm(model: str, path: str = "", **options: Any) -> LLM:
    """A model by way of LiteLLM, which was the only way before 1.0.

    Raises:
        Lacking: If it is not installed.
    """
    taken_from("litellm", "completion")
    if "is_litellm" in inspect.signature(LLM.__new__).parameters:
        options["is_litellm"] = True
    return LLM(
        model=model, api_key="scripted-gateway-key", base_url=f"{address()}{path}", **options
    )


def compatible(provider: str, model: str, **options: Any) -> LLM:
    """A provider that speaks as OpenAI does, by crewAI's class for such.

    Raises:
        Lacking: If this version has none.
    """
    taken_from("crewai.llms.providers.openai_compatible.completion", "OpenAICompatibleCompletion")
    return LLM(
        model=f"{provider}/{model}",
        api_key="scripted-provider-key",
        base_url=f"{address()}/v1",
        **options,
    )


def litellm_uses_a_tool() -> Any:
    """By the openai client; of the turn that asks for the tool crewAI tells no end."""
    return asked(litellm(f"openai/{MODEL}", "/v1"), f"{SCRIPT} [[think:Two and three.]]")


def litellm_streams() -> Any:
    """Words one after another; a tool's call loses its id in crewAI, and OpenAI refuses it."""
    streams()
    return asked(litellm(f"openai/{MODEL}", "/v1", stream=True), f"{LONG} [[say:It is 5.]]")


def litellm_loses_an_id() -> Any:
    """The call of a tool in a stream, which ends so."""
    streams()
    return asked(litellm(f"openai/{MODEL}", "/v1", stream=True))


def litellm_is_busy_twice() -> Any:
    """429 twice, each time it is asked; the openai client tries again by itself."""
    return asked(litellm(f"openai/{MODEL}", "/v1"), f"[[fail:429:2]] {SCRIPT}")


def litellm_fails() -> Any:
    """Nothing but errors."""
    return asked(litellm(f"openai/{MODEL}", "/v1"), "Fail. [[fail:401:99]]")


def litellm_is_awaited() -> Any:
    """Two calls at once, one of them streamed, without a crew."""
    name, path = f"openai/{MODEL}", "/v1"
    return awaited(litellm(name, path), litellm(name, path, stream=True))


def litellm_asks_anthropic() -> Any:
    """By plain HTTP, which no client of a provider sees."""
    return asked(litellm("anthropic/claude-sonnet-4-5"))


def litellm_asks_azure() -> Any:
    """By the openai client's class for Azure."""
    return asked(litellm(f"azure/{MODEL}", api_version="2024-06-01"))


def ollama() -> Any:
    """A model on the user's own machine."""
    return asked(compatible("ollama", "llama3.1"), f"{SCRIPT} [[think:Two and three.]]")


def openrouter() -> Any:
    """A gateway to many, streamed."""
    return asked(compatible("openrouter", "anthropic/claude-3-opus", stream=True))


def deepseek_is_busy_twice() -> Any:
    """Another provider, 429 twice each time it is asked."""
    return asked(compatible("deepseek", "deepseek-chat"), f"[[fail:429:2]] {SCRIPT}")


def own_address() -> Any:
    """OpenAI's language at an address of the user's, by a model that crewAI does not know."""
    given = {"base_url": f"{address()}/v1", "api_key": "scripted-house-key"}
    try:
        llm = LLM(model="openai/house-model", **given)
    except ImportError as error:
        raise Lacking(str(error)) from error
    return asked(llm)


VARIANTS = (
    litellm_uses_a_tool, litellm_streams, litellm_loses_an_id, litellm_is_busy_twice,
    litellm_is_awaited, litellm_fails, litellm_asks_anthropic, litellm_asks_azure, ollama,
    openrouter, deepseek_is_busy_twice, own_address,
)  # fmt: skip
