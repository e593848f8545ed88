"""What calls of models and of embedders have in common, whoever's client makes them.

Under a framework's own span of the same kind a call adds what only the client knows; anywhere else
it is a span of its own.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from telltale.conventions import attributes as names
from telltale.nouns.span import Kind
from telltale.tracing.calls import Target

_FACTS = frozenset(
    {
        # The request as it was sent: crewAI's event has it cut to a depth, with reprs below it,
        # and in older versions no parameters at all.
        names.INPUT_MESSAGES,
        names.SYSTEM_INSTRUCTIONS,
        names.TOOL_DEFINITIONS,
        names.REQUEST_TEMPERATURE,
        names.REQUEST_TOP_P,
        names.REQUEST_MAX_TOKENS,
        names.REQUEST_SEED,
        names.REQUEST_STOP_SEQUENCES,
        names.REQUEST_FREQUENCY_PENALTY,
        names.REQUEST_PRESENCE_PENALTY,
        names.REQUEST_CHOICE_COUNT,
        names.REQUEST_STREAM,
        names.RESPONSE_MODEL,
        names.RESPONSE_ID,
        names.FINISH_REASONS,
        # crewAI's event has the calls of some providers' models as a `repr`.
        names.OUTPUT_MESSAGES,
        names.INPUT_TOKENS,
        names.OUTPUT_TOKENS,
        names.CACHE_READ_TOKENS,
        names.CACHE_WRITE_TOKENS,
        names.REASONING_TOKENS,
    }
)
"""What a provider's client knows better than the framework that calls it, told to its span."""


def _chat_name(told: Mapping[str, Any]) -> str:
    return f"chat {told.get(names.REQUEST_MODEL, '')}".strip()


CHAT = partial(Target, kind=Kind.LLM, name=_chat_name, facts=_FACTS)
EMBEDDING = partial(Target, kind=Kind.EMBEDDING, name=lambda _: "embed")
