"""One request that the scripted server answered, and the log of them: the truth of a run."""

import threading
from typing import Literal

import msgspec

Kind = Literal["chat", "embedding", "page", "other"]


class Call(msgspec.Struct, frozen=True):
    """What one HTTP request was and what it cost; a retry is a call of its own."""

    path: str
    kind: Kind
    model: str | None = None
    """The dated snapshot that the answer names; None for a page or an unreadable request."""
    purpose: str | None = None
    """Why crewAI asked (agent, recall, rewrite, extract, encode, plan, guardrail), if it shows."""
    input_tokens: int = 0
    cached_tokens: int = 0
    """Part of `input_tokens`."""
    output_tokens: int = 0
    status: int = 200
    streamed: bool = False
    reasoning_tokens: int = 0
    """Part of `output_tokens`; none where the provider does not tell."""
    cache_write_tokens: int = 0
    """Part of `input_tokens`, and none of `cached_tokens`."""
    cut: bool = False
    """Whether the connection broke before the answer was whole: who asked may have no count."""


class CallLog:
    """Calls in the order in which they were answered, from any number of threads.

    A call is written before the first byte of its answer, so that a client that holds the
    answer always finds the call.
    """

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self._tries: dict[bytes, int] = {}
        self._lock = threading.Lock()

    @property
    def calls(self) -> tuple[Call, ...]:
        """A copy that later calls do not change."""
        with self._lock:
            return tuple(self._calls)

    def write(self, call: Call) -> None:
        """Put down one more call."""
        with self._lock:
            self._calls.append(call)

    def try_number(self, request: bytes) -> int:
        """How often this very request came before; counting it as come once more."""
        with self._lock:
            earlier = self._tries.get(request, 0)
            self._tries[request] = earlier + 1
        return earlier

    def clear(self) -> None:
        """Forget calls and tries: what follows is as on a fresh server."""
        with self._lock:
            self._calls.clear()
            self._tries.clear()
