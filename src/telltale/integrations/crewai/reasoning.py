"""Agents that make a plan before they work."""

from typing import Any

from telltale.conventions import attributes as names
from telltale.integrations.crewai.opened import Opened, said, text
from telltale.integrations.crewai.scopes import Scope


def reasoning_started(source: Any, event: Any) -> Opened:
    """An agent thinks its task over."""
    attributes = said(**{names.AGENT_NAME: text(getattr(event, "agent_role", None))})
    return Opened(name="reasoning", attributes=attributes, purpose="plan")


def reasoning_completed(event: Any, scope: Scope) -> None:
    """It has a plan, and says whether it is ready."""
    plan = text(getattr(event, "plan", None))
    if plan is not None and scope.span is not None:
        scope.span.set_outputs(plan)
