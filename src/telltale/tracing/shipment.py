"""One segment file on its way to the server."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from telltale.tracing.post import Connection
from telltale.tracing.records import FRAME_BYTES, MAX_RECORD_BYTES, read_segment, records

BATCH_BYTES = 4 * 1024 * 1024


class Shipment:
    """What of a segment has been acknowledged, and what comes next."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.acknowledged = 0

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
                whole = _whole_part(file.read(BATCH_BYTES), file)
                if not whole:
                    return
                reached = connection.ship(header + whole, self.acknowledged)
                # Damage at the very end of what was sent is passed over: it will not heal.
                self.acknowledged = max(reached, self.acknowledged + len(whole))

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


def _whole_part(data: bytes, file: BinaryIO) -> bytes:
    end = max(_ends(data), default=0)
    if not end and len(data) == BATCH_BYTES:
        # A record larger than a batch: read on until it is whole.
        data += file.read(MAX_RECORD_BYTES + FRAME_BYTES)
        end = next(_ends(data), 0)
    return data[:end]


def _ends(data: bytes) -> Iterator[int]:
    """Where the whole records of some bytes end."""
    return (record.end for record in records(data) if record is not None)
