"""Kinds in other people's words, and theirs in ours."""

import pytest

from telltale.conventions.kinds import kind_of_operation, kind_of_span_type, operation
from telltale.nouns.span import Kind

MLFLOW = {
    "LLM": Kind.LLM,
    "CHAIN": Kind.CHAIN,
    "AGENT": Kind.AGENT,
    "TOOL": Kind.TOOL,
    "CHAT_MODEL": Kind.LLM,
    "RETRIEVER": Kind.RETRIEVER,
    "PARSER": Kind.CHAIN,
    "EMBEDDING": Kind.EMBEDDING,
    "RERANKER": Kind.RERANKER,
    "MEMORY": Kind.MEMORY,
    "UNKNOWN": Kind.UNKNOWN,
    "WORKFLOW": Kind.CHAIN,
    "TASK": Kind.TASK,
    "GUARDRAIL": Kind.GUARDRAIL,
    "EVALUATOR": Kind.EVALUATOR,
    "SOMETHING_OF_MY_OWN": Kind.UNKNOWN,
}


@pytest.mark.parametrize("span_type", MLFLOW)
def test_every_span_type_of_mlflow_has_a_kind(span_type: str) -> None:
    assert kind_of_span_type(span_type) is MLFLOW[span_type]


@pytest.mark.parametrize(
    ("kind", "op", "name"),
    [
        (Kind.CREW, None, "invoke_workflow"),
        (Kind.FLOW, None, "invoke_workflow"),
        (Kind.AGENT, None, "invoke_agent"),
        (Kind.LLM, None, "chat"),
        (Kind.TOOL, "delegate", "execute_tool"),
        (Kind.EMBEDDING, None, "embeddings"),
        (Kind.RETRIEVER, None, "retrieval"),
        (Kind.KNOWLEDGE, "query", "retrieval"),
        (Kind.KNOWLEDGE, "ingest", None),
        (Kind.MEMORY, "read", "search_memory"),
        (Kind.MEMORY, "write", "upsert_memory"),
        (Kind.PLAN, None, "plan"),
        (Kind.TASK, None, None),
        (Kind.HUMAN, None, None),
    ],
)
def test_the_operation_of_a_kind(kind: Kind, op: str | None, name: str | None) -> None:
    assert operation(kind, op) == name


AMBIGUOUS = {Kind.CREW, Kind.FLOW, Kind.KNOWLEDGE}


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in AMBIGUOUS])
def test_an_operation_that_one_kind_has_is_read_as_that_kind(kind: Kind) -> None:
    name = operation(kind)

    assert name is None or kind_of_operation(name) is kind
