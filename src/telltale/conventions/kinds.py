"""Kinds of spans in other people's words, and theirs in ours.

Three vocabularies meet here: our `Kind`, OpenTelemetry's `gen_ai.operation.name`, MLflow's
`SpanType`. They do not fit one to one: a crew and a flow are both `invoke_workflow`, and what
OpenTelemetry has no word for has no operation.
"""

from telltale.nouns.span import Kind

_OPERATIONS = {
    Kind.CREW: "invoke_workflow",
    Kind.FLOW: "invoke_workflow",
    Kind.AGENT: "invoke_agent",
    Kind.LLM: "chat",
    Kind.TOOL: "execute_tool",
    Kind.EMBEDDING: "embeddings",
    Kind.RETRIEVER: "retrieval",
    Kind.PLAN: "plan",
}

_MEMORY_WRITES = frozenset({"write", "save", "upsert"})

_BY_OPERATION = {
    "chat": Kind.LLM,
    "generate_content": Kind.LLM,
    "text_completion": Kind.LLM,
    "embeddings": Kind.EMBEDDING,
    "retrieval": Kind.RETRIEVER,
    "rerank": Kind.RERANKER,
    "create_agent": Kind.AGENT,
    "invoke_agent": Kind.AGENT,
    "execute_tool": Kind.TOOL,
    # Some workflow, not one of crewAI's: only `telltale.kind` says that it is a crew or a flow.
    "invoke_workflow": Kind.CHAIN,
    "handle_conversation_turn": Kind.CHAIN,
    "plan": Kind.PLAN,
    "search_memory": Kind.MEMORY,
    "create_memory": Kind.MEMORY,
    "update_memory": Kind.MEMORY,
    "upsert_memory": Kind.MEMORY,
    "delete_memory": Kind.MEMORY,
    "create_memory_store": Kind.MEMORY,
    "delete_memory_store": Kind.MEMORY,
}

_BY_SPAN_TYPE = {kind.value.upper(): kind for kind in Kind} | {
    "CHAT_MODEL": Kind.LLM,
    "WORKFLOW": Kind.CHAIN,
    "PARSER": Kind.CHAIN,
}


def kind_named(value: object) -> Kind | None:
    """The kind of that name, in our own words; None where it is not one of ours."""
    return _BY_NAME.get(value) if isinstance(value, str) else None


_BY_NAME = {kind.value: kind for kind in Kind}


def operation(kind: Kind, op: str | None = None) -> str | None:
    """What OpenTelemetry calls it; None where it has no word.

    Args:
        op: The finer operation (`telltale.crew.op`): a memory is read unless it says otherwise,
            knowledge is queried unless it is being ingested.
    """
    if kind is Kind.MEMORY:
        return "upsert_memory" if op in _MEMORY_WRITES else "search_memory"
    if kind is Kind.KNOWLEDGE:
        return None if op == "ingest" else "retrieval"
    return _OPERATIONS.get(kind)


def kind_of_operation(value: object) -> Kind:
    """Our kind for a `gen_ai.operation.name`."""
    return _BY_OPERATION.get(value, Kind.UNKNOWN) if isinstance(value, str) else Kind.UNKNOWN


def kind_of_span_type(value: object) -> Kind:
    """Our kind for a span type in MLflow's words; a user's own type is none of ours."""
    return (
        _BY_SPAN_TYPE.get(value.upper(), Kind.UNKNOWN) if isinstance(value, str) else Kind.UNKNOWN
    )
