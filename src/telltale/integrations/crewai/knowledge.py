"""Knowledge queried and taken in."""

import functools
import weakref
from typing import Any

from opentelemetry.trace import SpanContext

from telltale.conventions import attributes as names
from telltale.integrations.crewai import keys
from telltale.integrations.crewai.blocks import entered
from telltale.integrations.crewai.opened import Opened, said, text
from telltale.integrations.crewai.scopes import Scope
from telltale.nouns.span import Kind
from telltale.tracing.guard import sheltered
from telltale.tracing.live import current, known_attributes
from telltale.tracing.patching import within
from telltale.tracing.serialise import to_json

_ingested: dict[int, tuple[weakref.ref[Any], SpanContext]] = {}
"""By identity of a source: the root span under which it was taken in."""


def query_started(source: Any, event: Any) -> Opened:
    """Knowledge is looked up for a task."""
    return Opened(
        name="knowledge query",
        purpose="rewrite",
        attributes=said(**{names.AGENT_NAME: text(getattr(event, "agent_role", None))}),
    )


def query_completed(event: Any, scope: Scope) -> None:
    """What was found, glued to one text by crewAI; with scores where its search told of them."""
    if scope.span is None:
        return
    is_told = names.RETRIEVAL_DOCUMENTS in known_attributes(scope.span)
    query = text(getattr(event, "query", None))
    found = text(getattr(event, "retrieved_knowledge", None))
    scope.span.set_attributes(
        said(
            **{
                names.KNOWLEDGE_QUERY: query,
                names.INPUTS: query,
                names.KNOWLEDGE_RESULTS: found,
                names.OUTPUTS: None if is_told else found,
            }
        )
    )


def rewrite_started(source: Any, event: Any) -> Opened:
    """The task's prompt is about to be made a query; until then it stands for it."""
    prompt = text(getattr(event, "task_prompt", None))
    return Opened(
        name="knowledge query", purpose="rewrite", attributes=said(**{names.INPUTS: prompt})
    )


def rewrite_completed(event: Any, scope: Scope) -> None:
    """The query that was made is told once more with what it found."""


def ingested(sources: Any) -> tuple[SpanContext, ...]:
    """Where these sources were taken in before their crew ran, each place once."""
    contexts = {}
    for source in sources if isinstance(sources, list) else ():
        known = _ingested.get(id(source))
        if known is not None and known[0]() is source:
            contexts[known[1].span_id] = known[1]
    return tuple(contexts.values())


def _ingestion(knowledge: Any, /, *_: Any, **__: Any) -> Any:
    sources: list[Any] = []
    with sheltered("listing knowledge sources"):
        keys.learn_store(knowledge)
        sources = list(getattr(knowledge, "sources", None) or ())
    is_root = current.get() is None
    attributes = {
        names.CREW_OP: "ingest",
        names.INPUTS: to_json([{"source": type(source).__name__} for source in sources]),
    }
    manager = entered("knowledge ingestion", Kind.KNOWLEDGE, attributes, op="ingest")
    return _Remembering(manager, sources) if is_root else manager


class _Remembering:
    """Keeps in mind under which root the sources were taken in."""

    def __init__(self, manager: Any, sources: list[Any]) -> None:
        self._manager = manager
        self._sources = sources

    def __enter__(self) -> None:
        span = self._manager.__enter__()
        with sheltered("remembering where knowledge was taken in"):
            context = span.otel.get_span_context()
            for source in self._sources:
                key = id(source)
                forget = functools.partial(_forget, key)
                _ingested[key] = (weakref.ref(source, forget), context)

    def __exit__(self, *error: Any) -> Any:
        return self._manager.__exit__(*error)


def _forget(key: int, _: weakref.ref[Any]) -> None:
    _ingested.pop(key, None)


ingesting = within(_ingestion)
"""Stand-in for `Knowledge.add_sources`, which tells the bus nothing."""
