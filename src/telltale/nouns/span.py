"""The two faces of a span: as it was recorded, and as it was understood.

A `RawSpan` is what a program reported, word for word; it is kept once and never edited. A `Span`
is one reading of it: made by a dialect, priced, and made again when a better reading exists.
"""

from enum import StrEnum
from typing import Any

import msgspec

from telltale.nouns.message import Message
from telltale.nouns.usage import Cost, Usage


class Kind(StrEnum):
    """What a span stands for in an agent program."""

    FLOW = "flow"
    METHOD = "method"
    CREW = "crew"
    TASK = "task"
    AGENT = "agent"
    LLM = "llm"
    TOOL = "tool"
    RETRIEVER = "retriever"
    EMBEDDING = "embedding"
    RERANKER = "reranker"
    MEMORY = "memory"
    KNOWLEDGE = "knowledge"
    GUARDRAIL = "guardrail"
    EVALUATOR = "evaluator"
    PLAN = "plan"
    HUMAN = "human"
    CHAIN = "chain"
    UNKNOWN = "unknown"


class State(StrEnum):
    """How far a span has come."""

    RUNNING = "running"
    ENDED = "ended"
    LOST = "lost"
    """Its process fell silent before it ended."""


class Status(StrEnum):
    """How a span went, in OpenTelemetry's words: what was set, and most set nothing."""

    UNSET = "unset"
    OK = "ok"
    ERROR = "error"


class Standing(StrEnum):
    """State and status in the one word that people read and ask for."""

    RUNNING = "running"
    LOST = "lost"
    OK = "ok"
    """Ended, and no error."""
    ERROR = "error"


def standing(state: State, status: Status) -> Standing:
    """Where a span stands, and a trace by its root."""
    if state is State.RUNNING:
        return Standing.RUNNING
    if status is Status.ERROR:
        return Standing.ERROR
    return Standing.LOST if state is State.LOST else Standing.OK


class RawEvent(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that happened at one moment of a span, an exception mostly."""

    name: str
    time_ns: int
    attributes: dict[str, Any] = {}


class RawLink(msgspec.Struct, frozen=True, omit_defaults=True):
    """A pointer to a span that is related but is not the parent."""

    trace_id: bytes
    span_id: bytes
    attributes: dict[str, Any] = {}


class RawSpan(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A span as its program reported it.

    It travels as a msgpack map with field names, in journals that may be older or newer than the
    reader: fields are only ever added, with defaults, and unknown ones are ignored.
    """

    trace_id: bytes
    """16 bytes, never zero."""
    span_id: bytes
    """8 bytes, never zero."""
    parent_id: bytes | None = None
    name: str
    start_ns: int
    """Unix time, nanoseconds."""
    end_ns: int | None = None
    """Unix time, nanoseconds; None while the span is open."""
    span_kind: str = "internal"
    """OpenTelemetry's: internal, client, server, producer, consumer."""
    status: Status = Status.UNSET
    status_message: str = ""
    attributes: dict[str, Any] = {}
    """Keys as emitted. Structured values are JSON strings, as OpenTelemetry has them on spans."""
    events: tuple[RawEvent, ...] = ()
    links: tuple[RawLink, ...] = ()
    scope: str = ""
    """Name of the instrumentation scope that made the span."""
    resource: dict[str, Any] = {}
    """What is known of the process. In a journal it stands once, in the segment's header."""
    experiment: str = ""
    """Name of the experiment, fixed when the trace's root started; empty where nobody said."""


class Span(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a recorded span means."""

    dialect: str
    """The convention that it was read by."""
    kind: Kind
    name: str
    """Short and of low cardinality: `→ search(…)`."""
    label: str = ""
    """What tells it from its siblings, at most 48 characters: arguments, first words."""
    state: State = State.ENDED
    status: Status = Status.UNSET
    error_type: str | None = None
    """Class of the exception, or the provider's error code."""
    error_message: str = ""
    model: str | None = None
    """The model that answered, else the one asked for."""
    requested_model: str | None = None
    """The model asked for; may be an alias of the one that answered."""
    provider: str | None = None
    tool: str | None = None
    agent: str | None = None
    """The agent's role or name."""
    usage: Usage | None = None
    """None where no counts were reported: unknown is not zero."""
    cost: Cost | None = None
    """None where it is not known: unknown is not free."""
    inputs: str | None = None
    """As recorded: JSON text or plain text."""
    outputs: str | None = None
    input_messages: tuple[Message, ...] = ()
    output_messages: tuple[Message, ...] = ()
    session: str | None = None
    user: str | None = None
    tags: dict[str, str] = {}
    """What this span says about its whole trace."""
