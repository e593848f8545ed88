"""What somebody thinks of a trace or of a span: a person, a program, a model."""

from enum import StrEnum

import msgspec

Value = float | int | bool | str


class Source(StrEnum):
    """What kind of somebody."""

    HUMAN = "human"
    CODE = "code"
    LLM_JUDGE = "llm_judge"


class Feedback(msgspec.Struct, frozen=True, kw_only=True):
    """One judgement, under the name that judgements of its kind have."""

    feedback_id: str
    """32 hex digits."""
    trace_id: str
    """32 hex digits."""
    span_id: str | None = None
    """16 hex digits; None where it is about the whole trace."""
    name: str
    """What is judged: `helpful`, `correctness`."""
    value: Value
    source: Source = Source.HUMAN
    source_id: str = ""
    """Who exactly: a name, a program, a model."""
    rationale: str = ""
    """Why, in words."""
    created_us: int
    """Unix time, microseconds."""


class FeedbackList(msgspec.Struct, frozen=True):
    """All that was said of a trace, the oldest first."""

    feedback: tuple[Feedback, ...]


class Said(msgspec.Struct, frozen=True, omit_defaults=True):
    """What people say of a trace, beside what its spans do."""

    tags: dict[str, str | None] = {}
    """None where they have taken a tag away."""
    feedback: tuple[Feedback, ...] = ()
    """The oldest first."""
