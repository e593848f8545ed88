"""What can be asked of a trace store and what can be told to it: the seam's vocabulary.

Each question is a value that declares its answer; a store is a table from question type to
function. The contract suite fails where a store lacks one.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

import msgspec

from telltale.nouns.facets import Facets, FacetValue, Summary
from telltale.nouns.feedback import Feedback, Said
from telltale.nouns.span import RawSpan, Span
from telltale.nouns.trace import Skeleton, Trace, TracePage
from telltale.query.ast import EVERYTHING, Filter

Answer = TypeVar("Answer")
A = TypeVar("A")


class Question(msgspec.Struct, Generic[Answer], frozen=True):
    """Something to read, and in its type parameter what it is answered with."""


class Sort(StrEnum):
    """What a list of traces is ordered by."""

    START = "start"
    DURATION = "duration"
    COST = "cost"
    TOKENS = "tokens"
    """In and out."""
    FEEDBACK = "feedback"
    """The mean of the numbers that were said of it under one name."""


class FindTraces(Question[TracePage], frozen=True, kw_only=True):
    """Traces, the newest first or as is asked; keyset pages that stay stable while data arrives.

    A page may end before its limit, even empty, where the filter is true of few: `next` goes on.
    """

    experiment_id: int | None = None
    """None for all."""
    filter: Filter = EVERYTHING
    now_ns: int = 0
    """Unix time, nanoseconds, that the filter's relative times count from."""
    sort: Sort = Sort.START
    feedback: str = ""
    """The name that is sorted by, where it is by feedback."""
    smallest_first: bool = False
    """The oldest, shortest, cheapest. What is not known is less than anything."""
    limit: int = 100
    cursor: str | None = None
    """`next` of the page before."""


class ReadTrace(Question[Trace | None], frozen=True):
    """One trace's row."""

    trace_id: bytes


class ReadSkeleton(Question[Skeleton | None], frozen=True, kw_only=True):
    """One trace without its bodies; None where it is not stored."""

    trace_id: bytes
    since: int = 0
    """Only the rows that changed after this `seq`."""


class StoredSpan(msgspec.Struct, frozen=True, kw_only=True):
    """A span as it lies in the store."""

    ordinal: int
    raw: RawSpan
    reading: Span
    """The columns of the reading: kind, names, state, model, usage, cost; no messages, no texts.
    Read it again from `raw` where those are wanted."""
    seen_ns: int | None = None
    """Unix time, nanoseconds, at which its process was last heard of, where it is lost."""


class ReadSpans(Question[tuple[StoredSpan, ...]], frozen=True, kw_only=True):
    """Some spans of one trace with their bodies, by ordinal or by id; all if neither is given."""

    trace_id: bytes
    ordinals: tuple[int, ...] = ()
    span_ids: tuple[bytes, ...] = ()


class ReadSaid(Question[Said | None], frozen=True):
    """What people have said of a trace; None where it is not stored."""

    trace_id: bytes


class RawBatch(msgspec.Struct, frozen=True):
    """Some whole traces, and where to go on."""

    traces: tuple[tuple[StoredSpan, ...], ...]
    """One entry a trace, spans by ordinal."""
    next: str | None


class ReadRaw(Question[RawBatch], frozen=True, kw_only=True):
    """Whole traces in order of arrival, for export; a trace is never split over two batches."""

    experiment_id: int | None = None
    trace_id: bytes | None = None
    cursor: str | None = None
    limit: int = 20
    """Traces a batch."""


class Changes(msgspec.Struct, frozen=True):
    """What changed after a `seq`."""

    seq: int
    """Ask from here next time."""
    traces: tuple[Trace, ...]


class ChangesSince(Question[Changes], frozen=True, kw_only=True):
    """Traces that changed after `seq`, oldest change first."""

    seq: int
    experiment_id: int | None = None
    limit: int = 200


class Weight(msgspec.Struct, frozen=True):
    """How much an experiment's traces are."""

    bytes: int
    """About: their spans' share of all that is stored."""
    spans: int


class Weigh(Question[Weight | None], frozen=True):
    """How much an experiment's traces are; None while deleted ones are still being removed."""

    experiment_id: int


class CountTraces(Question[dict[int, int]], frozen=True):
    """How many traces each experiment has, by id."""


class FindValues(Question[tuple[FacetValue, ...]], frozen=True, kw_only=True):
    """Values of a field that begin like this, those that most traces have first.

    None of a field whose values are not counted: of numbers and times.
    """

    field: str
    """Of the filter language; `tag.<key>` for a tag."""
    beginning: str = ""
    """Its case does not matter."""
    experiment_id: int | None = None
    limit: int = 50


class FindTagKeys(Question[tuple[FacetValue, ...]], frozen=True, kw_only=True):
    """Names of tags that begin like this, in their order."""

    beginning: str = ""
    experiment_id: int | None = None
    limit: int = 50


class CountFacets(Question[Facets], frozen=True, kw_only=True):
    """What the traces that a filter is true of have in common, as far as a moment allows."""

    experiment_id: int | None = None
    filter: Filter = EVERYTHING
    now_ns: int = 0
    """Unix time, nanoseconds, that the filter's relative times count from."""
    limit: int = 10
    """Values a field."""
    within_s: float = 0.06
    """CPU seconds after which no further traces are asked about."""


class SumUp(Question[Summary], frozen=True, kw_only=True):
    """Counts, tokens, cost and durations of the traces that a filter is true of."""

    experiment_id: int | None = None
    filter: Filter = EVERYTHING
    now_ns: int = 0
    """Unix time, nanoseconds, that the filter's relative times count from."""
    by: str | None = None
    """A field of text or choice to group by; `tag.<key>` for a tag."""
    every_ns: int | None = None
    """Stretches of time that are summed up by themselves, counted from 1970."""
    limit: int = 100
    """Values a stretch."""
    within_s: float = 1.0
    """CPU seconds after which no further traces are asked about."""


class OpenJournals(Question[dict[bytes, bool]], frozen=True):
    """Journals whose processes have open spans, by id; True where these are taken for lost."""


class Change(msgspec.Struct, frozen=True):
    """One span to store. The same span again is the same row; an ended one wins over an open."""

    experiment_id: int
    """Used if the trace is new; later ones of the same trace keep the first."""
    raw: RawSpan
    reading: Span
    journal: bytes | None = None
    """Id of the journal that it came by: whose silence means that it is lost, while it is open."""


class Reread(msgspec.Struct, frozen=True):
    """What became of one chunk of spans that were to be read again."""

    next: int | None
    """Go on behind this number; None where there are no more."""
    spans: int
    """That were read again."""


class Backlog(msgspec.Struct, frozen=True):
    """What was told to a store and is not on its disk yet."""

    writes: int
    bytes: int
    """As far as they are held in memory."""


class TraceStore(Protocol):
    """Where traces lie. Thread-safe; `write` returns once the rows are on disk."""

    def write(self, changes: Sequence[Change]) -> int:
        """Store spans durably, in one transaction; answer the `seq` they are visible at.

        Raises:
            StoreBusy: If the queue of writes is full.
            StoreBroken: If the disk refuses.
        """
        ...

    def read(self, question: Question[A]) -> A:
        """Answer a question.

        Raises:
            BadInput: If a cursor was not made by this store.
        """
        ...

    def mark_lost(self, journal: bytes, seen_ns: int) -> int:
        """A process is dead or silent: its open spans are lost until they end after all.

        Args:
            seen_ns: Unix time, nanoseconds, at which it was last heard of.

        Returns:
            How many spans changed.
        """
        ...

    def mark_running(self, journal: bytes) -> int:
        """A process that was taken for dead is heard again: its open spans run."""
        ...

    def delete(self, trace_ids: Sequence[bytes]) -> int:
        """Take traces out of every answer, with all that belongs to them; how many were there.

        Their space is given back behind that, chunk by chunk, also after a restart.
        """
        ...

    def add_feedback(self, feedback: Feedback) -> bool:
        """Keep what somebody says of a trace; the same id again is the same, said anew.

        Returns:
            False if there is no such trace.

        Raises:
            NotFound: If it has no such span.
            BadInput: If the id is another trace's, or there is too much of it.
        """
        ...

    def remove_feedback(self, trace_id: bytes, feedback_id: bytes) -> bool:
        """Take it back; whether it was there."""
        ...

    def set_tags(self, trace_id: bytes, tags: Mapping[str, str | None]) -> bool:
        """Give a trace tags, or with None take some away; they stand over what its spans say.

        Returns:
            False if there is no such trace.
        """
        ...

    def reread(self, after: int, read: Callable[[RawSpan], Span], *, is_all: bool) -> Reread:
        """Understand one chunk of ended spans anew; totals, facets and texts follow.

        Args:
            after: `next` of the chunk before; 0 to begin.
            read: What a span means, with its cost.
            is_all: Also those whose reading is of this version.
        """
        ...

    def backlog(self) -> Backlog:
        """What waits to be written at this moment."""
        ...

    def close(self) -> None:
        """Finish what was accepted, then let go of the files."""
        ...
