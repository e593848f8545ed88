"""Agents elsewhere, asked by the Agent2Agent protocol, and our own that answer by it.

A delegation is one question and its answer. crewAI's conversation around several of them is no
span: it begins inside the first and ends where nothing of it is open any more. Its context id,
which the remote agent gives it, stands on each delegation that knows it, and on what the other
side records of its answer: a trace of its own, for the protocol carries no other sign of ours.
"""

import sys
from typing import Any
from urllib.parse import urlsplit

from telltale.conventions import attributes as names
from telltale.integrations.crewai import keys, scopes
from telltale.integrations.crewai.crews import failed, handled
from telltale.integrations.crewai.opened import Opened, said, text
from telltale.integrations.crewai.scopes import Scope

_FAILURE = "RemoteAgentFailure"
_WENT_WRONG = frozenset({"failed", "rejected", "canceled", "auth_required", "auth-required"})


def delegation_started(source: Any, event: Any) -> Opened:
    """A remote agent is asked; by now a token for it may have been fetched."""
    if (task := next(scopes.chain("task_started"), None)) is not None:
        keys.learn_of(getattr(task.source, "agent", None))
    endpoint = _address(text(getattr(event, "endpoint", None)))
    name = text(getattr(event, "a2a_agent_name", None)) or endpoint or "remote agent"
    turn = getattr(event, "turn_number", None)
    attributes = said(
        **{
            names.AGENT_NAME: name,
            names.A2A_ENDPOINT: endpoint,
            names.A2A_CONTEXT: text(getattr(event, "context_id", None)),
            names.A2A_TURN: turn if isinstance(turn, int) else None,
            names.INPUTS: text(getattr(event, "task_description", None)),
        }
    )
    return Opened(name=name, attributes=attributes)


def response_received(event: Any, scope: Scope) -> None:
    """It has said something; by now the conversation has an id."""
    context = text(getattr(event, "context_id", None))
    if context is not None and scope.span is not None:
        scope.span.set_attribute(names.A2A_CONTEXT, context)


def delegation_completed(event: Any, scope: Scope) -> None:
    """It has answered, or says that it cannot; the state is the protocol's word."""
    span = scope.span
    if span is None:
        return
    state = getattr(event, "status", None)
    state = text(getattr(state, "value", state))
    if state is not None:
        span.set_attribute(names.A2A_STATE, state)
    answer = text(getattr(event, "result", None)) or text(getattr(event, "error", None))
    if state not in _WENT_WRONG:
        if answer is not None:
            span.set_outputs(answer)
    elif handled(event) is not None:
        failed(event, scope)
    else:
        span.fail(_FAILURE, answer or f"the remote agent says no more than {state}")


def served(event: Any) -> str | None:
    """The task that an answer is: a server gives several at once."""
    return text(getattr(event, "task_id", None))


def serving_started(agent: Any, event: Any) -> Opened:
    """An agent of ours is asked from elsewhere; no crew and no task of a crew's is around it."""
    keys.learn_of(agent)
    role = text(getattr(agent, "role", None)) or "agent"
    # Nobody has named the task, and crewAI then takes what it says.
    asked = text(getattr(event, "task_name", None))
    attributes = said(
        **{
            names.TASK_ID: served(event),
            names.TASK_DESCRIPTION: asked,
            names.AGENT_ROLE: role,
            names.A2A_CONTEXT: text(getattr(event, "context_id", None)),
            names.INPUTS: asked,
        }
    )
    return Opened(name=f"serve {role}", attributes=attributes, key=served(event))


def serving_completed(event: Any, scope: Scope) -> None:
    """It has answered."""
    answer = text(getattr(event, "result", None))
    if scope.span is not None and answer is not None:
        scope.span.set_outputs(answer)


def serving_canceled(event: Any, scope: Scope) -> None:
    """Who asked has given it up."""
    if scope.span is None:
        return
    error = sys.exception()
    if error is None:
        scope.span.fail("CancelledError", "who asked has given it up")
    else:
        scope.span.record_exception(error)


def _address(url: str | None) -> str | None:
    """Without what may be a key: a name before the host, a query behind the path."""
    if url is None:
        return None
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
