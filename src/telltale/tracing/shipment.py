"""One segment file on its way to the server."""

import os
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, NamedTuple

from telltale.tracing.post import TOO_LARGE, Connection, Refused
from telltale.tracing.records import (
    FRAME_BYTES,
    MAX_RECORD_BYTES,
    Record,
    read_segment,
    records,
    whole_end,
)

OPENING_BYTES = (64 * 1024, 4 * 1024 * 1024)
"""What is read of a segment to find its header: seldom more than a thousand bytes."""
_REMNANT_BYTES = FRAME_BYTES // 2
"""What is sent of a damaged stretch, for the server to count it: it may be as large as a record."""


class _Opening(NamedTuple):
    """What a segment begins with."""

    header: bytes
    """The header record."""
    destination: str


class Shipment:
    """What of a segment has been acknowledged, and what comes next."""

    def __init__(self, path: Path, *, is_orphan: bool = False) -> None:
        self.path = path
        self.acknowledged = 0
        """Bytes from the file's begin, its header included; 0 while nothing has been sent."""
        self.refused_until_s = 0.0
        """By the clock of its line: before then what comes next is not tried again."""
        self._is_orphan = is_orphan

    @property
    def destination(self) -> str:
        """Where its header says that it goes, and nowhere else.

        Raises:
            OSError: If the file cannot be read.
            ValueError: If it does not begin with a header.
        """
        return self._opening.destination

    def ship(self, connection: Connection) -> None:
        """Send all whole records that have not been acknowledged.

        Raises:
            Away, Stranger, Refused: As `Connection.ship`.
            OSError, ValueError: As `destination`.
        """
        header = self._opening.header
        self.acknowledged = self.acknowledged or len(header)
        with self.path.open("rb") as file:
            while whole := self._next(file, connection.batch.bytes):
                sent = connection.batch.bytes
                try:
                    reached = connection.ship(
                        header, whole, self.acknowledged, is_orphan=self._is_orphan
                    )
                except Refused as error:
                    # A proxy in between takes less at a time than we like to send.
                    if error.status == TOO_LARGE and connection.batch.bytes < sent:
                        continue
                    raise
                if reached <= self.acknowledged:
                    if _first(whole):
                        raise Refused(200, f"nothing was stored beyond {reached}", None)
                    # Damage and nothing else; a remnant of it goes before what comes next.
                    reached = self.acknowledged + max(0, len(whole) - self._remnant_bytes)
                self.acknowledged = reached

    def waiting_bytes(self) -> int:
        """What was written behind what has been acknowledged; 0 where the file is gone.

        Raises:
            OSError: If it cannot be asked.
        """
        try:
            return max(0, self.path.stat().st_size - self.acknowledged)
        except FileNotFoundError:
            return 0  # Somebody deleted it: there is nothing left to ship.

    def is_done(self) -> bool:
        """Whether nothing was written behind what has been acknowledged."""
        return not self.waiting_bytes()

    def _next(self, file: BinaryIO, batch_bytes: int) -> bytes:
        """Whole records behind what has been acknowledged; empty where there are none."""
        file.seek(self.acknowledged)
        # No more than there is: for a few bytes in a large buffer, again and again, the allocator
        # would keep the program's memory larger by the buffer.
        there = os.fstat(file.fileno()).st_size - self.acknowledged
        data = file.read(max(0, min(batch_bytes, there)))
        end = whole_end(data)
        if end:
            return data[:end]
        first = None
        if len(data) == batch_bytes:
            # A record larger than a batch, perhaps behind a torn one: read on until one is whole.
            while first is None and (more := file.read(MAX_RECORD_BYTES)):
                data += more
                first = _first(data)
        if first is not None:
            begin, end = first.end - FRAME_BYTES - len(first.payload), first.end
        elif self._is_orphan:
            begin = end = len(data)  # Nobody will complete it.
        else:
            return b""
        skipped = max(0, begin - _REMNANT_BYTES)
        self.acknowledged += skipped
        return data[skipped:end]

    @property
    def _remnant_bytes(self) -> int:
        """Nothing more comes behind what an orphan holds, and the server knows."""
        return 0 if self._is_orphan else _REMNANT_BYTES

    @cached_property
    def _opening(self) -> _Opening:
        for most in OPENING_BYTES:
            with self.path.open("rb") as file:
                data = file.read(most)
            if first := _first(data):
                break
        segment = read_segment(data[: first.end if first else 0])
        return _Opening(data[: segment.begin], segment.header.destination)


def _first(data: bytes) -> Record | None:
    """The first whole record, however much damage stands before it."""
    return next((record for record in records(data) if record is not None), None)
