"""Trace inside the test's own process, from a fresh start each time, and read what was written.

The state of the SDK is one object, made anew here in its place; nothing in it knows of tests.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from telltale.nouns.span import RawSpan
from telltale.tracing import guard
from telltale.tracing.live import current
from telltale.tracing.records import Segment, read_segment
from telltale.tracing.state import TRACING

NOWHERE = "http://127.0.0.1:9"
"""The discard port: nobody listens."""
_OURS = ("TELLTALE_", "MLFLOW_", "OTEL_")


class Recording:
    """What lies in the journal folder of one home."""

    def __init__(self, home: Path) -> None:
        self.home = home

    @property
    def folder(self) -> Path:
        """Where the segments lie."""
        return self.home / "journal"

    @property
    def files(self) -> list[Path]:
        """The segments, those of one journal in their order."""
        return sorted(self.folder.glob("*.[0-9]*"))

    @property
    def segments(self) -> list[Segment]:
        """The same, read; one whose header is not written yet is passed over."""
        return [read_segment(data) for path in self.files if (data := path.read_bytes())]

    @property
    def reports(self) -> list[RawSpan]:
        """Starts and ends, in the order written."""
        return [span for segment in self.segments for span in segment.spans]

    @property
    def starts(self) -> list[RawSpan]:
        """Start records."""
        return [span for span in self.reports if span.end_ns is None]

    @property
    def spans(self) -> list[RawSpan]:
        """Ended spans, in the order in which they ended."""
        return [span for span in self.reports if span.end_ns is not None]

    @property
    def names(self) -> list[str]:
        """Their names."""
        return [span.name for span in self.spans]

    @property
    def one(self) -> RawSpan:
        """The only ended span."""
        (span,) = self.spans
        return span

    def named(self, name: str) -> RawSpan:
        """The only ended span of that name."""
        (span,) = [span for span in self.spans if span.name == name]
        return span


@contextmanager
def fresh_tracing(
    home: Path, monkeypatch: pytest.MonkeyPatch, destination: str = NOWHERE
) -> Iterator[Recording]:
    """Trace into a home of its own, with no setting of the machine's left."""
    for name in [name for name in os.environ if name.startswith(_OURS)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TELLTALE_HOME", str(home))
    monkeypatch.setenv("TELLTALE_TRACKING_URI", destination)
    _begin_anew()
    try:
        yield Recording(home)
    finally:
        journal = TRACING._journal
        TRACING.at_exit()
        if journal is not None and journal.lock.path.exists():
            journal.let_go()
        _begin_anew()


def _begin_anew() -> None:
    if TRACING._journal is not None:
        TRACING._journal.let_go()
    TRACING.__init__()
    guard.forget()
    current.set(None)
