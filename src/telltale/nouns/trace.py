"""A trace and its pages, in the shapes that the API answers with.

Times in anything that JavaScript reads are microseconds: nanoseconds exceed 2^53.
"""

from collections.abc import Sequence
from itertools import accumulate
from operator import sub
from typing import Any

import msgspec

from telltale.nouns.span import Span, State, Status
from telltale.nouns.usage import Usage


class Experiment(msgspec.Struct, frozen=True):
    """A named group of traces; `Default` is 0 and always there."""

    id: int
    name: str
    traces: int = 0
    """How many are stored."""
    keep_days: int | None = None
    """Days after which a trace is deleted; None for ever."""
    keep_bytes: int | None = None
    """Bytes that its traces may take, about, before the oldest are deleted; None for any."""


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """One execution, as a row of the list: totals over its spans."""

    trace_id: str
    """32 hex digits."""
    experiment_id: int
    name: str
    """The root's, or the earliest span's while the root has not arrived."""
    kind: str
    """The root's."""
    state: State
    status: Status
    """The root's own as OpenTelemetry has it, `unset` where its program set none: a filter's
    `status:ok` is whatever has ended and is no error. Failures below it stand in `errors`."""
    errors: int
    """Spans with status error, the root included."""
    input: str
    """What the root was given: one line, at most 240 characters."""
    output: str
    """What the root gave back: one line, at most 240 characters."""
    start_us: int
    """Unix time, microseconds."""
    duration_us: int | None
    """Of the root, microseconds; None while it is open. If it is lost, until its process was last
    heard of."""
    spans: int
    llm_calls: int
    tool_calls: int
    usage: Usage
    """Sum over LLM and embedding spans: what was counted by its providers."""
    cost_usd: str | None
    """Sum of the known costs as `usage.usd` spells it; None if none is known."""
    unpriced_calls: int
    """Model calls whose cost is unknown, so `cost_usd` is a lower bound where this is not zero."""
    session: str | None
    user: str | None
    tags: dict[str, str]
    seq: int
    """The store's write counter when the trace last changed."""


class TracePage(msgspec.Struct, frozen=True):
    """One page of the list, newest first."""

    traces: tuple[Trace, ...]
    next: str | None
    """Opaque cursor of the page after, None at the end."""
    seq: int
    """Where `live?since=` continues without a gap."""


class Skeleton(msgspec.Struct, frozen=True, kw_only=True):
    """A whole trace without its bodies: columns, one entry a span, in order of `ordinal`.

    Indices point into the dictionaries `names`, `kinds`, `models`.
    """

    trace_id: str
    seq: int
    """Give it back as `since` to get only the rows that changed after it."""
    base_us: int
    """Unix time, microseconds, that `start` counts from. The same in every answer for a trace
    whose first span is known; a patch may carry another one."""
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    models: tuple[str, ...]
    ordinal_step: tuple[int, ...]
    """Order of arrival in the trace, permanent; each less the one before, the first as it is."""
    parent: tuple[int, ...]
    """The parent's ordinal; -1 for a root, -2 where the parent is named but not stored."""
    name: tuple[int, ...]
    kind: tuple[int, ...]
    model: tuple[int, ...]
    """-1 for none."""
    label: tuple[str, ...]
    state: tuple[int, ...]
    """0 ended, 1 running, 2 lost."""
    status: tuple[int, ...]
    """0 unset, 1 ok, 2 error."""
    start_step: tuple[int, ...]
    """Microseconds after the span before, of the first after `base_us`; may be negative."""
    duration: tuple[int, ...]
    """Microseconds; -1 while open. Of a lost span, until its process was last heard of."""
    input_tokens: tuple[int, ...]
    """-1 where not reported; so in the next three."""
    cached_tokens: tuple[int, ...]
    output_tokens: tuple[int, ...]
    cost_nano_usd: tuple[int, ...]

    def ordinals(self) -> tuple[int, ...]:
        """Of each row."""
        return tuple(accumulate(self.ordinal_step))

    def starts(self) -> tuple[int, ...]:
        """Microseconds after `base_us`, of each row."""
        return tuple(accumulate(self.start_step))


def steps(values: Sequence[int]) -> tuple[int, ...]:
    """What `accumulate` makes these of: of a column that mostly rises, a fifth less on the wire."""
    return tuple(map(sub, values, (0, *values)))


class SpanDetail(msgspec.Struct, frozen=True, kw_only=True):
    """One span with everything that is known of it."""

    ordinal: int
    span_id: str
    parent_id: str | None
    start_us: int
    duration_us: int | None
    """None while it is open. Of a lost span, until its process was last heard of."""
    span: Span
    """The reading, messages included."""
    cost_usd: str | None
    raw: "RawDetail"


class RawDetail(msgspec.Struct, frozen=True, kw_only=True):
    """What the program reported, word for word."""

    name: str
    span_kind: str
    status_message: str
    attributes: dict[str, Any]
    events: tuple["EventDetail", ...]
    links: tuple["LinkDetail", ...]
    scope: str
    resource: dict[str, Any]


class EventDetail(msgspec.Struct, frozen=True):
    """A moment of the span."""

    name: str
    time_us: int
    attributes: dict[str, Any]


class LinkDetail(msgspec.Struct, frozen=True):
    """A pointer to a related span, ids as hex."""

    trace_id: str
    span_id: str
    attributes: dict[str, Any]
