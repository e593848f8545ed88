"""The few places beside the bus that must be watched, for it says nothing of them or too little."""

import functools
import inspect
import sys
from collections.abc import Callable
from typing import Any

from telltale.conventions import attributes as names
from telltale.integrations.crewai import scopes
from telltale.integrations.crewai.crews import OurStart, task_started
from telltale.integrations.crewai.flows import is_internal
from telltale.integrations.crewai.observe import end_leftovers, observe
from telltale.integrations.crewai.scopes import Scope
from telltale.nouns.span import Kind
from telltale.tracing.guard import fault, sheltered
from telltale.tracing.live import current
from telltale.tracing.spans import begin

Function = Callable[..., Any]


def kickoff(original: Function) -> Function:
    """Stand-in for `Crew.kickoff`: the crew's span lasts from its call until it returns.

    By crewAI's word it begins behind the functions that are to be called before it, and has ended
    before those that are called after it; none of them may fail, by that word. It reports no end
    where a kickoff is interrupted or cancelled, and no start where one goes on from a checkpoint.
    """
    return _tidied(original, _begin_crew)


def lone_kickoff(original: Function) -> Function:
    """The same for an agent's that is asked by itself.

    On a loop its kickoff only answers with a coroutine: that of `kickoff_async`, which comes by.
    """
    if inspect.iscoroutinefunction(original):
        return _tidied(original, _begin_agent)
    return _tidied(
        original, lambda args, kwargs: None if _on_a_loop() else _begin_agent(args, kwargs)
    )


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


def _tidied(original: Function, begin_run: Callable[[Any, Any], None]) -> Function:
    """Begun as it is called, and nothing left open behind it."""

    @functools.wraps(original)
    def traced(*args: Any, **kwargs: Any) -> Any:
        before = scopes.innermost(), current.get()
        begin_run(args, kwargs)
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
        begin_run(args, kwargs)
        try:
            result = await original(*args, **kwargs)
        except BaseException as error:
            _tidy(before, error)
            raise
        _tidy(before, None)
        return result

    return traced_async if inspect.iscoroutinefunction(original) else traced


def _begin_crew(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Open the crew whose kickoff has these arguments, before what is to be called before it.

    One that streams calls its kickoff again, in a thread, and does not stream in there.
    """
    with sheltered("beginning a crew"):
        crew = args[0] if args else None
        if getattr(crew, "stream", False):
            return
        inputs = kwargs.get("inputs", args[1] if len(args) > 1 else None)
        if _goes_on(crew):
            inputs = inputs or getattr(crew, "checkpoint_inputs", None)
        name = getattr(crew, "name", None)
        _begin_run(crew, kwargs, "crew_kickoff_started", crew_name=name, inputs=inputs)


def _begin_agent(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """The same of an agent that is asked by itself, before it remembers anything."""
    with sheltered("beginning an agent"):
        agent, kind = args[0] if args else None, "lite_agent_execution_started"
        outer = scopes.innermost()
        if outer is not None and outer.awaits_start and outer.opened_by == kind:
            return  # By an older agent, which lets another work.
        messages = kwargs.get("messages", args[1] if len(args) > 1 else None)
        info = {name: getattr(agent, name, None) for name in ("id", "role", "goal")}
        _begin_run(agent, kwargs, kind, agent_info=info, messages=messages)


def _begin_run(run: Any, kwargs: dict[str, Any], kind: str, **told: Any) -> None:
    """Open it, unless it will itself restore another, and let that one run."""
    if getattr(kwargs.get("from_checkpoint"), "restore_from", None) is not None:
        return
    before, goes_on = scopes.innermost(), _goes_on(run)
    observe(run, OurStart(type=kind, op="resumed" if goes_on else None, **told))
    begun = scopes.innermost()
    if begun is not None and begun is not before:
        begun.awaits_start, begun.is_kept = not goes_on, True


def _goes_on(run: Any) -> bool:
    return bool(getattr(run, "checkpoint_kickoff_event_id", None))


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
