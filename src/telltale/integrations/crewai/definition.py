"""A crew's definition as a short hash: runs of the same crew share it, whatever their inputs.

It is over what shapes the answers: words, models with their parameters, names of tools, guardrails,
forms, and how the crew works. crewAI writes a kickoff's inputs into its agents and tasks, and keeps
what stood there before under private names; what it keeps of nothing, `written` does. crewAI's own
key of a crew is taken behind that, so it differs from run to run.

Fields are read where they are held, so that no code of the user's runs, and crewAI does not warn
its user of a field that only we ask for.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from telltale.integrations.crewai.opened import listed, text
from telltale.integrations.crewai.shaping import called, form, model, plainly, sources
from telltale.integrations.crewai.written import as_written
from telltale.tracing.guard import sheltered

_DIGITS = 16
_AGENT_TEXTS = ("role", "goal", "backstory")
_AGENT = (
    "allow_code_execution",
    "allow_delegation",
    "inject_date",
    "max_iter",
    "multimodal",
    "planning",
    "prompt_template",
    "reasoning",
    "response_template",
    "system_template",
    "use_system_prompt",
)
_TASK_TEXTS = ("description", "expected_output")
_TASK = ("async_execution", "guardrail_max_retries", "human_input", "markdown")
_FORMS = ("output_json", "output_pydantic", "response_model")
_TOOLS_OF_THE_CREW = "BaseAgentTool"
"""A manager is given them, and may be entered with them in a task; to others they are lent."""


def definition_of(crew: Any) -> str:
    """16 hex digits, none of them of keys, identities or anything else of a run.

    Empty where it cannot be told: a trace without it is better than none.
    """
    with sheltered("telling a crew's definition"):
        told = json.dumps(_whole(crew), sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()[:_DIGITS]
    return ""


def crew_told(crew: Any) -> dict[str, Any]:
    """What shapes its answers beside agents and tasks."""
    held = vars(crew)
    planning = held.get("planning") is True
    told = {
        "process": str(getattr(held.get("process"), "value", "")),
        "planning": model(held.get("planning_llm")) if planning else None,
        "plans": planning,
        "memory": _is_on(held.get("memory")),
        "knowledge": sources(held.get("knowledge_sources")),
        "manager": _manager(held.get("manager_agent"), held.get("manager_llm")),
        "function_calling_llm": model(held.get("function_calling_llm")),
    }
    return as_written(crew, told)


def agent_told(agent: Any) -> dict[str, Any]:
    """What shapes an agent's answers."""
    held = vars(agent)
    told = {
        **_texts(agent, _AGENT_TEXTS),
        "llm": model(held.get("llm"), _added_to_stop(held)),
        "function_calling_llm": model(held.get("function_calling_llm")),
        "tools": _names(held.get("tools")),
        "settings": plainly(held, _AGENT),
        "guardrail": called(held.get("guardrail")),
        "memory": _is_on(held.get("memory")),
        "knowledge": sources(held.get("knowledge_sources")),
    }
    return as_written(agent, told)


def task_told(task: Any) -> dict[str, Any]:
    """What shapes a task's output, but for the tasks and the agent that it needs."""
    held = vars(task)
    told = {
        **_texts(task, _TASK_TEXTS),
        "tools": _names(held.get("tools")),
        "settings": plainly(held, _TASK),
        "guardrails": [
            called(one) for name in ("guardrail", "guardrails") for one in listed(held.get(name))
        ],
        "condition": called(held.get("condition")),
        "forms": [form(held.get(name)) for name in _FORMS],
    }
    return as_written(task, told)


def _whole(crew: Any) -> dict[str, Any]:
    held, told = vars(crew), crew_told(crew)
    agents, tasks = listed(held.get("agents")), listed(held.get("tasks"))
    # A task that nobody is named for becomes the manager's.
    others = [
        agent
        for agent in (vars(task).get("agent") for task in tasks)
        if agent is not None and agent is not held.get("manager_agent")
    ]
    agents = list({id(agent): agent for agent in (*agents, *others)}.values())
    # At a kickoff it is given to each agent that has none.
    calling = told.pop("function_calling_llm")
    of_agents = [agent_told(agent) for agent in agents]
    return told | {
        "agents": [
            one | {"function_calling_llm": one["function_calling_llm"] or calling}
            for one in of_agents
        ],
        "tasks": [_task(task, agents, tasks) for task in tasks],
    }


def _task(task: Any, agents: list[Any], tasks: list[Any]) -> dict[str, Any]:
    held = vars(task)
    context = held.get("context")
    return task_told(task) | {
        "agent": _place(held.get("agent"), agents),
        # What is no list, and not nothing either, stands for all the tasks before it.
        "context": [_place(one, tasks) for one in listed(context)] if context else None,
    }


def _manager(agent: Any, llm: Any) -> dict[str, Any]:
    if agent is None:
        return {"llm": model(llm)}
    told = agent_told(agent)
    # Each kickoff allows it to.
    told["settings"] = told["settings"] | {"allow_delegation": True}
    return told


def _texts(holder: Any, names: Iterable[str]) -> dict[str, str]:
    """As they were before inputs were put into them, as far as crewAI keeps it."""
    held, private = vars(holder), getattr(holder, "__pydantic_private__", None) or {}
    found = ((name, private.get(f"_original_{name}"), held.get(name)) for name in names)
    return {
        name: next((text for text in (before, now) if isinstance(text, str)), "")
        for name, before, now in found
    }


def _added_to_stop(agent: dict[str, Any]) -> tuple[str, ...]:
    """Where older versions let a model stop, when its agent begins to work."""
    template = agent.get("response_template")
    end = template.rpartition("{{ .Response }}")[2].strip() if isinstance(template, str) else ""
    return (end,)


def _is_on(memory: Any) -> bool:
    # Not by ==, which may be the user's.
    return memory is not None and memory is not False


def _place(value: Any, among: list[Any]) -> int | None:
    return next((number for number, one in enumerate(among) if one is value), None)


def _names(tools: Any) -> list[str]:
    return [
        text(vars(tool).get("name")) or type(tool).__name__
        for tool in listed(tools)
        if not any(cls.__name__ == _TOOLS_OF_THE_CREW for cls in type(tool).__mro__)
    ]
