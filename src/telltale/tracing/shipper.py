"""Bring the journal to the server, behind the user's back and never in the user's way.

Segments go unchanged; the server acknowledges an offset once the spans are on its disk; a segment
that is complete and acknowledged is unlinked. While nobody answers, the segments wait: in this
process for the next try, after its end for whoever speaks to the same server next.
"""

import math
import threading
import time
from collections import deque
from collections.abc import Callable

from telltale.tracing.bound import MOST_BYTES, read_dropped
from telltale.tracing.guard import fault, say_once
from telltale.tracing.journal import Journal
from telltale.tracing.keeper import Keeper
from telltale.tracing.line import Line
from telltale.tracing.records import Beat, encode_beat
from telltale.tracing.shipment import Shipment

LINGER_S = 0.1
"""A first span waits so long for company; a running trace is on the screen a moment later."""
BEAT_S = 10.0
"""A server that hears nothing for four of them takes the process for dead."""
CLOSING_S = 0.5
"""How long the end waits for threads that are writing a record at that moment."""


class _Wish:
    """Somebody waits until everything that was written before now has arrived."""

    def __init__(self, timeout_s: float) -> None:
        self.deadline = time.monotonic() + timeout_s
        self._arrived = False
        self._answered = threading.Event()

    def answer(self, arrived: bool) -> None:
        """Tell who waits whether it has."""
        self._arrived = arrived
        self._answered.set()

    def wait(self, timeout_s: float) -> bool:
        """Whether everything has arrived in time."""
        return self._answered.wait(timeout_s) and self._arrived


class Shipper:
    """The thread that ships one journal, and the way to wait for it."""

    def __init__(
        self,
        journal: Journal,
        clock: Callable[[], float] = time.monotonic,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._keeper = Keeper(journal.folder, most_bytes, clock)
        self._lines: dict[str, Line] = {}
        self._shipments: dict[int, Shipment] = {}
        self._next_segment = 0
        self._next_beat = clock() + BEAT_S
        self._wishes: deque[_Wish] = deque()
        self._wake = threading.Event()
        self._stopping = False
        self._arrived = False
        self._thread = threading.Thread(target=self._run, name="telltale-shipper", daemon=True)

    def start(self) -> None:
        """Begin to ship in the background."""
        try:
            self._thread.start()
        except RuntimeError as error:
            # The interpreter is ending; the segments wait for the next process.
            fault("starting the shipper", error)

    def flush(self, timeout_s: float) -> bool:
        """Ship everything written before the call; True once the server has all of it.

        The thread does it, as in `finish`: whoever waits does so no longer than it says here.
        """
        if not self._thread.is_alive():
            return False
        timeout_s = min(timeout_s, threading.TIMEOUT_MAX)
        wish = _Wish(timeout_s)
        self._wishes.append(wish)
        self._wake.set()
        return wish.wait(timeout_s)

    def finish(self, timeout_s: float) -> bool:
        """Close the journal, ship the rest, and tidy up what has arrived.

        The thread does it, so that the end of the program waits no longer than it says here,
        however slowly a server answers.
        """
        self._journal.write(encode_beat(self._beat(last=True)))
        closed = self._journal.close(CLOSING_S)
        self._stopping = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        self._keeper.sum_up()
        if self._thread.is_alive() or not closed:
            return False
        done = [shipment for shipment in self._shipments.values() if shipment.is_done()]
        for shipment in done:
            shipment.path.unlink(missing_ok=True)
        if not self._arrived or len(done) < len(self._shipments):
            return False
        self._journal.lock.abandon()
        return True

    def _run(self) -> None:
        shipped: tuple[int, int] | None = None
        while not self._stopping:
            size = (self._journal.segment, self._journal.size)
            # Polling spares the user's thread from waking us: a write takes no lock at all.
            self._wake.wait(LINGER_S)
            self._wake.clear()
            self._keep_alive()
            if self._wishes:
                self._grant()
            elif size != shipped and self._pass():
                shipped = size
        self._arrived = self._pass(math.inf)
        for wish in self._wishes:
            wish.answer(self._arrived)
        for line in self._lines.values():
            line.connection.close()

    def _grant(self) -> None:
        """One pass for all who wait at its beginning."""
        wishes = [self._wishes.popleft() for _ in range(len(self._wishes))]
        arrived = self._pass(max(wish.deadline for wish in wishes))
        for wish in wishes:
            wish.answer(arrived)

    def _keep_alive(self) -> None:
        """Say from time to time that this process lives, and look after the files."""
        try:
            self._journal.mend()
        except OSError as error:
            fault("looking after the journal", error)
        self._keeper.look_after(self._journal.segment)
        if self._clock() >= self._next_beat:
            self._next_beat = self._clock() + BEAT_S
            self._journal.lock.say_alive()
            self._journal.write(encode_beat(self._beat()))

    def _beat(self, *, last: bool = False) -> Beat:
        return Beat(
            time_ns=time.time_ns(),
            last=last,
            unwritten=self._journal.unwritten,
            dropped_segments=self._keeper.dropped_segments,
            dropped_bytes=self._keeper.dropped_bytes,
            retries=sum(line.retries for line in list(self._lines.values())),
            waiting_bytes=self._waiting_bytes(),
        )

    def _waiting_bytes(self) -> int:
        try:
            return sum(one.waiting_bytes() for one in list(self._shipments.values()))
        except OSError:
            return 0  # The folder is out of reach, which whoever ships from it says.

    def _pass(self, deadline: float | None = None) -> bool:
        """One try at everything; False where something could not be sent now.

        Args:
            deadline: By the monotonic clock. With one, a server is tried even where its time has
                not come yet.
        """
        current = self._journal.segment
        for number in range(self._next_segment, current + 1):
            self._shipments[number] = Shipment(self._journal.segment_path(number))
        self._next_segment = current + 1
        arrived = True
        for number, shipment in list(self._shipments.items()):
            try:
                # Asked before the last look at its size: nobody writes to it after this.
                settled = self._journal.is_settled(number)
                if not self._carried(shipment, deadline):
                    arrived = False
                elif settled and number < current and shipment.is_done():
                    shipment.path.unlink(missing_ok=True)
                    del self._shipments[number]
            except FileNotFoundError:
                arrived = False
                self._deleted(number, current)
            except Exception as error:  # noqa: BLE001  the user's program comes first
                fault("shipping the journal", error)
                arrived = False
        return arrived

    def _deleted(self, number: int, current: int) -> None:
        """What was in the file is gone; the journal goes on in another at its next mending."""
        path = self._shipments[number].path
        # Where the folder was over its bound, whoever removed the file has said so.
        if not any(one.segment == path.name for one in read_dropped(path.parent)):
            say_once(
                "journal deleted",
                "Telltale: somebody deleted %s; spans in it that had not been shipped are lost.",
                path,
            )
        if number < current:
            del self._shipments[number]

    def _carried(self, shipment: Shipment, deadline: float | None) -> bool:
        if self._clock() < shipment.refused_until_s:
            return False
        line = self._lines.get(shipment.destination)
        if line is None:
            line = self._lines[shipment.destination] = Line(shipment.destination, self._clock)
        if deadline is None and not line.is_due():
            return False
        line.connection.deadline = math.inf if deadline is None else deadline
        if not line.carry(shipment):
            return False
        self._keeper.answered(shipment.destination)
        return True
