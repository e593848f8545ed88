"""Tools that agents use."""

from typing import Any

from telltale.conventions import attributes as names
from telltale.integrations.crewai import llms, scopes
from telltale.integrations.crewai.opened import Opened, said, text
from telltale.integrations.crewai.scopes import Scope
from telltale.tracing.serialise import to_text


def tool_started(source: Any, event: Any) -> Opened:
    """A tool is called; which of the model's calls it answers, crewAI does not say."""
    name = text(getattr(event, "tool_name", None)) or "tool"
    attributes = said(
        **{
            names.TOOL_NAME: name,
            names.TOOL_TYPE: "function",
            names.TOOL_CALL_ID: _asked_for_by(name),
            names.TOOL_CALL_ARGUMENTS: to_text(getattr(event, "tool_args", None) or {}),
            names.AGENT_NAME: text(getattr(event, "agent_role", None)),
        }
    )
    return Opened(name=name, attributes=attributes)


def tool_finished(event: Any, scope: Scope) -> None:
    """A tool has answered; it may say itself that it failed."""
    span = scope.span
    if span is None:
        return
    output = getattr(event, "output", None)
    if output is not None:
        span.set_attribute(names.TOOL_CALL_RESULT, to_text(output))
    if getattr(event, "from_cache", False) is True:
        span.set_attribute(names.TOOL_FROM_CACHE, True)
    if (failure := getattr(event, "failure", None)) is not None:
        message = text(getattr(failure, "message", None)) or text(getattr(failure, "error", None))
        span.fail("ToolFailure", message or "the tool reported a failure")


def _asked_for_by(name: str) -> str | None:
    """The first call of this tool that a model has asked for and that has not run.

    A model that is given functions runs them itself, before its call has an end.
    """
    asking = next(scopes.chain("llm_call_started"), None)
    if asking is not None and asking.is_open and asking.span is not None:
        if not asking.pending_calls:
            asking.pending_calls = llms.calls_asked_for(asking.span)
    else:
        asking = scopes.agent()
    if asking is None:
        return None
    for pending in asking.pending_calls:
        if pending[0] == name:
            asking.pending_calls.remove(pending)
            return pending[1]
    return None
