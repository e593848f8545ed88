"""Texts made into vectors."""

from functools import partial
from typing import Any

from telltale.integrations.model_calls import EMBEDDING, texts_asked, vectors_told
from telltale.integrations.openai.request import asked
from telltale.integrations.stainless import parsed
from telltale.tracing.calls import Call


def _before(call: Call) -> dict[str, Any]:
    return asked(call) | texts_asked(call.kwargs.get("input"), call.kwargs.get("dimensions"))


def _after(call: Call, result: Any) -> dict[str, Any]:
    return vectors_told(parsed(result))


embeddings = partial(EMBEDDING, before=_before, after=_after)
"""The target of one `create`."""
