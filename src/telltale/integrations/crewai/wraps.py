"""The few places beside the bus that must be watched."""

import functools
from collections.abc import Callable
from typing import Any

from telltale.integrations.crewai import scopes
from telltale.integrations.crewai.flows import is_internal
from telltale.integrations.crewai.observe import end_leftovers
from telltale.integrations.crewai.scopes import Scope
from telltale.integrations.crewai.unsaid import tell_resumed
from telltale.tracing.guard import fault
from telltale.tracing.live import current


def kickoff(original: Callable[..., Any]) -> Callable[..., Any]:
    """Stand-in for `Crew.kickoff`: what is open when it is left will never be closed.

    crewAI reports no end where a kickoff is interrupted or cancelled.
    """

    @functools.wraps(original)
    def traced(*args: Any, **kwargs: Any) -> Any:
        before = scopes.innermost(), current.get()
        tell_resumed(args, kwargs)
        try:
            result = original(*args, **kwargs)
        except BaseException as error:
            _tidy(before, error)
            raise
        _tidy(before, None)
        return result

    return traced


def akickoff(original: Callable[..., Any]) -> Callable[..., Any]:
    """The same for `Crew.akickoff`."""

    @functools.wraps(original)
    async def traced(*args: Any, **kwargs: Any) -> Any:
        before = scopes.innermost(), current.get()
        tell_resumed(args, kwargs)
        try:
            result = await original(*args, **kwargs)
        except BaseException as error:
            _tidy(before, error)
            raise
        _tidy(before, None)
        return result

    return traced


def flow_kickoff(original: Callable[..., Any]) -> Callable[..., Any]:
    """The same for a flow of the user's, at heart a coroutine; crewAI's own serve others."""
    tidied = akickoff(original)

    @functools.wraps(original)
    async def traced(flow: Any, *args: Any, **kwargs: Any) -> Any:
        run = original if is_internal(type(flow).__name__) else tidied
        return await run(flow, *args, **kwargs)

    return traced


def working(original: Callable[..., Any]) -> Callable[..., Any]:
    """Stand-in for an agent's work on a task.

    Before 1.13 one whose time is limited works in a thread that knows nothing of its crew.
    """

    @functools.wraps(original)
    def traced(agent: Any, *args: Any, **kwargs: Any) -> Any:
        if scopes.innermost() is None:
            scopes.enter_where("agent_execution_started", lambda at_work: at_work is agent)
        return original(agent, *args, **kwargs)

    return traced


def extracting(original: Callable[..., Any]) -> Callable[..., Any]:
    """Stand-in for `Memory.extract_memories`, whose LLM call names nobody and nothing."""

    @functools.wraps(original)
    def traced(*args: Any, **kwargs: Any) -> Any:
        with scopes.purposely("extract"):
            return original(*args, **kwargs)

    return traced


def _tidy(before: tuple[Scope | None, Any], error: BaseException | None) -> None:
    try:
        scope, span = before
        left = scopes.leave_all(scope)
        end_leftovers(left, error)
        current.set(span)
    except Exception as fault_of_ours:  # noqa: BLE001  the user's program comes first
        fault("closing what crewAI left open", fault_of_ours)
