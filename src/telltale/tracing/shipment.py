"""One segment file on its way to the server."""

import os
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from telltale.tracing.post import TOO_LARGE, Connection, Refused
from telltale.tracing.records import MAX_RECORD_BYTES, read_segment, records, whole_end

OPENING_BYTES = (64 * 1024, 4 * 1024 * 1024)
"""What is read of a segment to find its header: seldom more than a thousand bytes."""


class Shipment:
    """What of a segment has been acknowledged, and what comes next."""

    def __init__(self, path: Path, *, is_orphan: bool = False) -> None:
        self.path = path
        self.acknowledged = 0
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
        return self._opening[1]

    def ship(self, connection: Connection) -> None:
        """Send all whole records that have not been acknowledged.

        Raises:
            Away, Stranger, Refused: As `Connection.ship`.
            OSError, ValueError: As `destination`.
        """
        header = self._opening[0]
        self.acknowledged = self.acknowledged or len(header)
        with self.path.open("rb") as file:
            while whole := self._next(file, connection.batch_bytes):
                sent = connection.batch_bytes
                try:
                    reached = connection.ship(
                        header, whole, self.acknowledged, is_orphan=self._is_orphan
                    )
                except Refused as error:
                    # A proxy in between takes less at a time than we like to send.
                    if error.status == TOO_LARGE and connection.batch_bytes < sent:
                        continue
                    raise
                if reached <= self.acknowledged:
                    if _first_end(whole):
                        raise Refused(200, f"nothing was stored beyond {reached}", None)
                    # Damage and nothing else, which the server has counted and stays in front of.
                    reached = self.acknowledged + len(whole)
                self.acknowledged = reached

    def waiting_bytes(self) -> int:
        """What was written behind what has been acknowledged; 0 where the file is gone."""
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
        if not end and len(data) == batch_bytes:
            # A record larger than a batch, perhaps behind a torn one: read on until one is whole.
            while not end and (more := file.read(MAX_RECORD_BYTES)):
                data += more
                end = _first_end(data)
        return data[:end]

    @cached_property
    def _opening(self) -> tuple[bytes, str]:
        """The header record and the destination in it."""
        for most in OPENING_BYTES:
            with self.path.open("rb") as file:
                data = file.read(most)
            if end := _first_end(data):
                break
        segment = read_segment(data[:end])
        return data[: segment.begin], segment.header.destination


def _first_end(data: bytes) -> int:
    return next((record.end for record in records(data) if record is not None), 0)
