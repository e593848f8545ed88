"""What `gen_ai.*` attributes say about one call of a model: which, how many tokens, what was said.

Read the same for every dialect that uses them; spellings that OpenTelemetry or its early users
gave up are read after the present one.
"""

from typing import Any

import msgspec

from telltale.conventions import attributes as a
from telltale.conventions.messages import read_instructions, read_messages
from telltale.conventions.reading import as_count, as_text, structured
from telltale.nouns.message import Message
from telltale.nouns.usage import Usage

_INPUT = (a.INPUT_TOKENS, "gen_ai.usage.prompt_tokens")
_OUTPUT = (a.OUTPUT_TOKENS, "gen_ai.usage.completion_tokens")
_CACHE_READ = (
    a.CACHE_READ_TOKENS,
    "gen_ai.usage.cache_read_input_tokens",
    "gen_ai.usage.cached_tokens",
)
_CACHE_WRITE = (
    a.CACHE_WRITE_TOKENS,
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.cache_creation_input_tokens",
    "gen_ai.usage.cache_write_input_tokens",
)
_REASONING = (a.REASONING_TOKENS, "gen_ai.usage.reasoning_tokens")
_PROVIDER = (a.PROVIDER, "gen_ai.system")
_IN = (a.INPUT_MESSAGES, "gen_ai.prompt")
_OUT = (a.OUTPUT_MESSAGES, "gen_ai.completion")


def models(attributes: dict[str, Any]) -> tuple[str | None, str | None]:
    """The model that answered, else the one asked for; and the one asked for."""
    requested = as_text(attributes.get(a.REQUEST_MODEL))
    # The response names the dated snapshot that was billed; the request may be an alias.
    return as_text(attributes.get(a.RESPONSE_MODEL)) or requested, requested


def provider(attributes: dict[str, Any]) -> str | None:
    """Who served the model, as the program names it."""
    return next((said for key in _PROVIDER if (said := as_text(attributes.get(key)))), None)


def usage(attributes: dict[str, Any]) -> Usage | None:
    """Tokens counted; None where neither input nor output was reported.

    The conventions count cached tokens inside the input and reasoning inside the output, and so
    do we. Some emitters pass on what Anthropic and Gemini report, which count them apart. Where
    the parts exceed their whole that is certain, and they are added once. Where they do not it
    cannot be known: then the conventions are taken at their word.
    """
    whole_in, whole_out = _first(attributes, _INPUT), _first(attributes, _OUTPUT)
    if whole_in is None and whole_out is None:
        return None
    read = _first(attributes, _CACHE_READ) or 0
    written = _first(attributes, _CACHE_WRITE) or 0
    reasoning = _first(attributes, _REASONING) or 0
    tokens_in, tokens_out = whole_in or 0, whole_out or 0
    return Usage(
        input_tokens=tokens_in if read + written <= tokens_in else tokens_in + read + written,
        output_tokens=tokens_out if reasoning <= tokens_out else tokens_out + reasoning,
        cache_read_tokens=read,
        cache_write_tokens=written,
        reasoning_tokens=reasoning,
    )


def asked(attributes: dict[str, Any]) -> tuple[Message, ...]:
    """What the model was told: instructions that stand apart first, then the conversation."""
    conversation = _first_messages(attributes, _IN, "user")
    if a.SYSTEM_INSTRUCTIONS not in attributes:
        return conversation
    return read_instructions(attributes[a.SYSTEM_INSTRUCTIONS]) + conversation


def answered(attributes: dict[str, Any]) -> tuple[Message, ...]:
    """What the model said, one message a choice, each with why it ended where that is said."""
    messages = _first_messages(attributes, _OUT, "assistant")
    if not messages or a.FINISH_REASONS not in attributes:
        return messages
    reasons = structured(attributes[a.FINISH_REASONS])
    if not isinstance(reasons, list):
        reasons = [reasons]
    if len(reasons) != len(messages):
        # The conventions align reasons with choices; a trimmed list cannot be aligned any more.
        return messages
    return tuple(
        message
        if message.finish_reason
        else msgspec.structs.replace(message, finish_reason=as_text(reason))
        for message, reason in zip(messages, reasons, strict=True)
    )


def _first(attributes: dict[str, Any], keys: tuple[str, ...]) -> int | None:
    for key in keys:
        if key in attributes and (count := as_count(attributes[key])) is not None:
            return count
    return None


def _first_messages(
    attributes: dict[str, Any], keys: tuple[str, ...], said_by: str
) -> tuple[Message, ...]:
    for key in keys:
        if key in attributes and (messages := read_messages(attributes[key], said_by)):
            return messages
    return ()
