"""One segment file on its way to the server."""

import os
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from telltale.tracing.handles import Handle
from telltale.tracing.post import TOO_LARGE, Connection, Refused
from telltale.tracing.records import (
    FRAME_BYTES,
    GONE,
    MAX_RECORD_BYTES,
    Record,
    is_torn_header,
    read_segment,
    records,
    whole_end,
)

_MOST_HEADER_BYTES = 1 << 20
OPENING_BYTES = (64 * 1024, 4 * 1024 * 1024)
"""What is read of a segment to find its header: seldom more than a thousand bytes."""
_REMNANT_BYTES = FRAME_BYTES // 2
"""What is sent of a damaged stretch, for the server to count it: it may be as large as a record."""


class _Opening(NamedTuple):
    """What a segment begins with."""

    header: bytes
    """The header record."""
    destination: str
    journal_id: bytes


class _SetAside(NamedTuple):
    """A record that is too large for somebody on the way."""

    begin: int
    end: int
    why: str
    """Words alone: an error would hold what was sent, by its traceback."""


class Shipment:
    """What of a segment has been acknowledged, and what comes next."""

    def __init__(self, path: Path, *, is_orphan: bool = False) -> None:
        self.path = path
        self.acknowledged = 0
        """Bytes from the file's begin, its header included; 0 while nothing has been sent."""
        self._set_aside: list[_SetAside] = []
        self.again_s = 0.0
        """By the clock of its line: when to try what was set aside again."""
        self.refused_until_s = 0.0
        """By the same clock: before then what comes next is not tried again."""
        self.was_missed = False
        """Whether the file was gone at the last look."""
        self._is_orphan = is_orphan
        self.is_last = False
        """Of what a dead process left: with its end all has been brought."""

    @property
    def destination(self) -> str:
        """Where its header says that it goes, and nowhere else.

        Raises:
            OSError: If the file cannot be read.
            ValueError: If it does not begin with a header.
        """
        return self._opening.destination

    @property
    def refusal(self) -> str:
        """Why single records are set aside; empty where none is."""
        return self._set_aside[-1].why if self._set_aside else ""

    def ship(self, connection: Connection, *, again: bool = False) -> None:
        """Send all whole records that have not been acknowledged.

        One that is too large for somebody on the way holds up nothing behind it.

        Args:
            again: Whether to try those that were set aside.

        Raises:
            Away, Stranger, Refused: As `Connection.ship`.
            OSError, ValueError: As `destination`.
        """
        self.acknowledged = self.acknowledged or len(self._opening.header)
        if again:
            self._ship_set_aside(connection)
        while whole := self._next(connection.batch.bytes):
            most = connection.batch.bytes
            try:
                reached = self._ship(connection, whole, self.acknowledged)
            except Refused as error:
                if error.status != TOO_LARGE:
                    raise
                if len(whole) > most:
                    end = self.acknowledged + len(whole)
                    self._set_aside.append(_SetAside(self.acknowledged, end, str(error)))
                    self.acknowledged = end
                elif not connection.batch.shrink_for_good():
                    raise
                continue
            if reached <= self.acknowledged:
                if _first(whole):
                    raise _stored_nothing(reached)
                # Damage and nothing else; a remnant of it goes before what comes next.
                reached = self.acknowledged + max(0, len(whole) - self._remnant_bytes)
            self.acknowledged = reached

    def tell(self, connection: Connection, record: bytes) -> None:
        """Send a record that the disk has refused, as if it stood before what comes next.

        Raises:
            Away, Stranger, Refused: As `Connection.ship`.
            OSError, ValueError: As `destination`.
        """
        acknowledged = self.acknowledged or len(self._opening.header)
        self._ship(connection, record, max(0, acknowledged - len(record)))

    def waiting_bytes(self) -> int:
        """What has not been acknowledged; 0 where the file is gone.

        Raises:
            OSError: If it cannot be asked.
        """
        try:
            behind = max(0, self.path.stat().st_size - self.acknowledged)
        except FileNotFoundError:
            return 0  # Somebody deleted it: there is nothing left to ship.
        return behind + sum(one.end - one.begin for one in self._set_aside)

    def is_stillborn(self) -> bool:
        """Whether its writer was interrupted before its header was whole: it holds nothing.

        Raises:
            OSError: If it cannot be read.
        """
        data = self._read(0, _MOST_HEADER_BYTES + 1)
        return len(data) <= _MOST_HEADER_BYTES and is_torn_header(data)

    def is_done(self) -> bool:
        """Whether all that was written has been acknowledged."""
        return not self.waiting_bytes()

    def _ship(self, connection: Connection, piece: bytes, offset: int) -> int:
        header = self._opening.header
        if not self._is_orphan:
            return connection.ship(header, piece, offset, self._opening.journal_id.hex())
        has_more = not self.is_last or offset + len(piece) < self.path.stat().st_size
        return connection.ship(header, piece, offset, GONE, has_more=has_more)

    def _ship_set_aside(self, connection: Connection) -> None:
        for one in list(self._set_aside):
            piece = self._read(one.begin, one.end - one.begin)
            try:
                reached = self._ship(connection, piece, one.begin)
                if reached < one.end:
                    raise _stored_nothing(reached)
            except Refused as error:
                self._set_aside.append(one._replace(why=str(error)))
            self._set_aside.remove(one)

    def _next(self, batch_bytes: int) -> bytes:
        """Whole records behind what has been acknowledged; empty where there are none."""
        data = self._read(self.acknowledged, batch_bytes)
        end = whole_end(data)
        if end:
            return data[:end]
        first = None
        if len(data) == batch_bytes:
            # A record larger than a batch, perhaps behind a torn one: read on until one is whole.
            while first is None and (
                more := self._read(self.acknowledged + len(data), MAX_RECORD_BYTES)
            ):
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

    def _read(self, begin: int, most: int) -> bytes:
        """What stands there; open no longer than it takes, for the program may close anything."""
        segment = Handle(self.path, os.O_RDONLY)
        try:
            # No more than there is: for a few bytes in a large buffer, again and again, the
            # allocator would keep the program's memory larger by the buffer.
            there = os.fstat(segment.number).st_size - begin
            return os.pread(segment.number, max(0, min(most, there)), begin)
        finally:
            segment.close()

    @property
    def _remnant_bytes(self) -> int:
        """Nothing more comes behind what an orphan holds, and the server knows."""
        return 0 if self._is_orphan else _REMNANT_BYTES

    @cached_property
    def _opening(self) -> _Opening:
        for most in OPENING_BYTES:
            data = self._read(0, most)
            if first := _first(data):
                break
        segment = read_segment(data[: first.end if first else 0])
        header = segment.header
        return _Opening(data[: segment.begin], header.destination, header.journal_id)


def _stored_nothing(beyond: int) -> Refused:
    return Refused(200, f"nothing was stored beyond {beyond}", None)


def _first(data: bytes) -> Record | None:
    """The first whole record, however much damage stands before it."""
    return next((record for record in records(data) if record is not None), None)
