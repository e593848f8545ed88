"""What traced programs say of their own recording, summed up for `/metrics`.

A beat tells totals since its process began. What is counted here are the differences, so that a
program which ends, or is heard of again, neither counts twice nor takes its counts away. Beats
are ordered by where they stand in their journal: a program's clock may be set back.
"""

import threading
from collections import OrderedDict

import msgspec

from telltale.server.counts import Count, Counts
from telltale.tracing.records import Beat

MOST_PROGRAMS = 10_000
"""Kept in memory, half a kilobyte each. Those that have ended go first, then the longest silent;
what is heard of again after that is counted anew."""
_TOTALS = {
    "unwritten": Count.SDK_UNWRITTEN,
    "dropped_segments": Count.SDK_DROPPED_SEGMENTS,
    "dropped_bytes": Count.SDK_DROPPED_BYTES,
    "retries": Count.SDK_RETRIES,
}

Place = tuple[int, int]
"""A segment, and an offset in it."""


class _Told(msgspec.Struct, frozen=True):
    """What is known of one program."""

    place: Place = (-1, 0)
    beat: Beat = Beat(time_ns=0)


_NOTHING = _Told()


class Programs:
    """The last beat of each."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._lock = threading.Lock()
        # By journal, the longest silent first.
        self._living: OrderedDict[bytes, _Told] = OrderedDict()
        self._ended: OrderedDict[bytes, _Told] = OrderedDict()
        self._waiting_bytes = 0
        """Of the living, summed up as they tell it: there may be thousands of them."""

    def tell(self, journal: bytes, place: Place, beat: Beat) -> None:
        """A program has told how it fares; an older beat that comes again says nothing.

        Args:
            place: Where the piece of the journal ends that the beat is the last of.
        """
        with self._lock:
            its = self._ended if journal in self._ended else self._living
            before = its.pop(journal, _NOTHING)
            now = before if place < before.place else _Told(place, beat)
            its[journal] = now
            if its is self._living:
                self._waiting_bytes += now.beat.waiting_bytes - before.beat.waiting_bytes
            if len(self._living) + len(self._ended) > MOST_PROGRAMS:
                self._forget_one()
            for field, name in _TOTALS.items():
                # Totals only rise; a program that tells less takes nothing away.
                grown = getattr(now.beat, field) - getattr(before.beat, field)
                self._counts.add(name, max(0, grown))
            self._counts.set(Count.SDK_WAITING_BYTES, self._waiting_bytes)

    def end(self, journal: bytes) -> None:
        """A program has ended: it sends nothing of what it left waiting."""
        with self._lock:
            told = self._living.pop(journal, None)
            if told is not None:
                self._ended[journal] = told
                self._waiting_bytes -= told.beat.waiting_bytes
                self._counts.set(Count.SDK_WAITING_BYTES, self._waiting_bytes)

    def _forget_one(self) -> None:
        if self._ended:
            self._ended.popitem(last=False)
        else:
            _, told = self._living.popitem(last=False)
            self._waiting_bytes -= told.beat.waiting_bytes
