"""Keep our own faults away from the user's program.

A fault of ours is logged once per place and swallowed; so is a warning that would otherwise
repeat with every span.
"""

import logging
from contextlib import suppress

LOGGER = logging.getLogger("telltale")

_said: set[str] = set()


def fault(place: str, error: BaseException) -> None:
    """Log a fault of ours, once per place."""
    if place not in _said:
        _said.add(place)
        _warn(
            "Telltale had a fault in %s and went on without it (said once): %s: %s",
            place,
            type(error).__name__,
            error,
            exc_info=LOGGER.isEnabledFor(logging.DEBUG),
        )


def say_once(topic: str, message: str, *arguments: object) -> None:
    """Warn, once per topic and process."""
    if topic not in _said:
        _said.add(topic)
        _warn(message, *arguments)


def _warn(message: str, *arguments: object, exc_info: bool = False) -> None:
    # A filter or handler of the program's own may raise anything.
    with suppress(Exception):
        LOGGER.warning(message, *arguments, exc_info=exc_info)


def may_say_again(topic: str) -> None:
    """Let the next warning on the topic through: what it warned of has ended."""
    _said.discard(topic)


def forget() -> None:
    """Let every warning through again, as in a process that has said nothing yet."""
    _said.clear()
