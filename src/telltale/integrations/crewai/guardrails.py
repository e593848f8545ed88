"""Guardrails: what judges a task's output, and what it said."""

from typing import Any

from telltale.conventions import attributes as names
from telltale.integrations.crewai.crews import handled
from telltale.integrations.crewai.opened import Opened, said, text, words
from telltale.integrations.crewai.scopes import Scope
from telltale.tracing.serialise import to_text


def guardrail_started(source: Any, event: Any) -> Opened:
    """An output is about to be judged, by a function or by a model."""
    rule = text(getattr(event, "guardrail_name", None)) or text(
        getattr(getattr(event, "guardrail", None), "__name__", None)
    )
    attempt = getattr(event, "retry_count", None)
    attributes = said(
        **{
            names.GUARDRAIL_TYPE: text(getattr(event, "guardrail_type", None)),
            names.GUARDRAIL_RULE: rule or text(getattr(event, "guardrail", None)),
            names.GUARDRAIL_ATTEMPT: attempt + 1 if isinstance(attempt, int) else None,
        }
    )
    return Opened(name="guardrail", attributes=attributes, purpose="guardrail")


def guardrail_completed(event: Any, scope: Scope) -> None:
    """It has judged. An output that it refuses is no fault of its own: the span has not failed.

    One that raises has not judged, though crewAI tells of it in the same words.
    """
    if scope.span is None:
        return
    if (error := handled(event)) is not None:
        scope.record(error)
        return
    passed = getattr(event, "success", None)
    if isinstance(passed, bool):
        scope.span.set_attribute(names.GUARDRAIL_PASSED, passed)
    answer = getattr(event, "error", None) or getattr(event, "result", None)
    if answer is not None:
        scope.span.set_outputs(to_text(words(answer)))
