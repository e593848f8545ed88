"""What each tracer calls the parts of a crew's run: the mapping behind the table of peers.

A span is what its tracer says that it is, by an attribute of its own convention. Where a tracer
says only "chain" or "workflow", the name of what was called decides, in the tracer's favour:
crewAI's `RecallFlow` is counted as a memory's read and its `EncodingFlow` as a write. What says
neither is "other". OpenInference has one span for a task and the agent that works on it, which it
calls an agent; so do we.
"""

from typing import Any

import msgspec

KINDS = (
    "crew",
    "task",
    "agent",
    "LLM",
    "tool",
    "embedding",
    "memory read",
    "memory write",
    "knowledge query",
    "knowledge load",
    "vector store",
    "HTTP",
    "other",
)
_BY_ATTRIBUTE = {
    "telltale.kind": {
        "crew": "crew",
        "task": "task",
        "agent": "agent",
        "llm": "LLM",
        "tool": "tool",
        "embedding": "embedding",
        "retriever": "vector store",
    },
    "openinference.span.kind": {
        "AGENT": "agent",
        "LLM": "LLM",
        "TOOL": "tool",
        "EMBEDDING": "embedding",
    },
    "mlflow.spanType": {
        "AGENT": "agent",
        "CHAT_MODEL": "LLM",
        "LLM": "LLM",
        "TOOL": "tool",
        "EMBEDDING": "embedding",
    },
    "entity_type": {"crew": "crew"},
    "traceloop.span.kind": {"workflow": "crew", "task": "task", "agent": "agent", "tool": "tool"},
    "gen_ai.operation.name": {
        "chat": "LLM",
        "embeddings": "embedding",
        "execute_tool": "tool",
        "vectordb": "vector store",
    },
}
_BY_OPERATION = {
    ("memory", "read"): "memory read",
    ("memory", "write"): "memory write",
    ("knowledge", "query"): "knowledge query",
    ("knowledge", "ingest"): "knowledge load",
}
_BY_NAME = {
    "trip.kickoff": "crew",
    "crewai.workflow": "crew",
    "invoke_workflow trip": "crew",
    "Task.execute_sync": "task",
    "RecallFlow.kickoff": "memory read",
    "EncodingFlow.kickoff": "memory write",
    "invoke_workflow RecallFlow": "memory read",
    "invoke_workflow EncodingFlow": "memory write",
    "Knowledge.query": "knowledge query",
}
_BY_SCOPE = {
    "chromadb": "vector store",
    "lancedb": "vector store",
    "httpx": "HTTP",
    "requests": "HTTP",
    "urllib3": "HTTP",
}
_TOKENS = {
    "input_tokens": ("gen_ai.usage.input_tokens", "llm.token_count.prompt"),
    "output_tokens": ("gen_ai.usage.output_tokens", "llm.token_count.completion"),
}


class PeerSpan(msgspec.Struct, frozen=True):
    """A span as a tracer has it."""

    name: str
    scope: str = ""
    trace: str = ""
    id: str = ""
    parent: str | None = None
    attributes: dict[str, Any] = msgspec.field(default_factory=dict)


def kind_of(span: PeerSpan) -> str:
    """One of `KINDS`."""
    told = span.attributes
    if (named := _BY_NAME.get(span.name)) is not None:
        return named
    operation = told.get("telltale.kind"), told.get("telltale.crew.op")
    if operation in _BY_OPERATION:
        return _BY_OPERATION[operation]
    for attribute, kinds in _BY_ATTRIBUTE.items():
        if (kind := kinds.get(told.get(attribute, ""))) is not None:
            return kind
    # OpenLIT says `invoke_agent` of every step of crewAI's own flows; an agent has a name.
    if told.get("gen_ai.operation.name") == "invoke_agent" and "gen_ai.agent.name" in told:
        return "agent"
    return _BY_SCOPE.get(span.scope.rpartition(".")[2], "other")


def tokens(span: PeerSpan, which: str) -> int | None:
    """`input_tokens` or `output_tokens` of a call; None where they are not told."""
    usage = span.attributes.get("mlflow.chat.tokenUsage")
    if isinstance(usage, dict):
        return usage.get(which)
    for name in _TOKENS[which]:
        if (count := span.attributes.get(name)) is not None:
            return int(count)
    return None


def cost_usd(span: PeerSpan) -> float | None:
    """What the tracer says that a call cost; None where it says nothing."""
    whole = span.attributes.get("mlflow.llm.cost")
    if isinstance(whole, dict):
        return whole.get("total_cost")
    for name in ("telltale.cost_usd", "gen_ai.usage.cost"):
        if (cost := span.attributes.get(name)) is not None:
            return float(cost)
    return None


def call_id(span: PeerSpan) -> str | None:
    """The id of the model's call that a tool's span names, under whatever attribute."""
    values = [value for value in span.attributes.values() if isinstance(value, str)]
    return next((value for value in values if value.startswith("call_")), None)
