"""Servers of the Model Context Protocol: connected to, and called."""

from typing import Any

from telltale.conventions import attributes as names
from telltale.integrations.crewai.opened import Opened, said, text
from telltale.integrations.crewai.scopes import Scope
from telltale.tracing.serialise import to_text


def connection_started(source: Any, event: Any) -> Opened:
    """A server is connected to."""
    server = text(getattr(event, "server_name", None)) or "server"
    attributes = said(**{names.MCP_TRANSPORT: text(getattr(event, "transport_type", None))})
    return Opened(name=f"connect {server}", attributes=attributes)


def connected(event: Any, scope: Scope) -> None:
    """It is; what it offers, its tools tell."""


def call_started(source: Any, event: Any) -> Opened:
    """A tool of a server's is called."""
    name = text(getattr(event, "tool_name", None)) or "tool"
    attributes = said(
        **{
            names.TOOL_NAME: name,
            names.TOOL_TYPE: "extension",
            names.MCP_SERVER: text(getattr(event, "server_name", None)),
            names.TOOL_CALL_ARGUMENTS: to_text(getattr(event, "tool_args", None) or {}),
        }
    )
    return Opened(name=name, attributes=attributes)


def call_completed(event: Any, scope: Scope) -> None:
    """It has answered."""
    result = getattr(event, "result", None)
    if result is not None and scope.span is not None:
        scope.span.set_attribute(names.TOOL_CALL_RESULT, to_text(result))
