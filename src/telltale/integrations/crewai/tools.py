"""Tools that agents use."""

from typing import Any

from telltale.conventions import attributes as names
from telltale.conventions.reading import structured
from telltale.integrations.crewai import llms, scopes
from telltale.integrations.crewai.opened import Opened, said, text
from telltale.integrations.crewai.scopes import Scope
from telltale.tracing.serialise import to_text


def tool_started(source: Any, event: Any) -> Opened:
    """A tool is called; which of the model's calls it answers, crewAI does not say."""
    name = text(getattr(event, "tool_name", None)) or "tool"
    given = getattr(event, "tool_args", None) or {}
    attributes = said(
        **{
            names.TOOL_NAME: name,
            names.TOOL_TYPE: "function",
            names.TOOL_CALL_ID: _asked_for_by(name, given),
            names.TOOL_CALL_ARGUMENTS: to_text(given),
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


def _asked_for_by(name: str, given: Any) -> str | None:
    """The call of this tool that a model has asked for and that has not run.

    Of several, that with these arguments: crewAI runs them at once, and in any order. A model that
    is given functions runs them itself, before its call has an end.
    """
    asking = next(scopes.chain("llm_call_started"), None)
    if asking is not None and asking.is_open and asking.span is not None:
        if not asking.pending_calls:
            asking.pending_calls = llms.calls_asked_for(asking.span)
    else:
        asking = scopes.agent()
    if asking is None:
        return None
    candidates = [call for call in asking.pending_calls if call.name == name]
    if not candidates:
        return None
    asked_so = (call for call in candidates if call.arguments == structured(given))
    call = next(asked_so, candidates[0])
    # By identity, as two may ask for the same: of threads that come together each takes its own.
    asking.pending_calls = [one for one in asking.pending_calls if one is not call]
    return call.id
