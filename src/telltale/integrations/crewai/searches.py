"""Searches in the vector stores behind memories and knowledge, of which crewAI tells nothing.

Recorded is what was looked for and what was found, with scores; never a vector.
"""

import functools
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from telltale.conventions import attributes as names
from telltale.integrations.crewai import embedders, scopes
from telltale.integrations.crewai.blocks import entered
from telltale.integrations.crewai.opened import said, text
from telltale.nouns.span import Kind
from telltale.tracing.guard import sheltered
from telltale.tracing.live import LiveSpan, current, known_attributes
from telltale.tracing.patching import within
from telltale.tracing.serialise import cut, to_json

_GIVEN_BY_PLACE = (
    "query_embedding",
    "scope_prefix",
    "categories",
    "metadata_filter",
    "limit",
    "min_score",
)
"""Arguments of a memory's storage; clients of vector stores take theirs by name."""
_MAX_DOCUMENTS = 50
_MAX_CHARACTERS = 4_000
"""Of a query, and of one document: stores hold chunks."""
_MAX_FIELDS = 20
"""Of one document's metadata."""
_MAX_FIELD_CHARACTERS = 400


def searching(system: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A patch that puts a span around each search, under a span of ours.

    Args:
        system: The store's name, as `db.system.name` has it.
    """

    return within(functools.partial(_opened, system), _tell)


def _has_no_table(store: Any) -> bool:
    """Whether a memory holds nothing yet: then it answers by itself, and nothing is searched."""
    return getattr(store, "_table", store) is None


def _opened(
    system: str, store: Any, /, *args: Any, **kwargs: Any
) -> AbstractContextManager[LiveSpan | None]:
    around = current.get()
    if around is None or _has_no_table(store):
        return nullcontext()
    attributes = {names.DB_SYSTEM: system, names.DB_OPERATION: "search"}
    with sheltered("reading what a vector store is asked"):
        embedders.watch(getattr(store, "embedding_function", None))
        attributes |= _asked(store, dict(zip(_GIVEN_BY_PLACE, args, strict=False)) | kwargs, around)
    return entered("vector search", Kind.RETRIEVER, attributes)


def _asked(store: Any, given: dict[str, Any], around: LiveSpan) -> dict[str, Any]:
    vector: Any = given.get("query_embedding")
    query = given.get("query") if vector is None else _words(vector, around)
    query = cut(query, _MAX_CHARACTERS) if isinstance(query, str) and query else None
    inputs = said(
        query=query,
        limit=given.get("limit"),
        score_threshold=given.get("score_threshold") or given.get("min_score"),
        scope=given.get("scope_prefix"),
        categories=given.get("categories"),
        filter=given.get("where") or given.get("metadata_filter"),
        dimensions=len(vector) if hasattr(vector, "__len__") else None,
    )
    collection = given.get("collection_name") or getattr(store, "_table_name", None)
    return said(
        **{
            names.DB_COLLECTION: text(collection),
            names.RETRIEVAL_QUERY: query,
            names.INPUTS: to_json(inputs),
        }
    )


def _words(vector: Any, around: LiveSpan) -> Any:
    """What a vector was made of: crewAI's own flow around the search knows, or its memory."""
    for scope in scopes.chain("flow_started"):
        if scope.is_open and scope.source is not None:
            # Not by the flow's `state`, which locks it and hands out copies.
            state = getattr(scope.source, "_state", None)
            made, items = (getattr(state, name, None) for name in ("query_embeddings", "items"))
            # A flow of the user's may have a dictionary for its state.
            pairs = [*made] if isinstance(made, list) else []
            if isinstance(items, list):
                pairs += [(item.content, item.embedding) for item in items]
            for words, made_of_them in pairs:
                if made_of_them is vector:
                    return words
            break
    return known_attributes(around).get(names.MEMORY_QUERY)


def _tell(span: LiveSpan | None, found: Any) -> None:
    """What was found; knowledge that is asked tells it too: crewAI's event glues it to a text."""
    if span is None:
        return
    with sheltered("reading what a vector store found"):
        documents = to_json([*map(_document, found[:_MAX_DOCUMENTS])]) if found else "[]"
        span.set_attributes({names.RETRIEVAL_DOCUMENTS: documents, names.DB_RETURNED: len(found)})
        if (around := span.around) is not None and around.kind is Kind.KNOWLEDGE:
            known = known_attributes(around).get(names.RETRIEVAL_DOCUMENTS)
            around.set_attribute(names.RETRIEVAL_DOCUMENTS, _joined(known, documents))


def _document(found: Any) -> dict[str, Any]:
    """One result: a client's dictionary, or a memory's record with its score."""
    if isinstance(found, tuple):
        record, score = found
        metadata = said(
            scope=text(getattr(record, "scope", None)),
            categories=getattr(record, "categories", None),
        ) | (getattr(record, "metadata", None) or {})
        found = {"id": record.id, "content": record.content, "metadata": metadata}
    else:
        score = found.get("score")
    content = found.get("content")
    return said(
        id=found.get("id"),
        score=round(score, 4) if isinstance(score, float) else score,
        content=cut(content, _MAX_CHARACTERS) if isinstance(content, str) else content,
        metadata=_bounded(found.get("metadata")) or None,
    )


def _bounded(metadata: Any) -> Any:
    if not isinstance(metadata, dict):
        return None
    return {
        key: cut(value, _MAX_FIELD_CHARACTERS) if isinstance(value, str) else value
        for key, value in list(metadata.items())[:_MAX_FIELDS]
    }


def _joined(known: Any, more: str) -> str:
    """Two lists of documents as one: the agent's knowledge is asked, and then its crew's."""
    if not isinstance(known, str) or known == "[]":
        return more
    return known if more == "[]" else f"{known[:-1]},{more[1:]}"
