"""Runs from their call until they return: crews, flows, and agents that are asked by themselves.

By crewAI's word a run begins behind the functions that are to be called before it, and has ended
before those that are called after it; none of them may fail, by that word. It reports no end where
a run is interrupted or cancelled, and no start where one goes on from a checkpoint.
"""

import functools
import inspect
import sys
from collections.abc import Callable
from typing import Any

from telltale.integrations.crewai import scopes
from telltale.integrations.crewai.crews import OurStart
from telltale.integrations.crewai.flows import is_internal, name_of, set_outputs
from telltale.integrations.crewai.observe import observe
from telltale.integrations.crewai.scopes import Place, Scope
from telltale.tracing.guard import sheltered

Function = Callable[..., Any]
Begin = Callable[[tuple[Any, ...], dict[str, Any]], None]
"""From the arguments of a call to the scope that it opens, if it does."""
_FOLLOWED = "followed"
_FLOW = "flow_started"


def kickoff(original: Function) -> Function:
    """Stand-in for `Crew.kickoff` and `Crew.akickoff`."""
    return tidied(original, _begin_crew)


def lone_kickoff(original: Function) -> Function:
    """The same for an agent's that is asked by itself.

    On a loop its kickoff only answers with a coroutine: that of `kickoff_async`, which comes by.
    """
    if inspect.iscoroutinefunction(original):
        return tidied(original, _begin_agent)
    return tidied(
        original, lambda args, kwargs: None if _on_a_loop() else _begin_agent(args, kwargs)
    )


def flow_kickoff(original: Function) -> Function:
    """The same for each way to start a flow of the user's, of which one may call another.

    crewAI's own flows serve what is around them.
    """
    run_tidied = tidied(original, _begin_flow, elsewhere=False)

    def run(flow: Any) -> Function:
        return original if is_internal(flow) else run_tidied

    @functools.wraps(original)
    def traced(flow: Any, *args: Any, **kwargs: Any) -> Any:
        return run(flow)(flow, *args, **kwargs)

    @functools.wraps(original)
    async def traced_async(flow: Any, *args: Any, **kwargs: Any) -> Any:
        return await run(flow)(flow, *args, **kwargs)

    return traced_async if inspect.iscoroutinefunction(original) else traced


def method(original: Function) -> Function:
    """Stand-in for the step that runs one method: of one that is cancelled nothing is said."""
    return tidied(original, _begin_followed, elsewhere=False)


def alone(original: Function) -> Function:
    """Stand-in for a function that tells of its start, and of its end if nothing goes wrong."""
    return tidied(original, lambda args, kwargs: None, elsewhere=False)


def tidied(original: Function, begin: Begin, *, elsewhere: bool = True) -> Function:
    """Begun as it is called, and nothing left open behind it.

    Args:
        elsewhere: Also nothing in other threads or tasks: crewAI goes on with none of it. A flow
            and its methods may leave work behind that ends by itself.
    """

    @functools.wraps(original)
    def traced(*args: Any, **kwargs: Any) -> Any:
        before = scopes.place()
        try:
            begin(args, kwargs)
            result = original(*args, **kwargs)
        except BaseException as error:
            _tidy(before, elsewhere, error=error)
            raise
        _tidy(before, elsewhere, result=result)
        return result

    @functools.wraps(original)
    async def traced_async(*args: Any, **kwargs: Any) -> Any:
        before = scopes.place()
        try:
            begin(args, kwargs)
            result = await original(*args, **kwargs)
        except BaseException as error:
            _tidy(before, elsewhere, error=error)
            raise
        _tidy(before, elsewhere, result=result)
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
        inputs = _first(args, kwargs, "inputs")
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
        messages = _first(args, kwargs, "messages")
        info = {name: getattr(agent, name, None) for name in ("id", "role", "goal")}
        _begin_run(agent, kwargs, kind, agent_info=info, messages=messages)


def _begin_flow(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """The same of a flow, unless it is to be silent."""
    with sheltered("beginning a flow"):
        flow = args[0] if args else None
        if any(getattr(flow, name, False) for name in ("stream", "suppress_flow_events")):
            return
        outer = scopes.innermost()
        if outer is not None and outer.awaits_start and outer.source is flow:
            return
        inputs = _first(args, kwargs, "inputs")
        told = inputs if isinstance(inputs, dict) else None
        _begin_run(flow, kwargs, _FLOW, flow_name=name_of(flow), inputs=told)


def _begin_followed(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Mark what is inside as ended by whoever follows it."""
    with sheltered("following a method"):
        scope = Scope(_FOLLOWED, scopes.innermost(), span=None, owns_span=False)
        scope.is_kept = True
        scopes.push(scope)


def _first(args: tuple[Any, ...], kwargs: dict[str, Any], name: str) -> Any:
    """The first argument of a method, by its name or by its place."""
    return kwargs.get(name, args[1] if len(args) > 1 else None)


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


def _tidy(
    before: Place, elsewhere: bool, *, error: BaseException | None = None, result: Any = None
) -> None:
    with sheltered("closing what crewAI left open"):
        left = scopes.leave_all(before.scope, elsewhere=elsewhere)
        for scope in left:
            is_run = scope.is_kept and scope.below is before.scope
            if is_run and scope.opened_by == _FLOW and not scope.has_ended:
                set_outputs(result, scope)  # It waits for more, and crewAI tells of no end.
        scopes.end_leftovers(left, error)
        scopes.return_to(before)
