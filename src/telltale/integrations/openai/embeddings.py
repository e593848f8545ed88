"""Texts made into vectors."""

from typing import Any

from telltale.integrations.embedded import texts_asked, vectors_told
from telltale.integrations.openai.request import asked
from telltale.integrations.stainless import parsed
from telltale.nouns.span import Kind
from telltale.tracing.calls import Call, Target


def embeddings(path: str) -> Target:
    """The target of one `create`."""
    return Target(
        path=path, kind=Kind.EMBEDDING, name=lambda _: "embed", before=_before, after=_after
    )


def _before(call: Call) -> dict[str, Any]:
    return asked(call) | texts_asked(call.kwargs.get("input"), call.kwargs.get("dimensions"))


def _after(call: Call, result: Any) -> dict[str, Any]:
    return vectors_told(parsed(result))
