"""Look on while somebody reads a foreign stream, whose class stays the library's own.

What it yields is passed on as it comes; its end is told once, whoever ends it: the last chunk, an
error, a reader who closes it half-way, or one who lets go of it.
"""

import functools
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

Observer = Callable[[Any, BaseException | None], None]
"""Gets each chunk of a stream; at its end None and the error that ended it, if one did."""


class Watch:
    """One stream that is looked on at."""

    def __init__(
        self, observe: Observer, at_work: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._observe = observe
        self._at_work = at_work
        """Around each step in which the library works on: its tries belong to the call."""
        self._advancing = False
        self._ended = False

    def over(self, iterator: Iterator[Any]) -> Iterator[Any]:
        """The same chunks, seen."""
        try:
            while True:
                try:
                    with self.advancing():
                        chunk = next(iterator)
                except StopIteration:
                    break
                self._observe(chunk, None)
                yield chunk
        except BaseException as error:
            self.end(error)
            raise
        self.end(None)

    async def over_async(self, iterator: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """The same for an asynchronous one."""
        try:
            while True:
                try:
                    with self.advancing():
                        chunk = await anext(iterator)
                except StopAsyncIteration:
                    break
                self._observe(chunk, None)
                yield chunk
        except BaseException as error:
            self.end(error)
            raise
        self.end(None)

    def until_closed(self, response: Any) -> None:
        """A reader who leaves a stream half-way closes its response, and may keep the stream."""
        for name in ("close", "aclose"):
            if callable(close := getattr(response, name, None)):
                setattr(response, name, self._closing(close))

    def advancing(self) -> AbstractContextManager[None]:
        """Around a step in which the library works on the next chunk; failing is the end of it."""
        return _Advancing(self, self._at_work())

    def saw(self, chunk: Any) -> None:
        """A chunk came, of a stream that can only be watched from within."""
        self._observe(chunk, None)

    def end(self, error: BaseException | None) -> None:
        """Nothing more comes."""
        if not self._ended:
            self._ended = True
            self._observe(None, None if isinstance(error, GeneratorExit) else error)

    def _closing(self, close: Callable[[], Any]) -> Callable[[], Any]:
        @functools.wraps(close)
        def closing() -> Any:
            # The client closes it too, while it is advanced: the end, or the error, is at hand.
            if not self._advancing:
                self.end(None)
            return close()

        return closing


class _Advancing(AbstractContextManager[None]):
    """Inside, the library works on the next chunk."""

    def __init__(self, watch: Watch, at_work: AbstractContextManager[None]) -> None:
        self._watch = watch
        self._at_work = at_work

    def __enter__(self) -> None:
        self._watch._advancing = True
        self._at_work.__enter__()

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        self._at_work.__exit__(kind, error, trace)
        self._watch._advancing = False
        if error is not None:
            is_over = isinstance(error, StopIteration | StopAsyncIteration)
            self._watch.end(None if is_over else error)
