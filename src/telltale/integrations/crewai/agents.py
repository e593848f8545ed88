"""Agents at work, in a crew or alone, and at their plans before it."""

from typing import Any

from telltale.conventions import attributes as names
from telltale.integrations.crewai.opened import Opened, said, text
from telltale.integrations.crewai.scopes import Scope


def agent_started(agent: Any, event: Any) -> Opened:
    """An agent takes up a task, with the final prompt: memories and knowledge are in it."""
    agent = getattr(event, "agent", None) or agent
    role = text(getattr(agent, "role", None)) or "agent"
    tools = [name for tool in getattr(event, "tools", None) or () if (name := _tool_name(tool))]
    attributes = said(
        **{
            names.AGENT_NAME: role,
            names.AGENT_ID: text(str(getattr(agent, "id", "") or "")),
            names.AGENT_KEY: text(getattr(agent, "key", None)),
            names.AGENT_ROLE: role,
            names.AGENT_GOAL: text(getattr(agent, "goal", None)),
            names.AGENT_TOOLS: tools,
            names.INPUTS: text(getattr(event, "task_prompt", None)),
        }
    )
    return Opened(name=role, attributes=attributes, source=agent)


def agent_of(event: Any) -> Any:
    """The agent that has ended its work."""
    return getattr(event, "agent", None)


def agent_completed(event: Any, scope: Scope) -> None:
    """The agent has its answer."""
    output = getattr(event, "output", None)
    if output is not None and scope.span is not None:
        scope.span.set_outputs(output)


def lone_agent_started(source: Any, event: Any) -> Opened:
    """An agent works without a crew; the event describes it in a dictionary."""
    told = getattr(event, "agent_info", None)
    told = told if isinstance(told, dict) else {}
    role = text(told.get("role")) or "agent"
    messages = getattr(event, "messages", None)
    asked = messages if isinstance(messages, str) else _last_words(messages)
    attributes = said(
        **{
            names.AGENT_NAME: role,
            names.AGENT_ID: text(str(told.get("id") or "")),
            names.AGENT_ROLE: role,
            names.AGENT_GOAL: text(told.get("goal")),
            names.CREW_OP: text(getattr(event, "op", None)),
            names.INPUTS: text(asked),
        }
    )
    return Opened(name=role, attributes=attributes, source=source, purpose="agent")


def reasoning_started(source: Any, event: Any) -> Opened:
    """An agent thinks its task over."""
    attributes = said(**{names.AGENT_NAME: text(getattr(event, "agent_role", None))})
    return Opened(name="reasoning", attributes=attributes, purpose="plan")


def reasoning_completed(event: Any, scope: Scope) -> None:
    """It has a plan, and says whether it is ready."""
    plan = text(getattr(event, "plan", None))
    if plan is not None and scope.span is not None:
        scope.span.set_outputs(plan)


def _last_words(messages: Any) -> str | None:
    """What the user said last."""
    said_before: list[Any] = messages if isinstance(messages, list) else []
    for message in reversed(said_before):
        if isinstance(message, dict) and message.get("role") == "user":
            return text(message.get("content"))
    return None


def _tool_name(tool: Any) -> str | None:
    return text(getattr(tool, "name", None))
