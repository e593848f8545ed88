"""One segment file on its way to the server."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from telltale.tracing.post import Connection, Refused
from telltale.tracing.records import FRAME_BYTES, MAX_RECORD_BYTES, read_segment, records

BATCH_BYTES = 4 * 1024 * 1024
SMALLEST_BATCH_BYTES = 64 * 1024
TOO_LARGE = 413


class Shipment:
    """What of a segment has been acknowledged, and what comes next."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.acknowledged = 0
        self.refused = False
        """The server will never take what comes next; the segment waits for another one."""
        self._batch_bytes = BATCH_BYTES

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
            while True:
                file.seek(self.acknowledged)
                whole = _whole_part(file.read(self._batch_bytes), file, self._batch_bytes)
                if not whole:
                    return
                try:
                    reached = connection.ship(header + whole, self.acknowledged)
                except Refused as error:
                    if error.status != TOO_LARGE or self._batch_bytes <= SMALLEST_BATCH_BYTES:
                        raise
                    # A proxy in between takes less at a time than we like to send.
                    self._batch_bytes //= 4
                    continue
                if reached <= self.acknowledged:
                    raise Refused(200, f"nothing was stored beyond {reached}", None)
                self.acknowledged = reached

    def is_done(self) -> bool:
        """Whether nothing was written behind what has been acknowledged."""
        try:
            return self.path.stat().st_size <= self.acknowledged
        except FileNotFoundError:
            return True  # Somebody deleted it: there is nothing left to ship.

    @cached_property
    def _opening(self) -> tuple[bytes, str]:
        """The header record and the destination in it."""
        with self.path.open("rb") as file:
            data = file.read(BATCH_BYTES)
        segment = read_segment(data[: next(_ends(data), 0)])
        return data[: segment.begin], segment.header.destination


def _whole_part(data: bytes, file: BinaryIO, batch_bytes: int) -> bytes:
    end = max(_ends(data), default=0)
    if not end and len(data) == batch_bytes:
        # A record larger than a batch: read on until it is whole.
        data += file.read(MAX_RECORD_BYTES + FRAME_BYTES)
        end = next(_ends(data), 0)
    return data[:end]


def _ends(data: bytes) -> Iterator[int]:
    """Where the whole records of some bytes end."""
    return (record.end for record in records(data) if record is not None)
