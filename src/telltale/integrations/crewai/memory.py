"""Memories read and written."""

from typing import Any

from telltale.conventions import attributes as names
from telltale.integrations.crewai.opened import Opened, said, text
from telltale.integrations.crewai.scopes import Scope
from telltale.tracing.serialise import to_json


def read_started(source: Any, event: Any) -> Opened:
    """Memories are looked up for a task; the query inside it says with what words."""
    return Opened(
        name="memory read",
        attributes=said(**{names.AGENT_NAME: text(getattr(event, "agent_role", None))}),
    )


def query_started(source: Any, event: Any) -> Opened:
    """A search in memory."""
    query = text(getattr(event, "query", None))
    limit = getattr(event, "limit", None)
    attributes = said(
        **{
            names.MEMORY_QUERY: query,
            names.MEMORY_LIMIT: limit if isinstance(limit, int) else None,
            names.INPUTS: query,
        }
    )
    return Opened(name="memory read", attributes=attributes)


def query_completed(event: Any, scope: Scope) -> None:
    """What was found, with scores."""
    results = getattr(event, "results", None)
    if scope.span is None or not isinstance(results, list):
        return
    found = to_json([_match(result) for result in results])
    scope.span.set_attribute(names.MEMORY_RESULTS, found)
    scope.span.set_attribute(names.MEMORY_COUNT, len(results))
    scope.span.set_attribute(names.OUTPUTS, found)


def read_completed(event: Any, scope: Scope) -> None:
    """The text that goes into the prompt."""
    content = text(getattr(event, "memory_content", None))
    if content is not None and scope.span is not None:
        scope.span.set_outputs(content)


def write_started(source: Any, event: Any) -> Opened:
    """Memories are stored; of a write in the background only their number is told here."""
    value = text(getattr(event, "value", None))
    return Opened(name="memory write", attributes=said(**{names.INPUTS: value}))


def write_completed(event: Any, scope: Scope) -> None:
    """They are stored."""
    value = text(getattr(event, "value", None))
    if value is not None and scope.span is not None:
        scope.span.set_outputs(value)


def _match(match: Any) -> dict[str, Any]:
    """One memory that was found: allowed fields, not the whole record with its embedding."""
    record = getattr(match, "record", match)
    score = getattr(match, "score", None)
    return said(
        id=text(str(getattr(record, "id", "") or "")),
        content=text(getattr(record, "content", None)),
        score=round(score, 4) if isinstance(score, float) else score,
        scope=text(getattr(record, "scope", None)),
    )
