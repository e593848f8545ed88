"""What traced programs say of their own recording, summed up for `/metrics`.

A beat tells totals since its process began. What is counted here are the differences, so that a
program which ends, or is heard of again, neither counts twice nor takes its counts away.
"""

import threading
from collections import OrderedDict

from telltale.server.counts import Counts
from telltale.tracing.records import Beat

MOST_PROGRAMS = 1000
"""Kept in memory; the longest silent go first."""
_TOTALS = {
    "unwritten": "telltale_sdk_unwritten_total",
    "dropped_segments": "telltale_sdk_dropped_segments_total",
    "dropped_bytes": "telltale_sdk_dropped_bytes_total",
    "retries": "telltale_sdk_retries_total",
}


class Programs:
    """The last beat of each."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._lock = threading.Lock()
        self._beats: OrderedDict[bytes, Beat] = OrderedDict()

    def tell(self, journal: bytes, beat: Beat) -> None:
        """A program has told how it fares; an older beat that comes again says nothing."""
        with self._lock:
            before = self._beats.pop(journal, Beat(time_ns=0))
            if beat.time_ns < before.time_ns:
                beat = before
            self._beats[journal] = beat
            if len(self._beats) > MOST_PROGRAMS:
                self._beats.popitem(last=False)
            waiting = sum(one.waiting_bytes for one in self._beats.values() if not one.last)
        for field, name in _TOTALS.items():
            # A clock that was set back, or a beat that overtook another, takes nothing away.
            self._counts.add(name, max(0, getattr(beat, field) - getattr(before, field)))
        self._counts.set("telltale_sdk_waiting_bytes", waiting)
