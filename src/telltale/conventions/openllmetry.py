"""The dialect of OpenLLMetry, Traceloop's: GenAI conventions, and `traceloop.*` around them.

What a model was told stood in `gen_ai.prompt.0.content` until 0.5x and stands in messages since;
both are read. Spans of a program's own functions are named `trip.workflow`: here by the function.
Its SDK writes `traceloop.association.properties.*`, what the user says of the trace, on every
span of the process, also on those of other instrumentations.
"""

from collections.abc import Sequence
from typing import Any

from telltale.conventions import attributes as a
from telltale.conventions import model_call
from telltale.conventions.circumstances import belonging, outcome
from telltale.conventions.flattened import is_number, listed, sequence
from telltale.conventions.genai_events import answered_in_events, asked_in_events
from telltale.conventions.kinds import kind_of_operation
from telltale.conventions.labels import llm_label, values_label
from telltale.conventions.messages import read_messages
from telltale.conventions.naming import called
from telltale.conventions.reading import (
    as_id,
    as_recorded,
    as_scalar_text,
    as_text,
    first_recorded,
    first_text,
    structured,
)
from telltale.conventions.tokens import counted
from telltale.nouns.message import Message, words
from telltale.nouns.span import Kind, RawEvent, RawSpan, Span
from telltale.nouns.text import sound

NAME = "openllmetry"
_PREFIX = "traceloop."
_KIND = "traceloop.span.kind"
_ENTITY = "traceloop.entity.name"
_REQUEST_TYPE = "llm.request.type"
_PROPERTY = "traceloop.association.properties."
_ITS_OWN = frozenset({_REQUEST_TYPE, "llm.usage.total_tokens"})
_TALK = ("gen_ai.prompt.", "gen_ai.completion.")
"""Followed by a number; `gen_ai.prompt.name` is OpenTelemetry's own."""
_KINDS = {
    "workflow": Kind.CHAIN,
    "task": Kind.TASK,
    "agent": Kind.AGENT,
    "tool": Kind.TOOL,
}
_REQUESTS = {
    "chat": Kind.LLM,
    "completion": Kind.LLM,
    "embedding": Kind.EMBEDDING,
    "rerank": Kind.RERANKER,
}
_FOUND = ("db.query.result", "db.search.result")
"""Names of events, one for each document that a vector store found."""
_TOKENS = model_call.TOKENS._replace(
    total=("gen_ai.usage.total_tokens", "llm.usage.total_tokens"),
    reasoning=(*model_call.TOKENS.reasoning, "llm.usage.reasoning_tokens"),
)
_INPUTS = ("traceloop.entity.input", a.TOOL_CALL_ARGUMENTS)
_OUTPUTS = ("traceloop.entity.output", a.TOOL_CALL_RESULT)
_SESSION = ("session_id", "conversation_id", "thread_id", "chat_id")
_USER = ("user_id",)


def speaks(scope: str, attributes: Sequence[str], events: Sequence[str]) -> bool:
    """Whether the span carries what only OpenLLMetry writes."""
    return any(
        key.startswith(_PREFIX) or key in _ITS_OWN or _is_talk(key) for key in attributes
    ) or any(event in _FOUND for event in events)


def read(raw: RawSpan) -> Span:
    """What the span means."""
    attributes = raw.attributes
    found = [_document(event) for event in raw.events if event.name in _FOUND]
    kind = _kind(attributes, bool(found))
    went = outcome(raw)
    part_of = belonging(attributes)
    said = _properties(attributes)
    model, requested = model_call.models(attributes)
    input_messages = _asked(raw)
    output_messages = _answered(raw)
    entity = as_text(attributes.get(_ENTITY))
    inputs = first_recorded(attributes, _INPUTS)
    outputs = first_recorded(attributes, _OUTPUTS)
    is_told = kind is Kind.LLM
    return Span(
        dialect=NAME,
        kind=kind,
        name=called(raw, kind, output_messages, entity if _KIND in attributes else None),
        label=(
            llm_label(output_messages, went.error_message) or values_label(outputs or "")
            if is_told
            else values_label(inputs or words(input_messages[-1:]))
        ),
        state=went.state,
        status=went.status,
        error_type=went.error_type,
        error_message=went.error_message,
        model=model,
        requested_model=requested,
        provider=model_call.provider(attributes),
        tool=as_text(attributes.get(a.TOOL_NAME)) or (entity if kind is Kind.TOOL else None),
        agent=as_text(attributes.get(a.AGENT_NAME)) or (entity if kind is Kind.AGENT else None),
        usage=counted(attributes, _TOKENS),
        inputs=None if is_told and input_messages else inputs,
        outputs=None if is_told and output_messages else as_recorded(found) if found else outputs,
        input_messages=input_messages,
        output_messages=output_messages,
        session=part_of.session or _taken(said, _SESSION),
        user=part_of.user or _taken(said, _USER),
        tags=part_of.tags | _tags(said),
    )


def _kind(attributes: dict[str, Any], has_found: bool) -> Kind:
    """What was called; where nothing says that, what its function is marked as.

    LlamaIndex's embeddings, for one, are marked as tasks.
    """
    operation = kind_of_operation(attributes.get(a.OPERATION))
    if operation is not Kind.UNKNOWN:
        return operation
    for key, kinds in ((_REQUEST_TYPE, _REQUESTS), (_KIND, _KINDS)):
        if (kind := kinds.get(first_text(attributes, (key,)) or "")) is not None:
            return kind
    if has_found:
        return Kind.RETRIEVER
    if a.OPERATION in attributes or _KIND in attributes:
        return Kind.UNKNOWN
    if a.TOOL_NAME in attributes:
        return Kind.TOOL
    is_call = a.REQUEST_MODEL in attributes or a.RESPONSE_MODEL in attributes
    return Kind.LLM if is_call else Kind.UNKNOWN


def _asked(raw: RawSpan) -> tuple[Message, ...]:
    return (
        model_call.asked(raw.attributes)
        or _flattened(raw.attributes, "gen_ai.prompt", "user")
        or asked_in_events(raw.events)
    )


def _answered(raw: RawSpan) -> tuple[Message, ...]:
    said = model_call.answered(raw.attributes)
    return said or model_call.finished(
        _flattened(raw.attributes, "gen_ai.completion", "assistant")
        or answered_in_events(raw.events),
        raw.attributes,
    )


def _flattened(attributes: dict[str, Any], name: str, said_by: str) -> tuple[Message, ...]:
    items = [item for item in listed(attributes, name) if isinstance(item, dict)]
    return read_messages([{"role": said_by} | _message(item) for item in items], said_by)


def _message(item: dict[str, Any]) -> dict[str, Any]:
    """A message in OpenAI's spelling."""
    # watsonx' instrumentation names the words of a user `user`.
    content = next((item[key] for key in ("content", "refusal", "user") if item.get(key)), None)
    if isinstance(content, str) and content.startswith("[{"):
        parts = structured(content)
        content = parts if isinstance(parts, list) else content
    calls = sequence(item.get("tool_calls")) or [item.get("function_call")]
    return {
        key: value
        for key, value in item.items()
        if key in ("role", "name", "tool_call_id", "finish_reason", "reasoning_content")
    } | {"content": content, "tool_calls": [call for call in calls if call]}


def _document(event: RawEvent) -> dict[str, Any]:
    """What a vector store found, in the words of GenAI conventions."""
    told = {key.removeprefix(f"{event.name}."): value for key, value in event.attributes.items()}
    if "document" in told:
        told["content"] = told.pop("document")
    return told


def _properties(attributes: dict[str, Any]) -> dict[str, Any]:
    return {
        key[len(_PROPERTY) :]: value
        for key, value in attributes.items()
        if key.startswith(_PROPERTY)
    }


def _taken(said: dict[str, Any], names: tuple[str, ...]) -> str | None:
    return next((value for name in names if (value := as_id(said.get(name)))), None)


def _tags(said: dict[str, Any]) -> dict[str, str]:
    """What is said beside session and user."""
    return {
        sound(name): text
        for name, value in said.items()
        if name not in (_SESSION[0], *_USER) and (text := as_scalar_text(value)) is not None
    }


def _is_talk(key: str) -> bool:
    return key.startswith(_TALK) and is_number(key.split(".", 3)[2])
