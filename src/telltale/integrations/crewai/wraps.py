"""The few places beside the bus that must be watched, for it says nothing of them or too little."""

import functools
from collections.abc import Callable
from typing import Any

from telltale.conventions import attributes as names
from telltale.integrations.crewai import scopes
from telltale.integrations.crewai.around import for_a
from telltale.integrations.crewai.crews import task_started
from telltale.nouns.span import Kind
from telltale.tracing.guard import sheltered
from telltale.tracing.live import current
from telltale.tracing.patching import within
from telltale.tracing.spans import begin

Function = Callable[..., Any]


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


extracting = within(for_a("extract"))
"""Stand-in for `Memory.extract_memories`, whose LLM call names nobody and nothing."""


def skipping(original: Function) -> Function:
    """Stand-in for `ConditionalTask.get_skipped_task_output`: the output of a task left out."""

    @functools.wraps(original)
    def traced(task: Any, *args: Any, **kwargs: Any) -> Any:
        with sheltered("telling of a task that was skipped"):
            opened = task_started(task, None)
            attributes = opened.attributes | {names.CREW_OP: "skipped"}
            begin(opened.name, Kind.TASK, attributes, parent=current.get()).end()
        return original(task, *args, **kwargs)

    return traced
