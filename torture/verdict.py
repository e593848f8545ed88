"""Hold what a server has against what its programs know that they did."""

import urllib.request
from collections import Counter
from collections.abc import Iterable
from zlib import crc32

import msgspec

from benchmarks.figures import COUNT, Row, row
from telltale.client.client import Client
from telltale.nouns.span import RawSpan
from telltale.otlp.json import from_otlp
from torture.truth import LOAD, Known

_ANSWER_S = 600.0


class Stored(msgspec.Struct, frozen=True):
    """Everything that a server shows of its spans."""

    ended: dict[str, tuple[str, int]]
    """Span id to trace id and CRC-32 of the load."""
    open: frozenset[str]
    """Ids of spans without an end, whatever the server calls them."""
    shown: int
    """Spans in the export, each as often as it stands there."""
    counted: int
    """Sum of what the traces say of their number of spans."""


class Verdict(msgspec.Struct, frozen=True):
    """The difference between two accounts; all but the first two must be empty."""

    started: int
    ended: int
    lost: frozenset[str]
    """Ended by the program's account, and not ended at the server."""
    unseen: frozenset[str]
    """Started by the program's account, and unknown to the server."""
    invented: frozenset[str]
    """Ended at the server, and never started by the program's account."""
    unnoted: frozenset[str]
    """Open at the server and not in the account: their program died before it could note them."""
    altered: frozenset[str]
    """Another trace or another load than the program gave it."""
    doubled: int
    """Spans that are shown or counted more than once."""

    def __add__(self, other: "Verdict") -> "Verdict":
        """Over the spans of both, of which neither knows one of the other's."""
        return Verdict(
            started=self.started + other.started,
            ended=self.ended + other.ended,
            lost=self.lost | other.lost,
            unseen=self.unseen | other.unseen,
            invented=self.invented | other.invented,
            unnoted=self.unnoted | other.unnoted,
            altered=self.altered | other.altered,
            doubled=self.doubled + other.doubled,
        )


def stored(address: str) -> Stored:
    """Ask a server for all it has, through the public door."""
    with Client(address) as client:
        counted = sum(trace.spans for trace in client.traces())
    # As it stands: the client asks for gzip, which costs the server more than the export itself.
    plainly = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with plainly.open(f"{address}/api/v1/export", timeout=_ANSWER_S) as lines:
        spans = [_essence(raw) for line in lines for raw in from_otlp(msgspec.json.decode(line))]
    return gathered(spans, counted)


def gathered(spans: Iterable[tuple[str, str, int | None]], counted: int) -> Stored:
    """What was shown, by id.

    Args:
        spans: Span id, trace id, and the load's CRC-32 or None while it is open.
    """
    ended: dict[str, tuple[str, int]] = {}
    still_open: set[str] = set()
    times: Counter[str] = Counter()
    for span_id, trace_id, check in spans:
        times[span_id] += 1
        if check is None:
            still_open.add(span_id)
        else:
            ended[span_id] = trace_id, check
    return Stored(ended, frozenset(still_open - ended.keys()), times.total(), counted)


def judge(known: Known, found: Stored) -> Verdict:
    """Hold one account against the other."""
    here = found.ended.keys() | found.open
    return Verdict(
        started=len(known.started),
        ended=len(known.ended),
        lost=frozenset(known.ended - found.ended.keys()),
        unseen=frozenset(known.started.keys() - here),
        invented=frozenset(found.ended.keys() - known.started.keys()),
        unnoted=frozenset(found.open - known.started.keys()),
        altered=frozenset(
            span_id
            for span_id, essence in found.ended.items()
            if span_id in known.started and known.started[span_id] != essence
        ),
        doubled=abs(found.shown - len(here)) + abs(found.counted - len(here)),
    )


def rows(verdict: Verdict, unnoted_at_most: int = 0) -> tuple[Row, ...]:
    """The verdict as lines of a table, each held to nothing at all.

    Args:
        unnoted_at_most: Starts that can have stood between Telltale's return and the note of it.
    """
    return (
        row("spans that ended, by their programs' own account", verdict.ended),
        row("… lost", len(verdict.lost), COUNT, 0),
        row("… arrived with another trace or load", len(verdict.altered), COUNT, 0),
        row("… there twice, or counted twice", verdict.doubled, COUNT, 0),
        row("… that no program made", len(verdict.invented), COUNT, 0),
        row("spans that started, and are not shown at all", len(verdict.unseen), COUNT, 0),
        row(
            "open spans whose program died before its own note",
            len(verdict.unnoted),
            COUNT,
            unnoted_at_most,
        ),
    )


def _essence(raw: RawSpan) -> tuple[str, str, int | None]:
    load = str(raw.attributes.get(LOAD, ""))
    check = None if raw.end_ns is None else crc32(load.encode())
    return raw.span_id.hex(), raw.trace_id.hex(), check
