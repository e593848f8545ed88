"""The one thread that writes, so that many writers share one transaction and one fsync.

SQLite takes one writer at a time anyway; in a queue the waiting ones are served in order, and
all that came in during one fsync go to the disk together with the next.
"""

import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from telltale.nouns.errors import StoreBroken, StoreBusy
from telltale.store.presence import Presence
from telltale.store.questions import Backlog
from telltale.store.traces.sqlite.faults import in_our_words, may_be_of_one
from telltale.store.traces.sqlite.rows import StagedSpan

MOST_WAITING_BYTES = 64 << 20
"""What may wait before writers are sent away; one write is always taken, whatever its size."""
GROUP_BYTES = 8 << 20
"""What one transaction takes on: some 20 ms of work, so that nobody waits long for others."""

StoreSpans = Callable[[sqlite3.Connection, Sequence[StagedSpan]], int]
"""Stores spans within a transaction and answers the seq."""
Work = Callable[[sqlite3.Connection], Any]
"""Anything else that has to be alone with the connection."""


class _Job:
    """Something to commit, and whoever waits for it."""

    def __init__(
        self,
        spans: Sequence[StagedSpan] | None = None,
        work: Work | None = None,
        in_transaction: bool = True,
    ) -> None:
        self.spans = spans
        self.work = work
        self.in_transaction = in_transaction
        self.size = sum(span.size for span in spans or ())
        self.done: Future[Any] = Future()


class Writer:
    """Commits jobs in the order of their arrival."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: Path,
        store_spans: StoreSpans,
        most_waiting_bytes: int = MOST_WAITING_BYTES,
    ) -> None:
        self._connection = connection
        self._path = path
        self._presence = Presence(path)
        self._store_spans = store_spans
        self._most_waiting_bytes = most_waiting_bytes
        self._jobs: deque[_Job] = deque()
        self._waiting_bytes = 0
        self._closing = False
        self._changed = threading.Condition()
        # A daemon: a program that forgets to close still ends, with nothing acknowledged lost.
        self._thread = threading.Thread(target=self._run, name="telltale-store", daemon=True)
        self._thread.start()

    def write(self, spans: Sequence[StagedSpan]) -> int:
        """Store spans together with what others wrote meanwhile; answer the seq, once on disk.

        Raises:
            StoreBusy: If too much is waiting, or another program holds the file.
            StoreBroken: If the disk refuses, or the store is closed.
            BadInput: If a value fits into no column; the others are stored all the same.
        """
        return self._wait_for(_Job(spans=spans))

    def run(self, work: Work, in_transaction: bool = True) -> Any:
        """Run something between the writes; answer what it answers, once that is on disk."""
        return self._wait_for(_Job(work=work, in_transaction=in_transaction))

    def backlog(self) -> Backlog:
        """What waits for its turn, without what is being committed."""
        with self._changed:
            return Backlog(len(self._jobs), self._waiting_bytes)

    def close(self) -> None:
        """Commit what was accepted, then end the thread and close the connection."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()
        self._connection.close()

    def _wait_for(self, job: _Job) -> Any:
        with self._changed:
            if self._closing:
                raise StoreBroken(f"{self._path} is closed; open the store again to use it")
            if self._jobs and self._waiting_bytes + job.size > self._most_waiting_bytes:
                raise StoreBusy(
                    f"{self._waiting_bytes} bytes wait to be written to {self._path} and "
                    f"{self._most_waiting_bytes} is the most that may; try again in a second"
                )
            self._jobs.append(job)
            self._waiting_bytes += job.size
            self._changed.notify()
        return job.done.result()

    def _run(self) -> None:
        while self._commit_next():
            pass

    def _commit_next(self) -> bool:
        """A group, which nothing holds any more once it is written; False when there is an end."""
        group = self._next_group()
        if group:
            self._commit(group)
        return bool(group)

    def _next_group(self) -> list[_Job]:
        """The jobs of the next transaction; empty once closed and nothing is left."""
        with self._changed:
            self._changed.wait_for(lambda: self._jobs or self._closing)
            group: list[_Job] = []
            size = 0
            while self._jobs and self._may_join(group, size):
                job = self._jobs.popleft()
                group.append(job)
                size += job.size
            self._waiting_bytes -= size
            return group

    def _may_join(self, group: list[_Job], size: int) -> bool:
        if not group:
            return True
        both_spans = group[0].spans is not None and self._jobs[0].spans is not None
        return both_spans and size + self._jobs[0].size <= GROUP_BYTES

    def _commit(self, group: list[_Job]) -> None:
        try:
            answer = self._transact(group)
        except Exception as error:  # noqa: BLE001 - the outermost edge of the thread
            self._refuse(group, error)
        else:
            for job in group:
                job.done.set_result(answer)

    def _refuse(self, group: list[_Job], error: Exception) -> None:
        if len(group) > 1 and may_be_of_one(error):
            # Each alone, so that it fails alone.
            for job in group:
                self._commit([job])
            return
        told = in_our_words(error, self._path)
        for job in group:
            job.done.set_exception(told)

    def _transact(self, group: list[_Job]) -> Any:
        connection, work = self._connection, group[0].work
        self._presence.check()
        if work is not None and not group[0].in_transaction:
            return work(connection)
        connection.execute("BEGIN IMMEDIATE")
        try:
            if work is not None:
                answer = work(connection)
            else:
                answer = self._store_spans(
                    connection, [span for job in group for span in job.spans or ()]
                )
            connection.execute("COMMIT")
        finally:
            # A full disk ends the transaction by itself.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        return answer
