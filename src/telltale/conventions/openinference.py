"""The dialect of OpenInference: Phoenix, Arize, and the instrumentors that carry its name.

Read by its conventions at semconv 0.1.42. A span is named after a method (`ChatCompletion`); an
LLM call is named here by what came of it. What is said of a whole trace is said on its spans:
`metadata` and `tag.tags` belong to a span, so only those of the root are tags of the trace.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from telltale.conventions.circumstances import belonging, outcome
from telltale.conventions.flattened import listed
from telltale.conventions.labels import llm_label, values_label, words_label
from telltale.conventions.naming import called
from telltale.conventions.openinference_messages import answered, asked, inner
from telltale.conventions.reading import (
    as_recorded,
    as_scalar_text,
    as_text,
    first_recorded,
    first_text,
    from_json,
    structured,
)
from telltale.conventions.tokens import TokenNames, counted
from telltale.nouns.message import words
from telltale.nouns.span import Kind, RawSpan, Span
from telltale.nouns.text import sound

NAME = "openinference"
_KIND = "openinference.span.kind"
_SCOPE = "openinference."
_ITS_OWN = (_SCOPE, "llm.input_messages", "llm.output_messages", "llm.token_count.")
_KINDS = {
    "AGENT": Kind.AGENT,
    "CHAIN": Kind.CHAIN,
    # A model is asked and answers, if only by choosing.
    "DECISION": Kind.LLM,
    "EMBEDDING": Kind.EMBEDDING,
    "EVALUATOR": Kind.EVALUATOR,
    "GUARDRAIL": Kind.GUARDRAIL,
    "LLM": Kind.LLM,
    # A template is filled in: a step of the program's own.
    "PROMPT": Kind.CHAIN,
    "RERANKER": Kind.RERANKER,
    "RETRIEVER": Kind.RETRIEVER,
    "TOOL": Kind.TOOL,
}
_TOKENS = TokenNames(
    input=("llm.token_count.prompt", "decision.token_count.input"),
    output=("llm.token_count.completion", "decision.token_count.output"),
    total=("llm.token_count.total",),
    cache_read=(
        "llm.token_count.prompt_details.cache_read",
        "llm.token_count.prompt_details.cache_input",
    ),
    cache_write=("llm.token_count.prompt_details.cache_write",),
    reasoning=("llm.token_count.completion_details.reasoning",),
)
_ANSWERING = (
    "llm.response.model_name",
    "decision.response.model_name",
    "llm.model_name",
    "embedding.model_name",
    "reranker.model_name",
    "decision.model_name",
)
_REQUESTED = ("llm.request.model_name", "decision.request.model_name")
_PARAMETERS = ("llm.invocation_parameters", "embedding.invocation_parameters")
_PROVIDER = ("llm.provider", "decision.provider", "llm.system", "decision.system")
"""Who serves the model comes before whose kind of model it is."""
_DOCUMENTS = {
    Kind.RETRIEVER: "retrieval.documents",
    Kind.RERANKER: "reranker.output_documents",
}
_EMBEDDED = "embedding.embeddings"


class _Values(NamedTuple):
    """What went in and what came out."""

    inputs: str | None
    outputs: str | None
    label: str


def speaks(scope: str, attributes: Sequence[str], events: Sequence[str]) -> bool:
    """Whether the span says its kind in OpenInference's way, or was made by one of its own."""
    return (
        _KIND in attributes
        or scope.startswith(_SCOPE)
        or any(key.startswith(_ITS_OWN) for key in attributes)
    )


def read(raw: RawSpan) -> Span:
    """What the span means."""
    attributes = raw.attributes
    kind = _kind(attributes)
    went = outcome(raw)
    part_of = belonging(attributes)
    model, requested = _models(attributes)
    input_messages, output_messages = asked(attributes), answered(attributes)
    values = _values(kind, attributes)
    if kind is Kind.LLM:
        label = llm_label(output_messages, went.error_message) or values.label
    else:
        label = values.label or values_label(words(input_messages[-1:]))
    # The messages say it all; input and output hold the same as the provider's JSON.
    is_told = kind is Kind.LLM
    return Span(
        dialect=NAME,
        kind=kind,
        name=called(raw, kind, output_messages),
        label=label,
        state=went.state,
        status=went.status,
        error_type=went.error_type,
        error_message=went.error_message,
        model=model,
        requested_model=requested,
        provider=first_text(attributes, _PROVIDER),
        tool=first_text(attributes, ("tool.name",))
        or (as_text(raw.name) if kind is Kind.TOOL else None),
        agent=_agent(kind, attributes),
        usage=counted(attributes, _TOKENS),
        inputs=None if is_told and input_messages else values.inputs,
        outputs=None if is_told and output_messages else values.outputs,
        input_messages=input_messages,
        output_messages=output_messages,
        session=part_of.session,
        user=part_of.user,
        tags=part_of.tags if raw.parent_id else part_of.tags | _tags(attributes),
    )


def _kind(attributes: dict[str, Any]) -> Kind:
    """What it says it is; where it does not, what only such a span has."""
    said = attributes.get(_KIND)
    if isinstance(said, str):
        return _KINDS.get(said.upper(), Kind.UNKNOWN)
    if "embedding.model_name" in attributes:
        return Kind.EMBEDDING
    return Kind.LLM if "llm.model_name" in attributes else Kind.UNKNOWN


def _models(attributes: dict[str, Any]) -> tuple[str | None, str | None]:
    """The model that answered, else the one asked for; and the one asked for."""
    requested = first_text(attributes, _REQUESTED)
    for key in _PARAMETERS:
        if requested is None and isinstance(given := structured(attributes.get(key)), dict):
            requested = first_text(given, ("model", "model_name"))
    return first_text(attributes, _ANSWERING) or requested, requested


def _agent(kind: Kind, attributes: dict[str, Any]) -> str | None:
    named = first_text(attributes, ("agent.name",))
    if named is None and kind is Kind.AGENT:
        # A node is drawn with its id where it has no name; crewAI's instrumentor has roles there.
        return first_text(attributes, ("graph.node.name", "graph.node.id"))
    return named


def _values(kind: Kind, attributes: dict[str, Any]) -> _Values:
    inputs = first_recorded(attributes, ("input.value",))
    outputs = first_recorded(attributes, ("output.value",))
    told = ("output", outputs) if kind is Kind.LLM else ("input", inputs)
    label = _label(told[1], attributes.get(f"{told[0]}.mime_type"))
    if kind is Kind.EMBEDDING:
        texts = [inner(item, "embedding") for item in listed(_texts(attributes), _EMBEDDED)]
        embedded = [item["text"] for item in texts if isinstance(item, dict) and "text" in item]
        vectors = sum(key.startswith(_EMBEDDED) and key.endswith(".vector") for key in attributes)
        return _Values(
            as_recorded(embedded) if embedded else inputs,
            # Thousands of figures say nothing to a reader or to a search; the raw span has them.
            as_recorded({"vectors": vectors}) if vectors else outputs,
            values_label(embedded) if embedded else label,
        )
    if kind in _DOCUMENTS:
        found = [_document(item) for item in listed(attributes, _DOCUMENTS[kind])]
        query = as_text(attributes.get("reranker.query"))
        return _Values(
            query or inputs,
            as_recorded(found) if found else outputs,
            words_label(query) if query else label,
        )
    return _Values(inputs, outputs, label)


def _texts(attributes: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in attributes.items() if not key.endswith(".vector")}


def _document(item: Any) -> Any:
    """A document with its fields; `metadata` was JSON text."""
    found = inner(item, "document")
    if isinstance(found, dict) and isinstance(found.get("metadata"), str):
        return found | {"metadata": from_json(found["metadata"])}
    return found


def _label(value: str | None, mime_type: object) -> str:
    if value is None:
        return ""
    if mime_type == "text/plain":
        return words_label(value)
    return values_label(from_json(value) if value.startswith('"') else value)


def _tags(attributes: dict[str, Any]) -> dict[str, str]:
    """What a root span says of its trace; a tag without a value is one that holds."""
    said = structured(attributes.get("metadata"))
    tags = {
        sound(key): text
        for key, value in (said.items() if isinstance(said, dict) else ())
        if (text := as_scalar_text(value)) is not None
    }
    marks = structured(attributes.get("tag.tags"))
    for mark in marks if isinstance(marks, list) else [marks]:
        if name := as_text(mark):
            tags.setdefault(name, "true")
    return tags
