"""What each event of crewAI's opens or closes, and who reads it.

An event that is not in the tables changes nothing. A table row is all that a new event needs.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from telltale.integrations.crewai import (
    a2a,
    agents,
    crews,
    flows,
    guardrails,
    knowledge,
    llms,
    mcp,
    memory,
    own_llms,
    people,
    tools,
)
from telltale.integrations.crewai.opened import Opened
from telltale.integrations.crewai.scopes import Scope
from telltale.nouns.span import Kind


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """An event that starts something."""

    kind: Kind
    read: Callable[[Any, Any], Opened]
    """From the event's source and the event."""
    folds_into: str | None = None
    """Type of an event whose span already says this: a query inside its retrieval."""
    op: str | None = None
    beside_agent: bool = False
    """Belongs to the task, though crewAI does it before the agent's end."""


class Closing(msgspec.Struct, frozen=True, kw_only=True):
    """An event that ends something."""

    opened_by: str
    read: Callable[[Any, Scope], None]
    """Tells the scope's span how it went; ending the span is not its business."""
    key: Callable[[Any], str | None] = lambda _: None
    about: Callable[[Any], Any] = lambda _: None
    """The object of crewAI's that it is the end of: others of its kind may be open around it."""
    ends_everything: bool = False
    """Nothing goes on inside after it, in whatever thread. A task's memories may."""


class Telling(msgspec.Struct, frozen=True):
    """An event that says more of something that is open."""

    opened_by: str
    read: Callable[[Any, Scope], None]


OPENINGS: dict[str, Opening] = {
    "crew_kickoff_started": Opening(kind=Kind.CREW, read=crews.crew_started),
    "task_started": Opening(kind=Kind.TASK, read=crews.task_started),
    "agent_execution_started": Opening(kind=Kind.AGENT, read=agents.agent_started),
    "lite_agent_execution_started": Opening(kind=Kind.AGENT, read=agents.lone_agent_started),
    "flow_started": Opening(kind=Kind.FLOW, read=flows.flow_started),
    "method_execution_started": Opening(kind=Kind.METHOD, read=flows.method_started),
    "llm_call_started": Opening(
        kind=Kind.LLM, read=llms.call_started, folds_into=own_llms.OPENED_BY
    ),
    "llm_guardrail_started": Opening(kind=Kind.GUARDRAIL, read=guardrails.guardrail_started),
    "agent_reasoning_started": Opening(kind=Kind.PLAN, read=agents.reasoning_started),
    "mcp_connection_started": Opening(kind=Kind.CHAIN, read=mcp.connection_started, op="connect"),
    "mcp_tool_execution_started": Opening(kind=Kind.TOOL, read=mcp.call_started, op="mcp"),
    "a2a_delegation_started": Opening(kind=Kind.AGENT, read=a2a.delegation_started, op="delegate"),
    "a2a_server_task_started": Opening(kind=Kind.TASK, read=a2a.serving_started, op="serve"),
    "human_feedback_requested": Opening(kind=Kind.HUMAN, read=people.person_asked, op="wait"),
    "flow_input_requested": Opening(kind=Kind.HUMAN, read=people.person_asked, op="wait"),
    "tool_usage_started": Opening(kind=Kind.TOOL, read=tools.tool_started),
    "memory_retrieval_started": Opening(kind=Kind.MEMORY, read=memory.read_started, op="read"),
    "memory_query_started": Opening(
        kind=Kind.MEMORY,
        read=memory.query_started,
        folds_into="memory_retrieval_started",
        op="read",
    ),
    "memory_save_started": Opening(
        kind=Kind.MEMORY, read=memory.write_started, op="write", beside_agent=True
    ),
    "knowledge_search_query_started": Opening(
        kind=Kind.KNOWLEDGE, read=knowledge.query_started, op="query"
    ),
    "knowledge_query_started": Opening(
        kind=Kind.KNOWLEDGE,
        read=knowledge.rewrite_started,
        folds_into="knowledge_search_query_started",
        op="query",
    ),
}

CLOSINGS: dict[str, Closing] = {
    "crew_kickoff_completed": Closing(
        opened_by="crew_kickoff_started", read=crews.crew_completed, ends_everything=True
    ),
    "crew_kickoff_failed": Closing(
        opened_by="crew_kickoff_started", read=crews.failed, ends_everything=True
    ),
    "task_completed": Closing(
        opened_by="task_started", read=crews.task_completed, about=crews.task_of
    ),
    "task_failed": Closing(opened_by="task_started", read=crews.failed, about=crews.task_of),
    "agent_execution_completed": Closing(
        opened_by="agent_execution_started", read=agents.agent_completed, about=agents.agent_of
    ),
    "agent_execution_error": Closing(
        opened_by="agent_execution_started", read=crews.failed, about=agents.agent_of
    ),
    "lite_agent_execution_completed": Closing(
        opened_by="lite_agent_execution_started", read=agents.agent_completed
    ),
    "lite_agent_execution_error": Closing(
        opened_by="lite_agent_execution_started", read=crews.failed
    ),
    "flow_finished": Closing(opened_by="flow_started", read=flows.flow_finished),
    "flow_failed": Closing(opened_by="flow_started", read=flows.flow_failed),
    "flow_paused": Closing(opened_by="flow_started", read=flows.paused),
    "method_execution_finished": Closing(
        opened_by="method_execution_started", read=flows.method_finished, key=flows.method
    ),
    "method_execution_failed": Closing(
        opened_by="method_execution_started", read=crews.failed, key=flows.method
    ),
    "method_execution_paused": Closing(
        opened_by="method_execution_started", read=flows.paused, key=flows.method
    ),
    "llm_call_completed": Closing(
        opened_by="llm_call_started", read=llms.call_completed, key=llms.call_id
    ),
    "llm_call_failed": Closing(
        opened_by="llm_call_started", read=llms.call_failed, key=llms.call_id
    ),
    "llm_guardrail_completed": Closing(
        opened_by="llm_guardrail_started", read=guardrails.guardrail_completed
    ),
    "llm_guardrail_failed": Closing(opened_by="llm_guardrail_started", read=crews.failed),
    "agent_reasoning_completed": Closing(
        opened_by="agent_reasoning_started", read=agents.reasoning_completed
    ),
    "agent_reasoning_failed": Closing(opened_by="agent_reasoning_started", read=crews.failed),
    "mcp_connection_completed": Closing(opened_by="mcp_connection_started", read=mcp.connected),
    "mcp_connection_failed": Closing(opened_by="mcp_connection_started", read=crews.failed),
    "mcp_tool_execution_completed": Closing(
        opened_by="mcp_tool_execution_started", read=mcp.call_completed
    ),
    "mcp_tool_execution_failed": Closing(opened_by="mcp_tool_execution_started", read=crews.failed),
    "a2a_delegation_completed": Closing(
        opened_by="a2a_delegation_started", read=a2a.delegation_completed
    ),
    "a2a_server_task_completed": Closing(
        opened_by="a2a_server_task_started", read=a2a.serving_completed, key=a2a.served
    ),
    "a2a_server_task_failed": Closing(
        opened_by="a2a_server_task_started", read=crews.failed, key=a2a.served
    ),
    "a2a_server_task_canceled": Closing(
        opened_by="a2a_server_task_started", read=a2a.serving_canceled, key=a2a.served
    ),
    "human_feedback_received": Closing(
        opened_by="human_feedback_requested", read=people.person_answered
    ),
    "flow_input_received": Closing(opened_by="flow_input_requested", read=people.person_answered),
    "tool_usage_finished": Closing(opened_by="tool_usage_started", read=tools.tool_finished),
    "tool_usage_error": Closing(opened_by="tool_usage_started", read=crews.failed),
    "memory_retrieval_completed": Closing(
        opened_by="memory_retrieval_started", read=memory.read_completed
    ),
    "memory_retrieval_failed": Closing(opened_by="memory_retrieval_started", read=crews.failed),
    "memory_query_completed": Closing(
        opened_by="memory_query_started", read=memory.query_completed
    ),
    "memory_query_failed": Closing(opened_by="memory_query_started", read=crews.failed),
    "memory_save_completed": Closing(opened_by="memory_save_started", read=memory.write_completed),
    "memory_save_failed": Closing(opened_by="memory_save_started", read=crews.failed),
    "knowledge_search_query_completed": Closing(
        opened_by="knowledge_search_query_started", read=knowledge.query_completed
    ),
    "knowledge_search_query_failed": Closing(
        opened_by="knowledge_search_query_started", read=crews.failed
    ),
    "knowledge_query_completed": Closing(
        opened_by="knowledge_query_started", read=knowledge.rewrite_completed
    ),
    "knowledge_query_failed": Closing(opened_by="knowledge_query_started", read=crews.failed),
}

TELLINGS = {
    "a2a_response_received": Telling("a2a_delegation_started", a2a.response_received),
}
