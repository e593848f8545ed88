"""Crews and their tasks."""

import sys
from types import SimpleNamespace
from typing import Any

from telltale.conventions import attributes as names
from telltale.integrations.crewai import knowledge, scopes
from telltale.integrations.crewai.definition import definition_of
from telltale.integrations.crewai.opened import Opened, said, text
from telltale.integrations.crewai.scopes import Scope
from telltale.tracing.serialise import to_json

INGESTION_LINK = "knowledge ingestion"


def crew_started(crew: Any, event: Any) -> Opened:
    """A kickoff begins."""
    tasks = getattr(crew, "tasks", None) or ()
    process = getattr(crew, "process", None)
    name = text(getattr(event, "crew_name", None)) or "crew"
    attributes = said(
        **{
            names.CREW_NAME: name,
            names.CREW_ID: text(str(getattr(crew, "id", "") or "")),
            names.CREW_PROCESS: text(getattr(process, "value", None)),
            names.CREW_DEFINITION: definition_of(crew),
            names.WORKFLOW_NAME: name,
            names.CREW_OP: text(getattr(event, "op", None)),
            names.INPUTS: _given(event, tasks),
        }
    )
    links = knowledge.ingested(getattr(crew, "knowledge_sources", None))
    return Opened(
        name=name, attributes=attributes, source=crew, links=links, link_text=INGESTION_LINK
    )


class OurStart(SimpleNamespace):
    """The event that crewAI leaves out of what has begun before a checkpoint, or emits late."""


def crew_completed(event: Any, scope: Scope) -> None:
    """A kickoff has its result. crewAI's total of tokens is not taken: it is wrong."""
    _set_outputs(event, scope)


def task_started(task: Any, event: Any) -> Opened:
    """A task begins; its description has its inputs filled in by now."""
    task = getattr(event, "task", None) or task
    description = text(getattr(task, "description", None)) or ""
    context = text(getattr(event, "context", None))
    index = _index(task)
    agent = getattr(task, "agent", None)
    attributes = said(
        **{
            names.TASK_ID: text(str(getattr(task, "id", "") or "")),
            names.TASK_INDEX: index,
            names.TASK_DESCRIPTION: description,
            names.TASK_EXPECTED_OUTPUT: text(getattr(task, "expected_output", None)),
            names.TASK_CONTEXT: _context_tasks(task),
            names.CREW_OP: text(getattr(event, "op", None)),
            names.AGENT_ROLE: text(getattr(agent, "role", None)),
            names.INPUTS: to_json({"description": description, "context": context})
            if context
            else description,
        }
    )
    number = "" if index is None else f" {index + 1}"
    return Opened(
        name=text(getattr(task, "name", None)) or f"task{number}",
        attributes=attributes,
        source=task,
    )


def task_of(event: Any) -> Any:
    """The task that has ended."""
    return getattr(event, "task", None)


def task_completed(event: Any, scope: Scope) -> None:
    """A task has its output."""
    _set_outputs(event, scope)


def failed(event: Any, scope: Scope) -> None:
    """Something failed; crewAI tells of it in words, seldom with the exception."""
    if scope.span is None:
        return
    error = handled(event) or getattr(event, "error", None)
    if isinstance(error, BaseException):
        scope.record(error)
        return
    kind = getattr(event, "error_type", None)
    kind = getattr(kind, "__name__", None) or text(kind) or scope.span.failed_attempt
    scope.span.fail(kind or "_OTHER", str(error or "failed without a message"))


def handled(event: Any) -> BaseException | None:
    """The exception that an event is about, with its type and its stack.

    crewAI tells of a failure while it handles the exception.
    """
    told, error = getattr(event, "error", None), sys.exception()
    if told is None and str(getattr(event, "type", "")).endswith("_canceled"):
        return error
    if told is None or error is None or str(error) not in str(told):
        return None
    return error


def _given(event: Any, tasks: Any) -> str | None:
    """The inputs of the kickoff; without any, what the crew was made to do."""
    if inputs := getattr(event, "inputs", None):
        return to_json(inputs)
    return text(getattr(tasks[0], "description", None)) if tasks else None


def _set_outputs(event: Any, scope: Scope) -> None:
    output = getattr(event, "output", None)
    raw = text(getattr(output, "raw", None)) or text(output)
    if raw is not None and scope.span is not None:
        scope.span.set_outputs(raw)


def _tasks_of_crew() -> list[Any]:
    crew = next(scopes.chain("crew_kickoff_started"), None)
    return list(getattr(crew.source, "tasks", None) or ()) if crew is not None else []


def _index(task: Any) -> int | None:
    return next((i for i, other in enumerate(_tasks_of_crew()) if other is task), None)


def _context_tasks(task: Any) -> list[str]:
    """Ids of the tasks whose outputs this one is given; only those that were named."""
    context = getattr(task, "context", None)
    return [str(other.id) for other in context] if isinstance(context, list) else []
