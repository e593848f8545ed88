"""What a crew, a flow or a model answers that works while somebody reads it.

It stands where it was asked for. crewAI begins the work with the first word that is read, in a
thread or task that knows of its reader alone.
"""

import functools
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from typing import Any

from telltale.integrations.crewai import scopes
from telltale.integrations.crewai.scopes import Place


def begun_where_asked(original: Callable[..., None]) -> Callable[..., None]:
    """Stand-in for the `__init__` of what is read."""

    @functools.wraps(original)
    def traced(
        output: Any,
        *args: Any,
        sync_iterator: Any = None,
        async_iterator: Any = None,
        **kwargs: Any,
    ) -> None:
        here = scopes.place()
        if sync_iterator is not None:
            kwargs["sync_iterator"] = _read(sync_iterator, here)
        if async_iterator is not None:
            kwargs["async_iterator"] = _read_async(async_iterator, here)
        original(output, *args, **kwargs)

    return traced


def _read(words: Iterator[Any], asked: Place) -> Generator[Any]:
    try:
        reader = scopes.place()
        scopes.return_to(asked)
        try:
            first = next(words)
        except StopIteration:
            return
        finally:
            scopes.return_to(reader)
        yield first
        yield from words
    finally:
        if (close := getattr(words, "close", None)) is not None:
            close()


async def _read_async(words: AsyncIterator[Any], asked: Place) -> AsyncGenerator[Any]:
    try:
        reader = scopes.place()
        scopes.return_to(asked)
        try:
            first = await anext(words)
        except StopAsyncIteration:
            return
        finally:
            scopes.return_to(reader)
        yield first
        async for word in words:
            yield word
    finally:
        if (close := getattr(words, "aclose", None)) is not None:
            await close()
