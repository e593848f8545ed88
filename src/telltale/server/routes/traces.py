"""Traces: the list, one row, one skeleton."""

import time
from typing import Annotated, Literal, TypeVar

import msgspec

from telltale.nouns.errors import BadInput, NotFound
from telltale.nouns.ids import parse_trace_id
from telltale.nouns.nearest import nearest
from telltale.nouns.trace import Skeleton, Trace, TracePage
from telltale.query.parse import parse
from telltale.server.resources import Resources
from telltale.server.route import Call
from telltale.server.routes.experiments import experiment_id
from telltale.store.questions import FindTraces, ReadSkeleton, ReadTrace, Sort

PAGE = 100
LARGEST_PAGE = 1000
_SORTS = [sort.value for sort in Sort]
Found = TypeVar("Found")


class TracesQuery(msgspec.Struct, frozen=True):
    """Which page of which traces."""

    experiment: str | None = None
    """Id or name; all experiments without it."""
    filter: str = ""
    """Which traces: `status:error cost:>0.02 "late train"`; all without it. docs/filter.md is its
    grammar."""
    sort: str = Sort.START.value
    """What the list is ordered by: start, duration, cost, tokens, or feedback.<name>."""
    order: Literal["desc", "asc"] = "desc"
    """Largest first, or smallest; what is not known, such as a cost, is less than anything."""
    limit: Annotated[int, msgspec.Meta(ge=1, le=LARGEST_PAGE)] = PAGE
    cursor: str | None = None
    """`next` of the page before."""


class SkeletonQuery(msgspec.Struct, frozen=True):
    """Which rows of the skeleton."""

    since: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Only rows that changed after this `seq`; 0 for all."""


def list_traces(resources: Resources, call: Call) -> TracePage:
    """One page. It may end before its limit while `next` goes on."""
    sort, feedback = _order(call.query.sort)
    return resources.store.read(
        FindTraces(
            experiment_id=experiment_id(resources, call.query.experiment),
            filter=parse(call.query.filter),
            now_ns=time.time_ns(),
            sort=sort,
            feedback=feedback,
            smallest_first=call.query.order == "asc",
            limit=call.query.limit,
            cursor=call.query.cursor,
        )
    )


def _order(given: str) -> tuple[Sort, str]:
    """What is sorted by, and of feedback the name."""
    named, _, feedback = given.partition(".")
    if named in _SORTS and (named == Sort.FEEDBACK.value) == bool(feedback):
        return Sort(named), feedback
    expected = f"one of {', '.join(s for s in _SORTS if s != Sort.FEEDBACK)} or feedback.<name>"
    raise BadInput(
        f"sort {given!r:.80}: expected {expected}",
        given=given,
        expected=expected,
        remedy="leave it out for the newest first",
        suggestions=nearest(named, _SORTS),
    )


def read_trace(resources: Resources, call: Call) -> Trace:
    """One trace's row."""
    trace_id = trace_id_of(call)
    return found(resources.store.read(ReadTrace(trace_id)), trace_id)


def read_skeleton(resources: Resources, call: Call) -> Skeleton:
    """One trace without its bodies."""
    trace_id = trace_id_of(call)
    question = ReadSkeleton(trace_id=trace_id, since=call.query.since)
    return found(resources.store.read(question), trace_id)


def trace_id_of(call: Call) -> bytes:
    """The trace id in the path.

    Raises:
        BadId: If it cannot be one.
    """
    return parse_trace_id(call.path["trace_id"])


def found(answer: Found | None, trace_id: bytes) -> Found:
    """What the store answered about a trace.

    Raises:
        NotFound: If it has no such trace.
    """
    if answer is None:
        raise NotFound(
            f"trace {trace_id.hex()!r}: not stored here; it may still be in its program's "
            "journal, or on another server",
            given=trace_id.hex(),
            remedy="see `telltale traces list`, or `telltale flush` for journals that wait",
        )
    return answer
