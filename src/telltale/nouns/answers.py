"""What the API answers around traces and spans: written by the server, read by client and SDK.

Whoever answers may be older than the reader, or a stranger: what a reader can do without has a
default.
"""

from typing import Any

import msgspec

from telltale.nouns.trace import Experiment, Trace

API = 1
"""The number in `/api/v1`."""


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """Who answers here, and what it understands."""

    name: str = ""
    """Always `telltale`: that is how a client knows that it is not among strangers."""
    version: str = ""
    api: int = 0
    journal: tuple[int, ...] = ()
    """Formats of the journal that it reads."""
    refusing: str = ""
    """Why it stores nothing now, a full disk for example; empty while it does."""


class Acknowledged(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of a journal is on disk."""

    journal: str = ""
    """32 hex digits."""
    segment: int = 0
    offset: int
    """Everything before it in the segment is on disk; send from here next time."""
    damaged: int = 0
    """Stretches and spans that nobody could use; sending them again would not help."""
    spans: int = 0
    """Spans stored, a start and its end counted once."""


class Experiments(msgspec.Struct, frozen=True):
    """All of them, by id."""

    experiments: tuple[Experiment, ...]


class Proposal(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that may be written next in a filter."""

    text: str
    """As it is to be written; empty where `meaning` says how."""
    meaning: str = ""
    traces: int | None = None
    """How many have it; None where that is not counted."""


class Completion(msgspec.Struct, frozen=True):
    """What may be written next in a filter."""

    start: int
    """Where what is chosen begins, in characters; it takes the place of what is behind."""
    proposals: tuple[Proposal, ...]


class Imported(msgspec.Struct, frozen=True):
    """What became of some lines of a file."""

    traces: int
    """Lines of which something is on disk."""
    spans: int
    refused: tuple[str, ...] = ()
    """One sentence for each span that is not, and never will be; the first hundred."""
    new: int | None = None
    """Spans that were not here before; None from a server that does not count them."""


class ReadAgain(msgspec.Struct, frozen=True):
    """How far the reading of stored spans anew has come."""

    next: int | None
    """Go on behind this number; None where all have had their turn."""
    spans: int
    """That were read again."""


class Deleted(msgspec.Struct, frozen=True):
    """What is in no answer any more; the space that it took is given back behind that."""

    traces: int
    """How many were there."""


class LiveChanges(msgspec.Struct, frozen=True):
    """The data of an event `changes` on the live stream."""

    seq: int
    """Continue from here; also the event's id."""
    traces: tuple[Trace, ...]
    """Traces that changed, whole, oldest change first."""


class LiveGone(msgspec.Struct, frozen=True):
    """The data of an event `gone` on the live stream."""

    trace_ids: tuple[str, ...]
    """Traces that were deleted; others that were not there may be among them."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why a request failed (RFC 9457): what was given, what was expected, what to do."""

    type: str
    """`/problems/<slug>`, one slug a cause."""
    title: str
    """The cause in a few words, the same each time."""
    status: int
    detail: str
    """This time's words."""
    given: Any = None
    expected: str = ""
    remedy: str = ""
    suggestions: tuple[str, ...] = ()
    """What may have been meant, nearest first."""
    position: int | None = None
    """Where in a filter, in characters from its beginning; None of what is no filter."""
