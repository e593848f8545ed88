"""What a program knows that it did, written down where nobody's death can reach it.

One line a fact, each by one `os.write` to a file opened with O_APPEND, after control has returned
from Telltale: a span is noted as started once `start_span` has returned and before it can end, and
as ended once its `with` was left. So everything noted must be found, and nothing else may be.
"""

import os
import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol
from zlib import crc32

import telltale

LOAD = "load"
"""The attribute that carries a span's weight."""


class Span(Protocol):
    """What is needed of a span to note it."""

    @property
    def trace_id(self) -> str:
        """32 hex digits."""

    @property
    def span_id(self) -> str:
        """16 hex digits."""


class Started(NamedTuple):
    """A span as its program knew it."""

    trace_id: str
    check: int
    """CRC-32 of its load."""


class Known(NamedTuple):
    """What programs did, by their own account."""

    started: dict[str, Started]
    """By span id."""
    ended: frozenset[str]


class Truth:
    """The file that a program writes its account to; safe to share with threads and children."""

    def __init__(self, path: str | Path) -> None:
        self._fd = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def started(self, span: Span, load: str) -> None:
        """The span is there, and will end with this load."""
        self._note(f"S {span.trace_id} {span.span_id} {crc32(load.encode())}\n")

    def ended(self, span: Span) -> None:
        """Control has come back from the span's end."""
        self._note(f"E {span.span_id}\n")

    def _note(self, line: str) -> None:
        os.write(self._fd, line.encode())


@contextmanager
def noted(truth: Truth, load: str, name: str = "step") -> Iterator[None]:
    """A span around the block, with this load, and with a note of its start and of its end."""
    with telltale.start_span(name) as span:
        truth.started(span, load)
        span.set_attribute(LOAD, load)
        yield
    truth.ended(span)


class Loads:
    """Loads from a seed: slices of one random text, as long as the logarithm of chance says."""

    def __init__(self, seed: int, least: int, most: int) -> None:
        self._chance = random.Random(seed)
        self._least, self._most = least, most
        self._text = self._chance.randbytes(most).hex()

    def next(self) -> str:
        """A load of `least` to `most` characters: as many up to ten times the least as above."""
        size = int(self._least * (self._most / self._least) ** self._chance.random())
        begin = self._chance.randrange(len(self._text) - size)
        return self._text[begin : begin + size]


def read_truth(paths: Iterable[Path]) -> Known:
    """Several accounts as one; a last line that was cut short was never said."""
    started: dict[str, Started] = {}
    ended: set[str] = set()
    for path in paths:
        for line in path.read_text().splitlines(keepends=True):
            if not line.endswith("\n"):
                continue
            kind, *words = line.split()
            if kind == "S":
                trace_id, span_id, check = words
                started[span_id] = Started(trace_id, int(check))
            else:
                ended.add(words[0])
    return Known(started, frozenset(ended))
