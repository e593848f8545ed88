"""What calls of models and of embedders have in common, whoever's client makes them.

Under a framework's own span of the same kind a call adds what only the client knows; anywhere else
it is a span of its own.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from telltale.conventions import attributes as names
from telltale.integrations.reading import answered, counts, field
from telltale.nouns.span import Kind
from telltale.tracing.calls import Target
from telltale.tracing.serialise import cut, to_json

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
_FACTS_OF_VECTORS = frozenset(
    {names.RESPONSE_MODEL, names.RESPONSE_ID, names.INPUT_TOKENS, names.EMBEDDING_DIMENSIONS}
)
_MAX_EMBEDDED_CHARACTERS = 20_000
"""Of one text that is embedded; whole documents are embedded in chunks anyway."""


def _chat_name(told: Mapping[str, Any]) -> str:
    return f"chat {told.get(names.REQUEST_MODEL, '')}".strip()


CHAT = partial(Target, kind=Kind.LLM, name=_chat_name, facts=_FACTS)
EMBEDDING = partial(
    Target,
    kind=Kind.EMBEDDING,
    name=lambda _: "embed",
    facts=_FACTS_OF_VECTORS,
    # A class of the user's that calls a client need not say which, nor for which model.
    fills=frozenset({names.PROVIDER, names.REQUEST_MODEL}),
)


def texts_asked(texts: Any, dimensions: Any = None) -> dict[str, Any]:
    """What is to be embedded."""
    told: dict[str, Any] = {names.INPUTS: to_json(bounded(texts))}
    return told | counts({names.EMBEDDING_DIMENSIONS: dimensions})


def bounded(texts: Any) -> Any:
    """Texts that are cut where they are very long."""
    if isinstance(texts, str):
        return cut(texts, _MAX_EMBEDDED_CHARACTERS)
    return [bounded(text) for text in texts] if isinstance(texts, list) else texts


def vectors_told(response: Any) -> dict[str, Any]:
    """What came of it in OpenAI's words: how many vectors, of how many numbers."""
    told = answered(response)
    told |= counts({names.INPUT_TOKENS: field(field(response, "usage"), "prompt_tokens")})
    return told | counted_vectors(
        [field(one, "embedding") for one in field(response, "data") or ()]
    )


def counted_vectors(vectors: Sequence[Any]) -> dict[str, Any]:
    """The vectors themselves are left out: they would be most of the trace."""
    told: dict[str, Any] = {names.OUTPUTS: to_json({"vectors": len(vectors)})}
    # One that was asked for as base64 is a string.
    if len(vectors) and hasattr(vectors[0], "__len__") and not isinstance(vectors[0], str):
        told[names.EMBEDDING_DIMENSIONS] = len(vectors[0])
    return told
