"""Texts made into vectors, in OpenAI's words, which Azure's client and LiteLLM use too."""

from typing import Any

from telltale.conventions import attributes as names
from telltale.integrations.reading import answered, counts, field
from telltale.tracing.serialise import cut, to_json

_MAX_EMBEDDED_CHARACTERS = 20_000
"""Of one text that is embedded; whole documents are embedded in chunks anyway."""


def texts_asked(texts: Any, dimensions: Any = None) -> dict[str, Any]:
    """What is to be embedded."""
    told: dict[str, Any] = {names.INPUTS: to_json(bounded(texts))}
    return told | counts({names.EMBEDDING_DIMENSIONS: dimensions})


def bounded(texts: Any) -> Any:
    """Texts that are cut where they are very long."""
    if not isinstance(texts, list):
        return texts
    return [
        cut(text, _MAX_EMBEDDED_CHARACTERS) if isinstance(text, str) else text for text in texts
    ]


def vectors_told(response: Any) -> dict[str, Any]:
    """What came of it: how many vectors, of how many numbers."""
    told = answered(response)
    told |= counts({names.INPUT_TOKENS: field(field(response, "usage"), "prompt_tokens")})
    return told | counted_vectors(
        [field(one, "embedding") for one in field(response, "data") or ()]
    )


def counted_vectors(vectors: list[Any]) -> dict[str, Any]:
    """The vectors themselves are left out: they would be most of the trace."""
    told: dict[str, Any] = {names.OUTPUTS: to_json({"vectors": len(vectors)})}
    if vectors and isinstance(vectors[0], list):
        told[names.EMBEDDING_DIMENSIONS] = len(vectors[0])
    return told
