"""Ctrl-C and SIGTERM, heard by a command that has something to tidy up or to say at its end."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Stopped(BaseException):
    """The command was told to stop. As KeyboardInterrupt no `Exception`: nobody swallows it."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number
        """As a shell reports it."""


@contextmanager
def stoppable() -> Iterator[None]:
    """Let either signal raise `Stopped` inside the block, once.

    A second one ends the process as it ends any: whoever asks twice does not want to wait.
    """
    before = {of: signal.signal(of, _stop) for of in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for of, handler in before.items():
            signal.signal(of, handler)


def _stop(number: int, frame: FrameType | None) -> None:
    for of in (signal.SIGINT, signal.SIGTERM):
        signal.signal(of, signal.SIG_DFL)
    raise Stopped(number)
