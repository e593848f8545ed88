"""What people, programs and models say of a trace: feedback and tags."""

import os
import time
from typing import Annotated

import msgspec

from telltale.nouns.errors import BadInput, NotFound
from telltale.nouns.feedback import Feedback, FeedbackList, Source
from telltale.nouns.ids import FEEDBACK_ID_BYTES, parse_feedback_id, parse_span_id
from telltale.nouns.trace import Trace
from telltale.server.resources import Resources
from telltale.server.route import Call
from telltale.server.routes.traces import found, trace_id_of
from telltale.store.questions import ReadSaid, ReadTrace

BODY_LIMIT = 1 << 20

_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
_Words = Annotated[str, msgspec.Meta(max_length=10_000)]
_Value = Annotated[str, msgspec.Meta(max_length=5_000)]


class NewFeedback(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody says of a trace, or of one of its spans."""

    name: _Name
    """What is judged: `helpful`, `correctness`."""
    value: float | int | bool | _Value
    span: str | None = None
    """Id of the span that it is about; of the whole trace without it."""
    source: Source = Source.HUMAN
    source_id: Annotated[str, msgspec.Meta(max_length=200)] = ""
    """Who exactly: a name, a program, a model."""
    rationale: _Words = ""
    feedback_id: str | None = None
    """32 hex digits of the sender's choice: the same again is the same feedback, said anew."""


class TagChanges(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Tags that somebody gives a trace; they stand over what its spans say."""

    set: Annotated[dict[_Name, _Value], msgspec.Meta(max_length=100)] = {}
    remove: Annotated[list[_Name], msgspec.Meta(max_length=100)] = []


def add_feedback(resources: Resources, call: Call) -> Feedback:
    """Keep it, and answer it with its id."""
    trace_id, given = trace_id_of(call), call.given
    chosen = None if given.feedback_id is None else parse_feedback_id(given.feedback_id)
    feedback = Feedback(
        feedback_id=(chosen or os.urandom(FEEDBACK_ID_BYTES)).hex(),
        trace_id=trace_id.hex(),
        span_id=None if given.span is None else parse_span_id(given.span).hex(),
        name=given.name,
        value=given.value,
        source=given.source,
        source_id=given.source_id,
        rationale=given.rationale,
        created_us=time.time_ns() // 1000,
    )
    found(resources.store.add_feedback(feedback) or None, trace_id)
    resources.live.ring()
    return feedback


def list_feedback(resources: Resources, call: Call) -> FeedbackList:
    """All that was said of a trace."""
    trace_id = trace_id_of(call)
    return FeedbackList(found(resources.store.read(ReadSaid(trace_id)), trace_id).feedback)


def remove_feedback(resources: Resources, call: Call) -> FeedbackList:
    """Take one back, and answer what is left."""
    trace_id, given = trace_id_of(call), call.path["feedback_id"]
    found(resources.store.read(ReadTrace(trace_id)), trace_id)
    if not resources.store.remove_feedback(trace_id, parse_feedback_id(given)):
        raise NotFound(
            f"feedback {given!r} of trace {trace_id.hex()!r}: not stored here; it may have been "
            "taken back already",
            given=given,
            remedy=f"see /api/v1/traces/{trace_id.hex()}/feedback",
        )
    resources.live.ring()
    return list_feedback(resources, call)


def change_tags(resources: Resources, call: Call) -> Trace:
    """Give a trace tags and take some away; answer its row."""
    trace_id, given = trace_id_of(call), call.given
    if both := given.set.keys() & set(given.remove):
        raise BadInput(
            f"tag {min(both)!r} is to be set and to be removed; say one of them",
            given=min(both),
            expected="each tag in `set` or in `remove`",
            remedy="say one of them",
        )
    tags = given.set | dict.fromkeys(given.remove)
    found(resources.store.set_tags(trace_id, tags) or None, trace_id)
    resources.live.ring()
    return found(resources.store.read(ReadTrace(trace_id)), trace_id)
