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
from functools import partial

from telltale.tracing.bound import MOST_BYTES, read_dropped
from telltale.tracing.guard import background, fault, say_once, sheltered
from telltale.tracing.journal import Journal
from telltale.tracing.keeper import Keeper
from telltale.tracing.line import Line
from telltale.tracing.shipment import Shipment
from telltale.tracing.watch import Traffic, Watchman

LINGER_S = 0.5
"""A first span waits so long for company; a running trace is on the screen a moment later."""
SETTLING_S = 0.5
"""How long the end waits for the watchman, and for threads that are writing at that moment."""
_SHIPPING = "shipping the journal"


class _Wish:
    """Somebody waits until everything that was written before now has arrived."""

    def __init__(self, timeout_s: float) -> None:
        self.deadline = time.monotonic() + timeout_s
        self.was_tried = False
        """By a try of its own, however short a time ago the last one failed."""
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
        self._watchman = Watchman(journal, self._keeper, self._traffic, self._tell, clock)
        self._aloud: bytes | None = None
        """A beat that could not be written, to be sent by itself."""
        self._lines: dict[str, Line] = {}
        self._shipments: dict[int, Shipment] = {}
        self._next_segment = 0
        self._wishes: deque[_Wish] = deque()
        self._wake = threading.Event()
        self._stopping = False
        self._shipped: tuple[int, int] | None = None
        """What was written, by segment and size, when all of it had arrived."""
        self._again_s = 0.0
        """By the clock: when to try again what the last pass could not send."""
        self._arrived = False
        self._thread = background("telltale-shipper", self._run)

    def start(self) -> None:
        """Begin to ship in the background; to be called again if it was interrupted."""
        try:
            self._watchman.start()
            if self._thread.ident is None:
                self._thread.start()
        except RuntimeError as error:
            # The interpreter is ending; the segments wait for the next process.
            fault("starting the shipper", error)

    def flush(self, timeout_s: float) -> bool:
        """Ship everything written before the call; True once the server has all of it.

        The thread does it, as in `finish`: whoever waits does so no longer than it says here, and
        less where no other try can come in time.
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
        until_s = time.monotonic() + timeout_s
        self._watchman.stop(min(SETTLING_S, timeout_s))
        closed = self._journal.close(min(SETTLING_S, _left_s(until_s)))
        self.give_up()
        if self._thread.is_alive():
            self._thread.join(_left_s(until_s))
        self._keeper.sum_up()
        if self._thread.is_alive() or not closed:
            return False
        try:
            return self._tidy_up()
        except OSError:
            return False  # Out of reach, or read-only: what lies there may arrive once more.

    def _tidy_up(self) -> bool:
        done = [shipment for shipment in self._shipments.values() if shipment.is_done()]
        for shipment in done:
            shipment.path.unlink(missing_ok=True)
        if not self._arrived or len(done) < len(self._shipments):
            return False
        self._journal.lock.abandon()
        return True

    def give_up(self) -> None:
        """End the threads after one more try, and wait for nothing."""
        self._watchman.give_up()
        self._stopping = True
        self._wake.set()

    def _run(self) -> None:
        while not self._stopping:
            # Polling spares the user's thread from waking us: a write takes no lock at all.
            self._wake.wait(LINGER_S)
            self._wake.clear()
            with sheltered(_SHIPPING):
                self._look()
        with sheltered(_SHIPPING):
            self._speak()
            self._arrived = self._pass(at_once=True)
        while self._wishes:
            self._wishes.popleft().answer(self._arrived)
        for line in self._lines.values():
            line.connection.close()

    def _tell(self, record: bytes) -> None:
        self._aloud = record
        self._wake.set()

    def _speak(self) -> None:
        """Send the beat that could not be written; what cannot be sent now the next one says."""
        record, self._aloud = self._aloud, None
        shipment = self._shipments.get(self._next_segment - 1)
        if record is not None and shipment is not None:
            line = self._line(shipment)
            if line.is_due(shipment):
                line.tell(shipment, record)

    def _look(self) -> None:
        self._speak()
        size = (self._journal.segment, self._journal.size)
        if self._wishes:
            self._grant()
        elif size != self._shipped and self._pass():
            self._shipped = size

    def _grant(self) -> None:
        """One pass for all who wait at its beginning."""
        wishes = [self._wishes.popleft() for _ in range(len(self._wishes))]
        at_once = not all(wish.was_tried for wish in wishes)
        arrived = self._pass(max(wish.deadline for wish in wishes), at_once=at_once)
        left_s = max(LINGER_S, self._again_s - self._clock())
        for wish in wishes:
            wish.was_tried = True
            if arrived or time.monotonic() + left_s > wish.deadline:
                wish.answer(arrived)
            else:
                self._wishes.append(wish)

    def _traffic(self) -> Traffic:
        return Traffic(
            retries=sum(line.retries for line in list(self._lines.values())),
            waiting_bytes=self._waiting_bytes(),
        )

    def _waiting_bytes(self) -> int:
        try:
            return sum(one.waiting_bytes() for one in list(self._shipments.values()))
        except OSError:
            return 0  # The folder is out of reach, which whoever ships from it says.

    def _pass(self, deadline: float = math.inf, *, at_once: bool = False) -> bool:
        """One try at everything; False where something could not be sent now.

        Args:
            deadline: By the monotonic clock: no server is waited for any longer.
            at_once: Whether a server is tried even where its time has not come yet.
        """
        current = self._journal.segment
        for number in range(self._next_segment, current + 1):
            self._shipments[number] = Shipment(self._journal.segment_path(number))
        self._next_segment = current + 1
        self._again_s = math.inf
        arrived = True
        for number, shipment in list(self._shipments.items()):
            try:
                bring = partial(self._bring, number, shipment, current, deadline, at_once)
                brought = self._journal.reached(bring)
            except FileNotFoundError:
                brought = None
                self._deleted(number, shipment, current)
            except ValueError as error:
                if number < current and _remove_stillborn(shipment):
                    del self._shipments[number]
                    continue
                brought = None
                fault(_SHIPPING, error)
            except Exception as error:  # noqa: BLE001  the user's program comes first
                brought = None
                fault(_SHIPPING, error)
            arrived = arrived and bool(brought)
            if brought is None:
                self._again_s = 0.0
        return arrived

    def _bring(
        self, number: int, shipment: Shipment, current: int, deadline: float, at_once: bool
    ) -> bool:
        """Ship what there is of one segment, and let go of it where it is complete and done."""
        # Asked before the last look at its size: nobody writes to it after this.
        settled = self._journal.is_settled(number)
        if not self._carry(shipment, deadline, at_once):
            return False
        shipment.was_missed = False
        if settled and number < current and shipment.is_done():
            shipment.path.unlink(missing_ok=True)
            del self._shipments[number]
        return True

    def _deleted(self, number: int, shipment: Shipment, current: int) -> None:
        """What was in the file is gone; the journal goes on in another at its next mending."""
        if not shipment.was_missed:
            # Whoever holds the folder to its bound removes it first, and then notes it.
            shipment.was_missed = True
            return
        path = shipment.path
        # Where the folder was over its bound, whoever removed the file has said so.
        if not any(one.segment == path.name for one in read_dropped(path.parent)):
            say_once(
                "journal deleted",
                "Telltale: somebody deleted %s; spans in it that had not been shipped are lost.",
                path,
            )
        if number < current:
            del self._shipments[number]

    def _carry(self, shipment: Shipment, deadline: float, at_once: bool) -> bool:
        """Whether a server has all of it by now."""
        line = self._line(shipment)
        line.connection.deadline = deadline
        if (at_once or line.is_due(shipment)) and line.carry(shipment):
            self._keeper.answered(shipment.destination)
            if not shipment.refusal:
                return True
        self._again_s = min(self._again_s, line.next_try_s(shipment))
        return False

    def _line(self, shipment: Shipment) -> Line:
        line = self._lines.get(shipment.destination)
        if line is None:
            line = self._lines[shipment.destination] = Line(shipment.destination, self._clock)
        return line


def _left_s(until_s: float) -> float:
    return max(0.0, until_s - time.monotonic())


def _remove_stillborn(shipment: Shipment) -> bool:
    """Whether an interrupt came before the header was whole: then the file goes."""
    try:
        if shipment.is_stillborn():
            shipment.path.unlink(missing_ok=True)
            return True
    except OSError:
        pass  # Out of reach, which the caller says.
    return False
