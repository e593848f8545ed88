"""The dialect of our own SDK: GenAI conventions, and `telltale.*` for what they lack.

Names are right already: the SDK names a span at its end, when it knows what came of it.
"""

from collections.abc import Sequence
from typing import Any

from telltale.conventions import attributes as a
from telltale.conventions import model_call
from telltale.conventions.circumstances import belonging, outcome
from telltale.conventions.kinds import kind_named, kind_of_operation, kind_of_span_type
from telltale.conventions.labels import llm_label, values_label, words_label
from telltale.conventions.reading import as_text, first_recorded
from telltale.nouns.span import Kind, RawSpan, Span
from telltale.nouns.text import sound

NAME = "telltale"
_PREFIX = "telltale."
_ASKED = (a.MEMORY_QUERY, a.RETRIEVAL_QUERY, "telltale.memory.query", "telltale.knowledge.query")
_SEARCHES = frozenset({Kind.MEMORY, Kind.KNOWLEDGE, Kind.RETRIEVER})
_INPUTS = (a.INPUTS, a.TOOL_CALL_ARGUMENTS, *_ASKED)
_OUTPUTS = (
    a.OUTPUTS,
    a.TOOL_CALL_RESULT,
    a.MEMORY_RESULTS,
    a.RETRIEVAL_DOCUMENTS,
    a.KNOWLEDGE_RESULTS,
    "telltale.memory.results",
)


def speaks(scope: str, attributes: Sequence[str], events: Sequence[str]) -> bool:
    """Whether our SDK, or a program in our words, made the span."""
    return (
        scope == NAME or a.KIND in attributes or any(key.startswith(_PREFIX) for key in attributes)
    )


def read(raw: RawSpan) -> Span:
    """What the span means."""
    attributes = raw.attributes
    kind = _kind(attributes)
    went = outcome(raw)
    part_of = belonging(attributes)
    model, requested = model_call.models(attributes)
    output_messages = model_call.answered(attributes)
    inputs = first_recorded(attributes, _INPUTS)
    outputs = first_recorded(attributes, _OUTPUTS)
    label = as_text(attributes.get(a.LABEL))
    if label is not None:
        label = words_label(label)
    elif kind is Kind.LLM:
        label = llm_label(output_messages, went.error_message) or values_label(outputs or "")
    else:
        label = values_label(_subject(kind, attributes) or inputs or "")
    return Span(
        dialect=NAME,
        kind=kind,
        name=sound(raw.name),
        label=label,
        state=went.state,
        status=went.status,
        error_type=went.error_type,
        error_message=went.error_message,
        model=model,
        requested_model=requested,
        provider=model_call.provider(attributes),
        tool=_tool(raw, kind),
        agent=as_text(attributes.get(a.AGENT_ROLE)) or as_text(attributes.get(a.AGENT_NAME)),
        usage=model_call.usage(attributes),
        inputs=inputs,
        outputs=outputs,
        input_messages=model_call.asked(attributes),
        output_messages=output_messages,
        session=part_of.session,
        user=part_of.user,
        tags=part_of.tags,
    )


def _kind(attributes: dict[str, Any]) -> Kind:
    said = kind_named(attributes.get(a.KIND))
    if said is not None:
        return said
    if a.SPAN_TYPE in attributes:
        return kind_of_span_type(attributes[a.SPAN_TYPE])
    return kind_of_operation(attributes.get(a.OPERATION))


def _tool(raw: RawSpan, kind: Kind) -> str | None:
    named = as_text(raw.attributes.get(a.TOOL_NAME))
    # A function that a user marked as a tool is named by its span and by nothing else.
    return named or (as_text(raw.name) if kind is Kind.TOOL else None)


def _subject(kind: Kind, attributes: dict[str, Any]) -> str | None:
    """What the span is about, where its kind has a word for that."""
    if kind is Kind.TASK:
        return as_text(attributes.get(a.TASK_DESCRIPTION))
    if kind in _SEARCHES:
        return next((query for key in _ASKED if (query := as_text(attributes.get(key)))), None)
    return None
