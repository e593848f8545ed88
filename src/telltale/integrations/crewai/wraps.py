"""The few places beside the bus that must be watched, for it says nothing of them or too little."""

import functools
import inspect
import sys
from collections.abc import Callable
from typing import Any

from telltale.conventions import attributes as names
from telltale.integrations.crewai import scopes
from telltale.integrations.crewai.crews import start_left_out, task_started
from telltale.integrations.crewai.flows import is_internal
from telltale.integrations.crewai.observe import end_leftovers, observe
from telltale.integrations.crewai.scopes import Scope
from telltale.nouns.span import Kind
from telltale.tracing.guard import fault, sheltered
from telltale.tracing.live import current
from telltale.tracing.spans import begin

Function = Callable[..., Any]


def kickoff(original: Function) -> Function:
    """Stand-in for `Crew.kickoff`: what is open when it is left will never be closed.

    crewAI reports no end where a kickoff is interrupted or cancelled.
    """
    return _tidied(original, _tell_crew_that_goes_on)


def lone_kickoff(original: Function) -> Function:
    """The same for an agent's that is asked by itself.

    On a loop its kickoff only answers with a coroutine: that of `kickoff_async`, which comes by.
    """
    tell = _tell_agent_that_goes_on
    if not inspect.iscoroutinefunction(original):
        return _tidied(original, lambda args, kwargs: None if _on_a_loop() else tell(args, kwargs))
    return _tidied(original, tell)


def flow_kickoff(original: Function) -> Function:
    """The same for a flow of the user's, at heart a coroutine; crewAI's own serve others."""
    tidied = _tidied(original, lambda args, kwargs: None)

    @functools.wraps(original)
    async def traced(flow: Any, *args: Any, **kwargs: Any) -> Any:
        run = original if is_internal(type(flow).__name__) else tidied
        return await run(flow, *args, **kwargs)

    return traced


def working(original: Function) -> Function:
    """Stand-in for an agent's work on a task.

    Before 1.13 one whose time is limited works in a thread that knows nothing of its crew.
    """

    @functools.wraps(original)
    def traced(agent: Any, *args: Any, **kwargs: Any) -> Any:
        if scopes.innermost() is None:
            scopes.enter_where("agent_execution_started", lambda at_work: at_work is agent)
        return original(agent, *args, **kwargs)

    return traced


def extracting(original: Function) -> Function:
    """Stand-in for `Memory.extract_memories`, whose LLM call names nobody and nothing."""

    @functools.wraps(original)
    def traced(*args: Any, **kwargs: Any) -> Any:
        with scopes.purposely("extract"):
            return original(*args, **kwargs)

    return traced


def skipping(original: Function) -> Function:
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


def _tidied(original: Function, tell_that_it_goes_on: Callable[[Any, Any], None]) -> Function:
    """Told as what it goes on with, and nothing left open behind it."""

    @functools.wraps(original)
    def traced(*args: Any, **kwargs: Any) -> Any:
        before = scopes.innermost(), current.get()
        tell_that_it_goes_on(args, kwargs)
        try:
            result = original(*args, **kwargs)
        except BaseException as error:
            _tidy(before, error)
            raise
        _tidy(before, None)
        return result

    @functools.wraps(original)
    async def traced_async(*args: Any, **kwargs: Any) -> Any:
        before = scopes.innermost(), current.get()
        tell_that_it_goes_on(args, kwargs)
        try:
            result = await original(*args, **kwargs)
        except BaseException as error:
            _tidy(before, error)
            raise
        _tidy(before, None)
        return result

    return traced_async if inspect.iscoroutinefunction(original) else traced


def _tell_crew_that_goes_on(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Open the crew whose kickoff has these arguments, if it goes on from a checkpoint.

    One that streams calls its kickoff again, in a thread, and does not stream in there.
    """
    with sheltered("telling of a crew that goes on"):
        crew = args[0] if args else None
        if not _goes_on(crew, kwargs) or getattr(crew, "stream", False):
            return
        given = kwargs.get("inputs", args[1] if len(args) > 1 else None)
        inputs = given or getattr(crew, "checkpoint_inputs", None)
        name = getattr(crew, "name", None)
        observe(crew, start_left_out("crew_kickoff_started", crew_name=name, inputs=inputs))


def _tell_agent_that_goes_on(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """The same of an agent that is asked by itself."""
    with sheltered("telling of an agent that goes on"):
        agent = args[0] if args else None
        if not _goes_on(agent, kwargs):
            return
        messages = kwargs.get("messages", args[1] if len(args) > 1 else None)
        info = {name: getattr(agent, name, None) for name in ("id", "role", "goal")}
        start = start_left_out("lite_agent_execution_started", agent_info=info, messages=messages)
        observe(agent, start)


def _goes_on(run: Any, kwargs: dict[str, Any]) -> bool:
    """Whether it was restored; not one that will itself restore another, and let that one run."""
    restores = getattr(kwargs.get("from_checkpoint"), "restore_from", None)
    return bool(getattr(run, "checkpoint_kickoff_event_id", None)) and restores is None


def _on_a_loop() -> bool:
    # Not imported: it brings more modules than all that `autolog` is made of.
    asyncio: Any = sys.modules.get("asyncio")
    try:
        return asyncio is not None and asyncio.get_running_loop() is not None
    except RuntimeError:
        return False


def _tidy(before: tuple[Scope | None, Any], error: BaseException | None) -> None:
    try:
        scope, span = before
        left = scopes.leave_all(scope)
        end_leftovers(left, error)
        current.set(span)
    except Exception as fault_of_ours:  # noqa: BLE001  the user's program comes first
        fault("closing what crewAI left open", fault_of_ours)
