"""Agents at work, and the flows that crewAI runs inside itself."""

from typing import Any

from telltale.conventions import attributes as names
from telltale.integrations.crewai.opened import Opened, said, text
from telltale.integrations.crewai.scopes import Scope
from telltale.tracing.serialise import to_json

_PURPOSES = {"AgentExecutor": "agent", "RecallFlow": "recall", "EncodingFlow": "encode"}
"""crewAI's internal flows, by what an LLM is called for inside them."""


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


def agent_completed(event: Any, scope: Scope) -> None:
    """The agent has its answer."""
    output = getattr(event, "output", None)
    if output is not None and scope.span is not None:
        scope.span.set_outputs(output)


def internal_flow_started(flow: Any, event: Any) -> Opened:
    """A flow that crewAI runs to do something else: no span, but a reason why LLMs are called."""
    name = text(getattr(event, "flow_name", None)) or type(flow).__name__
    inputs = getattr(event, "inputs", None)
    attributes = {}
    if name == "EncodingFlow" and isinstance(inputs, dict):
        attributes[names.INPUTS] = to_json(_memories(inputs))
    return Opened(name=name, purpose=_PURPOSES.get(name), attributes=attributes)


def internal_flow_ended(event: Any, scope: Scope) -> None:
    """Nothing that its calls have not told."""


def _memories(inputs: dict[str, Any]) -> list[str]:
    """The words that are to be remembered; the event of the write only counts them."""
    items = inputs.get("items") or ()
    return [item["content"] for item in items if isinstance(item, dict) and "content" in item]


def _tool_name(tool: Any) -> str | None:
    return text(getattr(tool, "name", None))
