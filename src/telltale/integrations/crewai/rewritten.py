"""Where crewAI puts something else in the place of what a user has written."""

import functools
from collections.abc import Callable
from typing import Any

from telltale.integrations.crewai.definition import agent_told, crew_told, task_told
from telltale.integrations.crewai.opened import listed
from telltale.integrations.crewai.written import keep
from telltale.tracing.guard import sheltered

Function = Callable[..., Any]
Told = Callable[[Any], dict[str, Any]]


def copying(told: Told) -> Callable[[Function], Function]:
    """What makes a stand-in for a `copy`: what the copy has been given is not all that was said.

    Args:
        told: What shapes the answers of what is copied.
    """

    def make(original: Function) -> Function:
        @functools.wraps(original)
        def copy(one: Any, *args: Any, **kwargs: Any) -> Any:
            copied = original(one, *args, **kwargs)
            with sheltered("keeping what a copy is written like"):
                keep(copied, told(one), told(copied))
            return copied

        return copy

    return make


def preparing(original: Function) -> Function:
    """Stand-in for what a crew does to itself and to its tasks before they begin."""

    @functools.wraps(original)
    def prepare(crew: Any, *args: Any, **kwargs: Any) -> Any:
        before: list[tuple[Any, Told, dict[str, Any]]] = []
        with sheltered("reading a crew before it is prepared"):
            tasks = listed(vars(crew).get("tasks"))
            before = [(crew, crew_told, crew_told(crew))]
            before += [(task, task_told, task_told(task)) for task in tasks]
        result = original(crew, *args, **kwargs)
        with sheltered("keeping what a crew was written like"):
            for holder, told, said in before:
                keep(holder, said, told(holder))
        return result

    return prepare


copying_an_agent = copying(agent_told)
copying_a_task = copying(task_told)
copying_a_crew = copying(crew_told)
