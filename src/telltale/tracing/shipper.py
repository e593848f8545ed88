"""Bring the journal to the server, behind the user's back and never in the user's way.

Segments go unchanged; the server acknowledges an offset once the spans are on its disk; a segment
that is complete and acknowledged is unlinked. While nobody answers, the segments wait: in this
process for the next try, after its end for whoever speaks to the same server next.
"""

import random
import threading
import time
from collections.abc import Callable
from pathlib import Path

from telltale.tracing.guard import fault, may_say_again, say_once
from telltale.tracing.journal import Journal
from telltale.tracing.post import TIMEOUT_S, Away, Connection, Refused, Stranger
from telltale.tracing.records import FRAME_BYTES, records

LINGER_S = 0.1
"""A first span waits so long for company; a running trace is on the screen a moment later."""
BATCH_BYTES = 4 * 1024 * 1024
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0


class Shipment:
    """One segment file on its way: what has been acknowledged, what comes next."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.acknowledged = 0
        self._header = b""

    def ship(self, connection: Connection) -> bool:
        """Send what has not been acknowledged; True when all whole records have arrived.

        Raises:
            Away, Stranger, Refused: As `Connection.ship`.
            OSError: If the file cannot be read.
        """
        with self.path.open("rb") as file:
            if not self._header and not self._read_header(file.read(BATCH_BYTES)):
                return False
            while True:
                file.seek(self.acknowledged)
                whole = self._whole_part(file.read(BATCH_BYTES), file)
                if not whole:
                    return True
                reached = connection.ship(self._header + whole, self.acknowledged)
                # Damage at the very end of what was sent is passed over: it will not heal.
                self.acknowledged = max(reached, self.acknowledged + len(whole))

    def is_done(self) -> bool:
        """Whether nothing was written behind what has been acknowledged."""
        return self.path.stat().st_size <= self.acknowledged

    def _read_header(self, data: bytes) -> bool:
        first = next(records(data), None)
        if first is None:
            return False
        self._header = data[: first.end]
        self.acknowledged = first.end
        return True

    def _whole_part(self, data: bytes, file: object) -> bytes:
        end = 0
        for record in records(data):
            if record is not None:
                end = record.end
        if not end and len(data) == BATCH_BYTES:
            # A record larger than a batch: read on until it is whole.
            data += file.read(16 * 1024 * 1024 + FRAME_BYTES)  # type: ignore[attr-defined]
            first = next((record for record in records(data) if record is not None), None)
            end = first.end if first else 0
        return data[:end]


class Shipper:
    """The thread that ships one journal, and the way to wait for it."""

    def __init__(
        self,
        journal: Journal,
        destination: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._connection = Connection(destination)
        self._shipments: dict[int, Shipment] = {}
        self._first_unshipped = 0
        self._passing = threading.Lock()
        self._wake = threading.Event()
        self._stopping = False
        self._wait_s = FIRST_WAIT_S
        self._not_before = 0.0
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to ship in the background."""
        self._thread = threading.Thread(target=self._run, name="telltale-shipper", daemon=True)
        self._thread.start()

    def redirect(self, destination: str) -> None:
        """Speak to another server from now on."""
        with self._passing:
            self._connection.close()
            self._connection = Connection(destination)
            self._not_before = 0.0

    def flush(self, timeout_s: float) -> bool:
        """Ship everything written before the call; True once the server has all of it."""
        if not self._passing.acquire(timeout=timeout_s):
            return False
        try:
            self._not_before = 0.0
            self._connection.timeout_s = timeout_s
            return self._pass()
        finally:
            self._connection.timeout_s = TIMEOUT_S
            self._passing.release()

    def finish(self, timeout_s: float) -> bool:
        """Stop the thread, ship the rest, and tidy up if everything has arrived."""
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout_s)
        arrived = self.flush(timeout_s)
        if arrived:
            for shipment in self._shipments.values():
                shipment.path.unlink(missing_ok=True)
            self._journal.abandon_lock()
        self._connection.close()
        return arrived

    def _run(self) -> None:
        shipped: tuple[int, int] | None = None
        while not self._stopping:
            size = (self._journal.segment, self._journal.size)
            if size == shipped:
                # Polling spares the user's thread from waking us: a write takes no lock at all.
                self._wake.wait(LINGER_S)
                continue
            self._wake.wait(LINGER_S)
            try:
                with self._passing:
                    if self._clock() >= self._not_before and self._pass():
                        shipped = size
            except Exception as error:  # noqa: BLE001  the thread must outlive a fault of ours
                fault("shipping the journal", error)
                self._back_off(None)

    def _pass(self) -> bool:
        """One try at everything; False where something could not be sent now."""
        current = self._journal.segment
        try:
            for number in range(self._first_unshipped, current + 1):
                shipment = self._shipments.get(number)
                if shipment is None:
                    shipment = Shipment(self._journal.segment_path(number))
                    self._shipments[number] = shipment
                if not shipment.ship(self._connection):
                    return False
                if number < current and shipment.is_done():
                    shipment.path.unlink(missing_ok=True)
                    del self._shipments[number]
                    self._first_unshipped = number + 1
        except Away as error:
            say_once(
                "server away",
                "Telltale: no server at %s (%s). Spans are kept in %s and will be shipped when "
                "it is there: start it with `telltale server`, or run `telltale flush` later.",
                self._connection.destination,
                error,
                self._journal.folder,
            )
            self._back_off(None)
            return False
        except Stranger as error:
            say_once(
                "stranger",
                "Telltale: %s; nothing was sent to it. Spans are kept in %s. Give the address "
                "of a Telltale server with TELLTALE_TRACKING_URI or set_tracking_uri().",
                error,
                self._journal.folder,
            )
            self._back_off(None)
            return False
        except Refused as error:
            say_once("server refused", "Telltale: the server does not take spans now: %s", error)
            self._connection.close()
            self._back_off(error.retry_after_s)
            return False
        may_say_again("server away")
        may_say_again("server refused")
        self._wait_s = FIRST_WAIT_S
        return True

    def _back_off(self, asked_s: float | None) -> None:
        wait = asked_s if asked_s is not None else self._wait_s
        # Jitter, so that many programs do not all come back in the same moment.
        self._not_before = self._clock() + wait * (0.5 + random.random())
        self._wait_s = min(self._wait_s * 2, LONGEST_WAIT_S)
