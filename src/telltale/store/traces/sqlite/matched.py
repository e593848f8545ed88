"""All traces that a filter is true of, the newest first, for as long as somebody may wait."""

import sqlite3
import time
from collections.abc import Iterator

from telltale.store.questions import CountFacets, FindTraces, SumUp
from telltale.store.traces.sqlite.candidates import candidates
from telltale.store.traces.sqlite.matching import Matching

FIRST_CHUNK = 500


class Matched:
    """Numbers of traces, chunk by chunk."""

    def __init__(self, connection: sqlite3.Connection, question: CountFacets | SumUp) -> None:
        self._connection = connection
        self._question = question
        self.is_all = True
        """False once time was up before all had been asked about."""

    def chunks(self) -> Iterator[list[int]]:
        """What the reader does with a chunk takes of the same time."""
        question, began_s = self._question, time.thread_time()
        listed = FindTraces(
            experiment_id=question.experiment_id, filter=question.filter, now_ns=question.now_ns
        )
        matching = Matching(self._connection, question.now_ns)
        for chunk in candidates(self._connection, listed, None, FIRST_CHUNK):
            # Asked only where there is more: who has seen all of it has seen all.
            if time.thread_time() - began_s > question.within_s:
                self.is_all = False
                return
            numbers = [trace_no for _, trace_no in chunk]
            matched = matching.traces(question.filter, numbers)
            yield [trace_no for trace_no in numbers if trace_no in matched]
