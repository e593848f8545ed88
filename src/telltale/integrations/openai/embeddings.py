"""Texts made into vectors."""

from typing import Any

from telltale.conventions import attributes as names
from telltale.integrations.openai.request import answered, asked
from telltale.integrations.reading import counts, field
from telltale.integrations.stainless import parsed
from telltale.nouns.span import Kind
from telltale.tracing.calls import Call, Target
from telltale.tracing.serialise import cut, to_json

_MAX_EMBEDDED_CHARACTERS = 20_000
"""Of one text that is embedded; whole documents are embedded in chunks anyway."""


def embeddings(path: str) -> Target:
    """The target of one `create`."""
    return Target(
        path=path, kind=Kind.EMBEDDING, name=lambda _: "embed", before=_before, after=_after
    )


def _before(call: Call) -> dict[str, Any]:
    texts = call.kwargs.get("input")
    told = asked(call)
    told[names.INPUTS] = to_json(
        [cut(text, _MAX_EMBEDDED_CHARACTERS) if isinstance(text, str) else text for text in texts]
        if isinstance(texts, list)
        else texts
    )
    if isinstance(dimensions := call.kwargs.get("dimensions"), int):
        told[names.EMBEDDING_DIMENSIONS] = dimensions
    return told


def _after(call: Call, result: Any) -> dict[str, Any]:
    response = parsed(result)
    told = answered(response)
    told |= counts({names.INPUT_TOKENS: field(field(response, "usage"), "prompt_tokens")})
    vectors = field(response, "data") or ()
    told[names.OUTPUTS] = to_json({"vectors": len(vectors)})
    first = field(vectors[0], "embedding") if vectors else None
    if isinstance(first, list):
        told[names.EMBEDDING_DIMENSIONS] = len(first)
    return told
