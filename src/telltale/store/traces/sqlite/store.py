"""`TraceStore` over one SQLite file: a table from question to function, and one writer."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from telltale.nouns.errors import StoreBroken
from telltale.nouns.feedback import Feedback
from telltale.nouns.span import RawSpan, Span
from telltale.store.questions import (
    Backlog,
    Change,
    ChangesSince,
    CountFacets,
    CountTraces,
    FindTagKeys,
    FindTraces,
    FindValues,
    OpenJournals,
    Question,
    ReadRaw,
    ReadSaid,
    ReadSkeleton,
    ReadSpans,
    ReadTrace,
    Reread,
    SumUp,
    Weigh,
)
from telltale.store.traces.sqlite.arrival import store_spans
from telltale.store.traces.sqlite.behind import Behind
from telltale.store.traces.sqlite.changes import changes_since
from telltale.store.traces.sqlite.connection import Readers, open_writer
from telltale.store.traces.sqlite.delete import any_doomed, doom, fold_log, sweep
from telltale.store.traces.sqlite.facets import find_tag_keys, find_values
from telltale.store.traces.sqlite.faults import in_our_words
from telltale.store.traces.sqlite.find import count_traces, find_traces, read_trace, weigh
from telltale.store.traces.sqlite.open_spans import mark_lost, mark_running, open_journals
from telltale.store.traces.sqlite.reread import reread
from telltale.store.traces.sqlite.rows import stage
from telltale.store.traces.sqlite.said import (
    add_feedback,
    read_said,
    remove_feedback,
    set_tags,
)
from telltale.store.traces.sqlite.skeleton import read_skeleton
from telltale.store.traces.sqlite.spans import read_raw, read_spans
from telltale.store.traces.sqlite.sums import sum_up
from telltale.store.traces.sqlite.tally import count_facets
from telltale.store.traces.sqlite.unread import any_unread, read_some
from telltale.store.traces.sqlite.writer import MOST_WAITING_BYTES, Writer

A = TypeVar("A")

DOOMED_AT_ONCE = 500
"""Traces a transaction: some tens of milliseconds."""

ANSWERS: dict[type[Question[Any]], Callable[[sqlite3.Connection, Any], Any]] = {
    FindTraces: find_traces,
    FindValues: find_values,
    FindTagKeys: find_tag_keys,
    CountFacets: count_facets,
    SumUp: sum_up,
    ReadTrace: read_trace,
    CountTraces: count_traces,
    Weigh: weigh,
    ReadSkeleton: read_skeleton,
    ReadSpans: read_spans,
    ReadSaid: read_said,
    ReadRaw: read_raw,
    ChangesSince: changes_since,
    OpenJournals: open_journals,
}


class SqliteTraceStore:
    """Traces in a SQLite file. Thread-safe; several processes may open the same file."""

    def __init__(
        self, path: Path, reading_version: int, most_waiting_bytes: int = MOST_WAITING_BYTES
    ) -> None:
        self._path = path
        self._reading_version = reading_version
        self._closed = False
        self._writer = Writer(open_writer(path), path, store_spans, most_waiting_bytes)
        self._readers = Readers(path)
        self._behind = Behind(self._catch_up)
        if self._ask(any_doomed) or self._ask(any_unread):
            # A deletion that a restart interrupted, or a file of an older layout.
            self._behind.begin()

    def write(self, changes: Sequence[Change]) -> int:
        """Store spans durably, in one transaction; answer the `seq` they are visible at."""
        return self._writer.write(stage(changes, self._reading_version))

    def read(self, question: Question[A]) -> A:
        """Answer a question from one moment of the store."""
        return self._ask(lambda connection: ANSWERS[type(question)](connection, question))

    def mark_lost(self, journal: bytes, seen_ns: int) -> int:
        """Call the open spans of a silent process lost."""
        return self._writer.run(partial(mark_lost, journal=journal, seen_ns=seen_ns))

    def mark_running(self, journal: bytes) -> int:
        """Call the open spans of a process that is heard again running."""
        return self._writer.run(partial(mark_running, journal=journal))

    def delete(self, trace_ids: Sequence[bytes]) -> int:
        """Remove traces from every answer; their space is given back behind that."""
        count = 0
        for at in range(0, len(trace_ids), DOOMED_AT_ONCE):
            part = trace_ids[at : at + DOOMED_AT_ONCE]
            count += self._writer.run(partial(doom, trace_ids=part))
        if count:
            self._behind.begin()
        return count

    def add_feedback(self, feedback: Feedback) -> bool:
        """Keep what somebody says of a trace."""
        return self._writer.run(partial(add_feedback, feedback=feedback))

    def remove_feedback(self, trace_id: bytes, feedback_id: bytes) -> bool:
        """Take it back."""
        work = partial(remove_feedback, trace_id=trace_id, feedback_id=feedback_id)
        return self._writer.run(work)

    def set_tags(self, trace_id: bytes, tags: Mapping[str, str | None]) -> bool:
        """Give a trace tags, or take some away."""
        return self._writer.run(partial(set_tags, trace_id=trace_id, tags=tags))

    def reread(self, after: int, read: Callable[[RawSpan], Span], *, is_all: bool) -> Reread:
        """Understand one chunk of ended spans anew, between the writes of others."""
        version = self._reading_version
        return self._writer.run(lambda connection: reread(connection, after, is_all, read, version))

    def backlog(self) -> Backlog:
        """What waits for the thread that writes."""
        return self._writer.backlog()

    def close(self) -> None:
        """Finish what was accepted, then let go of the files."""
        if not self._closed:
            self._closed = True
            self._readers.close()
            self._writer.close()

    def _ask(self, answer: Callable[[sqlite3.Connection], A]) -> A:
        if self._closed:
            raise StoreBroken(f"{self._path} is closed; open the store again to use it")
        try:
            with self._readers.snapshot() as connection:
                return answer(connection)
        except StoreBroken as error:
            # A row that cannot be read; who reads it knows the trace and not the file.
            raise StoreBroken(f"{self._path}: {error}") from error
        except (sqlite3.Error, OSError) as error:
            raise in_our_words(error, self._path) from error

    def _catch_up(self) -> None:
        """One round of what may wait, between the writes of others."""
        # Closed meanwhile, or the disk refuses: the next start goes on here.
        with suppress(StoreBroken):
            while self._writer.run(sweep):
                pass
            self._writer.run(fold_log, in_transaction=False)
            while self._writer.run(read_some):
                pass
