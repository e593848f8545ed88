"""Follow the bus: one call an event, in the thread that emits it, before the user's handlers."""

import functools
from collections.abc import Callable
from typing import Any

from telltale.conventions import attributes as names
from telltale.integrations.crewai import crews, keys, llms, own_llms, scopes
from telltale.integrations.crewai.events import CLOSINGS, OPENINGS, TELLINGS, Closing, Opening
from telltale.integrations.crewai.flows import is_internal
from telltale.integrations.crewai.opened import Opened
from telltale.integrations.crewai.scopes import Scope
from telltale.nouns.span import Kind
from telltale.tracing.guard import fault, sheltered
from telltale.tracing.live import LiveSpan, current
from telltale.tracing.spans import begin

_BEGINNINGS = (Kind.CREW, Kind.TASK, Kind.AGENT, Kind.FLOW)
"""Before them the user has made the models that will be called."""
_OF_A_CREW = ("task_started", "agent_execution_started")
"""Where there is one, it began with all that they hold."""
_IN_A_TASK = (Kind.MEMORY, Kind.KNOWLEDGE, Kind.AGENT)
"""What comes first in one."""


def observing(prepare: Callable[..., Any]) -> Callable[..., Any]:
    """Stand-in for the bus's step that every event passes synchronously."""

    @functools.wraps(prepare)
    def prepare_event(bus: Any, source: Any, event: Any) -> Any:
        result = prepare(bus, source, event)
        observe(source, event)
        return result

    return prepare_event


def observing_emit(emit: Callable[..., Any]) -> Callable[..., Any]:
    """Stand-in for the bus's whole way, where it has no step of its own: older than 1.14."""

    @functools.wraps(emit)
    def emit_event(bus: Any, source: Any, event: Any) -> Any:
        observe(source, event)
        return emit(bus, source, event)

    return emit_event


def observe(source: Any, event: Any) -> None:
    """Open or close what the event is about."""
    try:
        if (opening := OPENINGS.get(event.type)) is not None:
            _open(opening, source, event)
        elif (closing := CLOSINGS.get(event.type)) is not None:
            _close(closing, source, event)
        elif (telling := TELLINGS.get(event.type)) is not None:
            scope = scopes.find(telling.opened_by, None)
            if scope is not None:
                telling.read(event, scope)
    except Exception as error:  # noqa: BLE001  the user's program comes first
        fault(f"reading crewAI's event {getattr(event, 'type', event)!r}", error)


def _open(opening: Opening, source: Any, event: Any) -> None:
    if opening.kind in _BEGINNINGS and not is_internal(source):
        own_llms.watch_classes()
        if event.type not in _OF_A_CREW or next(scopes.chain("crew_kickoff_started"), None) is None:
            with sheltered("learning what is secret"):
                keys.learn_of(source)
                keys.learn(getattr(event, "inputs", None) or {})
    elif opening.kind is Kind.MEMORY and scopes.innermost() is None:
        with sheltered("learning what is secret"):
            keys.learn_store(source)  # Nobody has begun who holds it.
    if event.type == "task_started" and scopes.innermost() is None:
        _go_on_in_thread(getattr(event, "task", None) or source)
    elif opening.kind in _IN_A_TASK and (task := _task_that_goes_on(event)) is not None:
        observe(task, crews.OurStart(type="task_started", op="resumed", task=task))
    opened = opening.read(source, event)
    outer = scopes.innermost()
    if outer and outer.awaits_start and outer.opened_by == event.type and not _is_ours(event):
        outer.awaits_start = False
        if outer.span is not None:
            outer.span.set_attributes(opened.attributes)
        return
    if opened.folded:
        span, owns_span = None if outer is None else outer.span, False
    elif outer and (outer.opened_by == opening.folds_into or _is_told_of(opening, outer, event)):
        span, owns_span = outer.span, False
    else:
        span, owns_span = _begun(opening, opened), True
    if span is not None and not owns_span:
        span.set_attributes(opened.attributes)
    scopes.push(
        Scope(
            event.type,
            outer,
            span=span,
            owns_span=owns_span,
            key=opened.key,
            source=opened.source,
            purpose=opened.purpose,
            ends_itself=opening.op == "write"
            or (opening.kind is Kind.LLM and own_llms.is_watched(type(source))),
        )
    )


def _is_told_of(opening: Opening, outer: Scope, event: Any) -> bool:
    """Whether an agent has told of the call that its model now tells of: older than 0.150."""
    if opening.kind is not Kind.LLM or outer.opened_by != event.type:
        return False
    return outer.is_open and not outer.ends_itself


def _is_ours(event: Any) -> bool:
    return isinstance(event, crews.OurStart)


def _go_on_in_thread(task: Any) -> None:
    """Older versions start a task in a thread that knows nothing of its crew."""
    scopes.enter_where(
        "crew_kickoff_started",
        lambda crew: any(task is one for one in getattr(crew, "tasks", None) or ()),
    )


def _task_that_goes_on(event: Any) -> Any:
    """The restored crew's task that this is the first sign of; None if there is no such task."""
    outer = scopes.innermost()
    crew = outer.source if outer and outer.opened_by == "crew_kickoff_started" else None
    if not getattr(crew, "checkpoint_kickoff_event_id", None):
        return None
    named = getattr(getattr(event, "task", None), "id", None) or getattr(event, "task_id", None)
    tasks = getattr(crew, "tasks", None) or ()
    return next((one for one in tasks if str(one.id) == str(named) and one.output is None), None)


def _begun(opening: Opening, opened: Opened) -> LiveSpan:
    attributes = dict(opened.attributes)
    if opening.op is not None:
        attributes[names.CREW_OP] = opening.op
    return begin(
        opened.name,
        opening.kind,
        attributes,
        parent=_parent(beside_agent=opening.beside_agent or opened.purpose == "extract"),
        links=opened.links,
        link_text=opened.link_text,
        joins=llms.JOINS if opening.kind is Kind.LLM else frozenset(),
        op=opening.op,
    )


def _parent(*, beside_agent: bool) -> LiveSpan | None:
    """The span that is open around; of what stands beside an agent, its task."""
    around = current.get()
    if not beside_agent or around is None or around.kind is not Kind.AGENT:
        return around
    for scope in scopes.chain():
        if scope.span is around and scope.owns_span:
            # One that is asked by itself has none.
            task = scope.around
            return task if task is not None and task.kind is Kind.TASK else around
    return around


def _close(closing: Closing, source: Any, event: Any) -> None:
    scope = scopes.find(closing.opened_by, closing.key(event), closing.about(event), source)
    if scope is None:
        scopes.step_out(closing.opened_by)
        return
    error = crews.handled(event)
    if scope.is_kept and not scope.has_ended:
        scopes.end_leftovers(scopes.leave_all(scope), error)
        scope.has_ended = True
    else:
        scopes.end_leftovers(scopes.leave(scope), error)
    if closing.ends_everything:
        scopes.end_leftovers(scopes.leave_elsewhere([scope]), error)
    if scope.span is None:
        return
    try:
        closing.read(event, scope)
    finally:
        if scope.owns_span and not scope.is_open:
            scope.span.end()
