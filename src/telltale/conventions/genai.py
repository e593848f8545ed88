"""The dialect of any program that speaks OpenTelemetry's GenAI conventions, present or past.

Its spans are named `chat gpt-4.1`; an LLM call is named here by what came of it, if that was
recorded. Content was first on span events, then in `gen_ai.prompt`, now in messages: all are read.
"""

from collections.abc import Sequence
from typing import Any

from telltale.conventions import attributes as a
from telltale.conventions import model_call
from telltale.conventions.circumstances import belonging, outcome
from telltale.conventions.genai_events import answered_in_events, asked_in_events
from telltale.conventions.kinds import kind_of_operation
from telltale.conventions.labels import llm_label, values_label
from telltale.conventions.naming import called
from telltale.conventions.reading import as_text, first_recorded
from telltale.nouns.message import words
from telltale.nouns.span import Kind, RawSpan, Span

NAME = "genai"
_PREFIX = "gen_ai."
_INPUTS = (a.TOOL_CALL_ARGUMENTS, a.RETRIEVAL_QUERY, a.MEMORY_QUERY)
_OUTPUTS = (a.TOOL_CALL_RESULT, a.RETRIEVAL_DOCUMENTS, a.MEMORY_RESULTS)


def speaks(scope: str, attributes: Sequence[str], events: Sequence[str]) -> bool:
    """Whether the span carries GenAI attributes beyond a session that any span may name."""
    return any(key.startswith(_PREFIX) and key != a.CONVERSATION for key in attributes)


def read(raw: RawSpan) -> Span:
    """What the span means."""
    attributes = raw.attributes
    kind = _kind(attributes)
    went = outcome(raw)
    part_of = belonging(attributes)
    model, requested = model_call.models(attributes)
    input_messages = model_call.asked(attributes) or asked_in_events(raw.events)
    output_messages = model_call.answered(attributes) or model_call.finished(
        answered_in_events(raw.events), attributes
    )
    inputs = first_recorded(attributes, _INPUTS)
    return Span(
        dialect=NAME,
        kind=kind,
        name=called(raw, kind, output_messages),
        label=(
            llm_label(output_messages, went.error_message)
            if kind is Kind.LLM
            else values_label(inputs or words(input_messages[-1:]))
        ),
        state=went.state,
        status=went.status,
        error_type=went.error_type,
        error_message=went.error_message,
        model=model,
        requested_model=requested,
        provider=model_call.provider(attributes),
        tool=_tool(raw, kind),
        agent=as_text(attributes.get(a.AGENT_NAME)),
        usage=model_call.usage(attributes),
        inputs=inputs,
        outputs=first_recorded(attributes, _OUTPUTS),
        input_messages=input_messages,
        output_messages=output_messages,
        session=part_of.session,
        user=part_of.user,
        tags=part_of.tags,
    )


def _kind(attributes: dict[str, Any]) -> Kind:
    """What the operation is; where none is named, what only such an operation has."""
    if a.OPERATION in attributes:
        return kind_of_operation(attributes[a.OPERATION])
    if a.TOOL_NAME in attributes:
        return Kind.TOOL
    if a.EMBEDDING_DIMENSIONS in attributes:
        return Kind.EMBEDDING
    if a.REQUEST_MODEL in attributes or a.RESPONSE_MODEL in attributes:
        return Kind.LLM
    return Kind.UNKNOWN


def _tool(raw: RawSpan, kind: Kind) -> str | None:
    named = as_text(raw.attributes.get(a.TOOL_NAME))
    if named is None and kind is Kind.TOOL:
        return as_text(raw.name.removeprefix("execute_tool").strip())
    return named
