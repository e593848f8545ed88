"""A crew's definition as a short hash: runs of the same crew share it, whatever their inputs.

crewAI writes a kickoff's inputs into its agents and tasks, and keeps what stood there before under
private names; where a version has none, what stands there now must do. crewAI's own key of a crew
is taken behind that, so it differs from run to run.
"""

import hashlib
from typing import Any

from telltale.tracing.serialise import to_json

_AGENT = ("role", "goal", "backstory")
_TASK = ("description", "expected_output")
_DIGITS = 16


def definition_of(crew: Any) -> str:
    """16 hex digits over agents, tasks and process, none of their keys and nothing of a run."""
    tasks = list(getattr(crew, "tasks", None) or ())
    agents = list(getattr(crew, "agents", None) or ())
    told = {
        "process": str(getattr(getattr(crew, "process", None), "value", "")),
        "agents": [_agent(agent) for agent in agents],
        "tasks": [_task(task, agents, tasks) for task in tasks],
    }
    return hashlib.sha256(to_json(told).encode()).hexdigest()[:_DIGITS]


def _agent(agent: Any) -> dict[str, Any]:
    model = getattr(getattr(agent, "llm", None), "model", None)
    return {
        **{name: _as_written(agent, name) for name in _AGENT},
        "model": model if isinstance(model, str) else "",
        "tools": _names(getattr(agent, "tools", None)),
    }


def _task(task: Any, agents: list[Any], tasks: list[Any]) -> dict[str, Any]:
    context = getattr(task, "context", None)
    return {
        **{name: _as_written(task, name) for name in _TASK},
        "agent": _place(getattr(task, "agent", None), agents),
        "tools": _names(getattr(task, "tools", None)),
        "context": [_place(other, tasks) for other in context] if isinstance(context, list) else [],
    }


def _as_written(value: Any, name: str) -> str:
    """A text before inputs were put into it."""
    before = getattr(value, f"_original_{name}", None)
    now = getattr(value, name, None)
    return next((text for text in (before, now) if isinstance(text, str)), "")


def _place(value: Any, among: list[Any]) -> int | None:
    return next((number for number, one in enumerate(among) if one is value), None)


def _names(tools: Any) -> list[str]:
    return [str(getattr(tool, "name", type(tool).__name__)) for tool in tools or ()]
