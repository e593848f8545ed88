"""The line to one server: a connection, and when to try it again after it has failed.

A program may name another server halfway, and what it recorded for the first is still for the
first: so each server has a line of its own, and one that is away holds up no other.
"""

import random
from collections.abc import Callable

from telltale.nouns.remedies import start_server
from telltale.tracing.guard import say_once
from telltale.tracing.post import Away, Connection, Refused, Stranger
from telltale.tracing.shipment import Shipment

FIRST_WAIT_S = 0.5
REFUSED_WAIT_S = 60.0
"""Until a piece that was refused is tried again: a proxy may have said so, and only once."""
LONGEST_WAIT_S = 20.0
"""With jitter at most 30: a server that was started anew waits 45 before it calls us lost."""
_TOPIC = "a server that does not take our spans"
"""One warning for a program: whether nobody answers, a stranger, or a server that is too busy."""
_CHANCE = random.Random()
"""Not the module's own numbers: a program that seeds them counts on their order."""


class Line:
    """Carries shipments to one server, and backs off while it takes none."""

    def __init__(self, destination: str, clock: Callable[[], float]) -> None:
        self.connection = Connection(destination)
        self.retries = 0
        """Tries that failed."""
        self._clock = clock
        self._wait_s = FIRST_WAIT_S
        self._not_before_s = 0.0

    def is_due(self, shipment: Shipment) -> bool:
        """Whether the wait after the last failure is over."""
        return self._clock() >= max(self._not_before_s, shipment.refused_until_s)

    def next_try_s(self, shipment: Shipment) -> float:
        """When the wait after the last failure is over for all of a shipment, by the clock."""
        again_s = shipment.again_s if shipment.refusal else 0.0
        return max(self._not_before_s, shipment.refused_until_s, again_s)

    def carry(self, shipment: Shipment) -> bool:
        """Ship what is there; False where the server does not take it now.

        Whether it has taken all of it `Shipment.refusal` says.

        Raises:
            OSError, ValueError: If the segment cannot be read.
        """
        try:
            again = self._clock() >= shipment.again_s
            if again:
                shipment.again_s = self._clock() + REFUSED_WAIT_S
            shipment.ship(self.connection, again=again)
        except Away as error:
            say_once(
                _TOPIC,
                "Telltale: no server at %s (%s). Spans are kept in %s until there is: %s, and they "
                "arrive by themselves; `telltale flush` brings them after this program's end.",
                self.connection.destination,
                error,
                shipment.path.parent,
                start_server(self.connection.destination),
            )
            self._back_off(None)
        except Stranger as error:
            say_once(
                _TOPIC,
                "Telltale: %s; nothing was sent to it. Spans are kept in %s. Give the address "
                "of a Telltale server with TELLTALE_TRACKING_URI or set_tracking_uri().",
                error,
                shipment.path.parent,
            )
            self._back_off(None)
        except Refused as error:
            self.connection.close()
            if error.is_about_the_piece:
                # What stands behind it in other segments may well be taken.
                shipment.refused_until_s = self._clock() + REFUSED_WAIT_S
                _say_refused(shipment, str(error))
                return False
            say_once(
                _TOPIC,
                "Telltale: the server at %s does not take spans now (%s). They are kept in %s and "
                "sent again by themselves.",
                self.connection.destination,
                error,
                shipment.path.parent,
            )
            self._back_off(error.retry_after_s)
        else:
            self._wait_s = FIRST_WAIT_S
            if shipment.refusal:
                _say_refused(shipment, shipment.refusal)
            return True
        return False

    def tell(self, shipment: Shipment, record: bytes) -> None:
        """Send a record that is in no segment; whether it arrives nobody waits for.

        Raises:
            OSError, ValueError: If the segment cannot be read.
        """
        try:
            shipment.tell(self.connection, record)
        except (Away, Stranger, Refused):
            self.connection.close()
            self._back_off(None)

    def _back_off(self, asked_s: float | None) -> None:
        self.retries += 1
        wait = self._wait_s if asked_s is None else max(FIRST_WAIT_S, min(asked_s, LONGEST_WAIT_S))
        # Jitter, so that many programs do not all come back in the same moment; never earlier than
        # a server asked for, unless that were so late that it took us for lost.
        self._not_before_s = self._clock() + wait * (1 + _CHANCE.random() / 2)
        self._wait_s = min(self._wait_s * 2, LONGEST_WAIT_S)


def _say_refused(shipment: Shipment, refusal: str) -> None:
    say_once(
        "piece refused",
        "Telltale: the server, or a proxy before it, refuses part of %s, which is kept and tried "
        "again each minute: %s. `telltale doctor` says what waits.",
        shipment.path,
        refusal,
    )
