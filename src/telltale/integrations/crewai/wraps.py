"""The few places beside the bus that must be watched, for it says nothing of them or too little."""

import functools
from collections.abc import Callable
from typing import Any

import msgspec

from telltale.conventions import attributes as names
from telltale.integrations.crewai import scopes
from telltale.integrations.crewai.crews import task_started
from telltale.integrations.crewai.flows import is_internal
from telltale.integrations.crewai.observe import end_leftovers, observe
from telltale.integrations.crewai.scopes import Scope
from telltale.nouns.span import Kind
from telltale.tracing.guard import fault, sheltered
from telltale.tracing.live import current
from telltale.tracing.spans import begin


class _GoesOn(msgspec.Struct, frozen=True, kw_only=True):
    """The event that crewAI leaves out, for the run that it belongs to has begun before."""

    crew_name: str | None
    inputs: Any
    type: str = "crew_kickoff_started"
    op: str = "resumed"


def kickoff(original: Callable[..., Any]) -> Callable[..., Any]:
    """Stand-in for `Crew.kickoff`: what is open when it is left will never be closed.

    crewAI reports no end where a kickoff is interrupted or cancelled.
    """

    @functools.wraps(original)
    def traced(*args: Any, **kwargs: Any) -> Any:
        before = scopes.innermost(), current.get()
        _tell_resumed(args, kwargs)
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
        _tell_resumed(args, kwargs)
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


def skipping(original: Callable[..., Any]) -> Callable[..., Any]:
    """Stand-in for `ConditionalTask.get_skipped_task_output`: the output of a task left out."""

    @functools.wraps(original)
    def traced(task: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            opened = task_started(task, None)
            attributes = opened.attributes | {names.CREW_OP: "skipped"}
            begin(opened.name, Kind.TASK, attributes, parent=current.get()).end()
        except Exception as error:  # noqa: BLE001  the user's program comes first
            fault("telling of a task that was skipped", error)
        return original(task, *args, **kwargs)

    return traced


def _tell_resumed(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Open the crew whose kickoff has these arguments, if it goes on from a checkpoint.

    One that streams calls its kickoff again, in a thread, and does not stream in there.
    """
    crew = args[0] if args else None
    with sheltered("telling of a crew that goes on"):
        if not getattr(crew, "checkpoint_kickoff_event_id", None) or getattr(crew, "stream", False):
            return
        given = kwargs.get("inputs", args[1] if len(args) > 1 else None)
        inputs = given or getattr(crew, "checkpoint_inputs", None)
        observe(crew, _GoesOn(crew_name=getattr(crew, "name", None), inputs=inputs))


def _tidy(before: tuple[Scope | None, Any], error: BaseException | None) -> None:
    try:
        scope, span = before
        left = scopes.leave_all(scope)
        end_leftovers(left, error)
        current.set(span)
    except Exception as fault_of_ours:  # noqa: BLE001  the user's program comes first
        fault("closing what crewAI left open", fault_of_ours)
