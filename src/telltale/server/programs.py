"""What traced programs say of their own recording, summed up for `/metrics`.

A beat tells totals since its process began. What is counted here are the differences, so that a
program which ends, or is heard of again, neither counts twice nor takes its counts away. Beats
are ordered by where they stand in their journal: a program's clock may be set back.
"""

import threading
from collections import OrderedDict

import msgspec
from msgspec.structs import replace

from telltale.server.counts import Count, Counts
from telltale.tracing.records import Beat

MOST_PROGRAMS = 1000
"""Kept in memory; the longest silent go first."""
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
    has_ended: bool = False


class Programs:
    """The last beat of each."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._lock = threading.Lock()
        self._told: OrderedDict[bytes, _Told] = OrderedDict()

    def tell(self, journal: bytes, place: Place, beat: Beat) -> None:
        """A program has told how it fares; an older beat that comes again says nothing.

        Args:
            place: Where the piece of the journal ends that the beat is the last of.
        """
        with self._lock:
            before = self._told.pop(journal, _Told())
            now = before if place < before.place else replace(before, place=place, beat=beat)
            self._told[journal] = now
            if len(self._told) > MOST_PROGRAMS:
                self._told.popitem(last=False)
            for field, name in _TOTALS.items():
                # Totals only rise; a program that tells less takes nothing away.
                grown = getattr(now.beat, field) - getattr(before.beat, field)
                self._counts.add(name, max(0, grown))
            self._show_waiting()

    def end(self, journal: bytes) -> None:
        """A program has ended: it sends nothing of what it left waiting."""
        with self._lock:
            told = self._told.get(journal)
            if told is not None:
                self._told[journal] = replace(told, has_ended=True)
                self._show_waiting()

    def _show_waiting(self) -> None:
        living = (told.beat for told in self._told.values() if not told.has_ended)
        self._counts.set(Count.SDK_WAITING_BYTES, sum(beat.waiting_bytes for beat in living))
