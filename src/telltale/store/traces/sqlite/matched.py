"""All traces that a filter is true of, the newest first, for as long as somebody may wait."""

import sqlite3
import time
from collections.abc import Iterator

from telltale.store.questions import CountFacets, FindTraces, SumUp
from telltale.store.traces.sqlite.candidates import candidates
from telltale.store.traces.sqlite.matching import Matching

FIRST_CHUNK = 500
FIRST_PIECE = 50
SHORT, LONG = 1 / 8, 1 / 4
"""Parts of the time: a piece that took less is followed by one of twice its size, one that took
more by half of it. So the time is exceeded by about a quarter, not by whatever a chunk takes."""


class Matched:
    """Numbers of traces, piece by piece."""

    def __init__(self, connection: sqlite3.Connection, question: CountFacets | SumUp) -> None:
        self._connection = connection
        self._question = question
        self.is_all = True
        """False once time was up before all had been asked about."""

    def pieces(self) -> Iterator[list[int]]:
        """What the reader does with a piece takes of the same time."""
        question, began_s = self._question, time.thread_time()
        matching = Matching(self._connection, question.now_ns)
        size = FIRST_PIECE
        for chunk in self._chunks():
            at = 0
            while at < len(chunk):
                # Asked only where there is more: who has seen all of it has seen all.
                piece_began_s = time.thread_time()
                if piece_began_s - began_s > question.within_s:
                    self.is_all = False
                    return
                numbers = chunk[at : at + size]
                at += size
                matched = matching.traces(question.filter, numbers)
                yield [trace_no for trace_no in numbers if trace_no in matched]
                took_s = time.thread_time() - piece_began_s
                # A phrase costs a hundred times of what a column does, and nobody knows before.
                if took_s < question.within_s * SHORT:
                    size *= 2
                elif took_s > question.within_s * LONG:
                    size = max(1, size // 2)

    def _chunks(self) -> Iterator[list[int]]:
        question = self._question
        listed = FindTraces(
            experiment_id=question.experiment_id, filter=question.filter, now_ns=question.now_ns
        )
        for chunk in candidates(self._connection, listed, None, FIRST_CHUNK):
            yield [trace_no for _, trace_no in chunk]
