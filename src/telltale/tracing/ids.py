"""Ids of our own making.

OpenTelemetry's default generator uses `random`, so a program that calls `random.seed(42)` would
repeat its ids and merge its runs. A trace id begins with the time, which is AWS X-Ray's form.
"""

import os
import time

from opentelemetry.sdk.trace.id_generator import IdGenerator


class UrandomIds(IdGenerator):
    """Trace id: 4 bytes of epoch seconds, 12 random. Span id: 8 random. Never zero."""

    def generate_trace_id(self) -> int:
        """128 bits; the time in front keeps it from being zero."""
        return (int(time.time()) & 0xFFFFFFFF or 1) << 96 | int.from_bytes(os.urandom(12), "big")

    def generate_span_id(self) -> int:
        """64 bits, not zero."""
        while not (span_id := int.from_bytes(os.urandom(8), "big")):
            pass
        return span_id
