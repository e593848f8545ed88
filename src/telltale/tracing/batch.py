"""How much a server is sent at a time: less while it does not keep up, more once it does again.

What waits after a server was away is sent in pieces: a program's memory must not grow by it.
"""

BATCH_BYTES = 1024 * 1024
SMALLEST_BATCH_BYTES = 4 * 1024


class Batch:
    """The size that holds for one server now."""

    def __init__(self) -> None:
        self.bytes = BATCH_BYTES
        """What is sent at a time, but for a record that is larger."""
        self._most_bytes = BATCH_BYTES

    def shrink(self) -> bool:
        """Send less at a time; False where it is the least already."""
        if self.bytes <= SMALLEST_BATCH_BYTES:
            return False
        self.bytes = max(SMALLEST_BATCH_BYTES, self.bytes // 4)
        return True

    def shrink_for_good(self) -> bool:
        """The same where somebody in between has a limit, which stays."""
        if not self.shrink():
            return False
        self._most_bytes = self.bytes
        return True

    def grow(self) -> None:
        """Send more at a time again, as far as it was ever taken."""
        self.bytes = min(self._most_bytes, self.bytes * 2)
