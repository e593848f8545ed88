"""What `gen_ai.*` attributes say about one call of a model: which, how many tokens, what was said.

Read the same for every dialect that uses them; spellings that OpenTelemetry or its early users
gave up are read after the present one.
"""

from typing import Any

import msgspec

from telltale.conventions import attributes as a
from telltale.conventions.messages import read_instructions, read_messages
from telltale.conventions.reading import as_text, first_text, structured
from telltale.conventions.tokens import TokenNames, counted
from telltale.nouns.message import Message
from telltale.nouns.usage import Usage

TOKENS = TokenNames(
    input=(a.INPUT_TOKENS, "gen_ai.usage.prompt_tokens"),
    output=(a.OUTPUT_TOKENS, "gen_ai.usage.completion_tokens"),
    total=("gen_ai.usage.total_tokens",),
    cache_read=(
        a.CACHE_READ_TOKENS,
        "gen_ai.usage.cache_read_input_tokens",
        "gen_ai.usage.cached_tokens",
    ),
    cache_write=(
        a.CACHE_WRITE_TOKENS,
        "gen_ai.usage.cache_creation.input_tokens",
        "gen_ai.usage.cache_creation_input_tokens",
        "gen_ai.usage.cache_write_input_tokens",
    ),
    reasoning=(a.REASONING_TOKENS, "gen_ai.usage.reasoning_tokens"),
)
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
    return first_text(attributes, _PROVIDER)


def usage(attributes: dict[str, Any]) -> Usage | None:
    """Tokens counted; None where neither input nor output was reported."""
    return counted(attributes, TOKENS)


def asked(attributes: dict[str, Any]) -> tuple[Message, ...]:
    """What the model was told: instructions that stand apart first, then the conversation."""
    conversation = _first_messages(attributes, _IN, "user")
    if a.SYSTEM_INSTRUCTIONS not in attributes:
        return conversation
    return read_instructions(attributes[a.SYSTEM_INSTRUCTIONS]) + conversation


def answered(attributes: dict[str, Any]) -> tuple[Message, ...]:
    """What the model said, one message a choice, each with why it ended where that is said."""
    return finished(_first_messages(attributes, _OUT, "assistant"), attributes)


def finished(messages: tuple[Message, ...], attributes: dict[str, Any]) -> tuple[Message, ...]:
    """The choices, each with the reason for which it ended."""
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


def _first_messages(
    attributes: dict[str, Any], keys: tuple[str, ...], said_by: str
) -> tuple[Message, ...]:
    for key in keys:
        if key in attributes and (messages := read_messages(attributes[key], said_by)):
            return messages
    return ()
