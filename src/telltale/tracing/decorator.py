"""Trace a function by a decorator: sync, async, generator, async generator."""

import functools
import inspect
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any, TypeVar, overload

from telltale.conventions import attributes as names
from telltale.conventions.kinds import kind_of_span_type
from telltale.nouns.span import Kind
from telltale.tracing.guard import fault
from telltale.tracing.live import LiveSpan, as_text, current, step_back
from telltale.tracing.serialise import MAX_ITEMS
from telltale.tracing.spans import Entered, begin, entered

F = TypeVar("F", bound=Callable[..., Any])
Reducer = Callable[[list[Any]], Any]


@overload
def trace(func: F) -> F: ...
@overload
def trace(
    func: None = None,
    name: str | None = None,
    span_type: str = "UNKNOWN",
    attributes: Mapping[str, Any] | None = None,
    output_reducer: Reducer | None = None,
) -> Callable[[F], F]: ...
def trace(
    func: Callable[..., Any] | None = None,
    name: str | None = None,
    span_type: str = "UNKNOWN",
    attributes: Mapping[str, Any] | None = None,
    output_reducer: Reducer | None = None,
) -> Any:
    """Trace each call of a function: `@trace`, `@trace(name=…)`, or `traced = trace(f)`.

    Arguments become the span's inputs, the return value its outputs; an exception is recorded
    and goes on its way. Of a generator, the outputs are the list of what it yielded.

    Args:
        name: Of the span; the function's name if it is not given.
        span_type: What the function stands for: a `SpanType`, or a word of your own.
        output_reducer: Makes one output of all that a generator yielded.
    """

    def decorate(function: Any) -> Any:
        if isinstance(function, classmethod | staticmethod):
            return type(function)(decorate(function.__func__))
        call = _Call(
            function,
            name or str(getattr(function, "__name__", type(function).__name__)),
            kind_of_span_type(span_type),
            span_type,
            attributes,
            output_reducer,
        )
        return functools.wraps(function)(call.wrapper())

    return decorate if func is None else decorate(func)


class _Call:
    """What is known of a traced function before it is called."""

    def __init__(
        self,
        function: Callable[..., Any],
        name: str,
        kind: Kind,
        span_type: str,
        attributes: Mapping[str, Any] | None,
        reducer: Reducer | None,
    ) -> None:
        self.function = function
        self._name = name
        self._kind = kind
        self._span_type = span_type
        self._attributes = attributes
        self._reducer = reducer
        try:
            self._signature: inspect.Signature | None = inspect.signature(function)
        except (TypeError, ValueError):
            self._signature = None

    def wrapper(self) -> Callable[..., Any]:
        """The function's stand-in, of the same colour."""
        if inspect.isasyncgenfunction(self.function):
            return _async_generator(self)
        if inspect.isgeneratorfunction(self.function):
            return _generator(self)
        if inspect.iscoroutinefunction(self.function):
            return _coroutine(self)
        return _plain(self)

    def entered(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Entered:
        """A span around one call, its inputs set."""
        said = self._said(args, kwargs)
        return entered(self._name, self._kind, said, span_type=self._span_type)

    def begun(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[LiveSpan, "_Yielded"]:
        """A span that is not current, its inputs set, and room for what will be yielded."""
        span = begin(
            self._name,
            self._kind,
            self._said(args, kwargs),
            parent=current.get(),
            span_type=self._span_type,
        )
        return span, _Yielded(limit=None if self._reducer else MAX_ITEMS - 1)

    def finish(self, span: LiveSpan, yielded: "_Yielded") -> None:
        """The generator is exhausted or closed."""
        try:
            span.set_outputs(self._reduced(yielded.shown()))
        finally:
            span.end()

    def _reduced(self, items: list[Any]) -> Any:
        if self._reducer is None:
            return items
        try:
            return self._reducer(items)
        except Exception as error:  # noqa: BLE001  the caller has its items already
            fault(f"the output_reducer of {self._name}", error)
            return items

    def _said(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """The inputs are known when the span starts, and are in its start record then."""
        return {**(self._attributes or {}), names.INPUTS: as_text(self._bound(args, kwargs))}

    def _bound(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        if self._signature is not None:
            try:
                bound = self._signature.bind(*args, **kwargs)
            except TypeError:
                pass
            else:
                bound.apply_defaults()
                # The object that a method belongs to is no input.
                return {k: v for k, v in bound.arguments.items() if k not in ("self", "cls")}
        return {"args": args, **kwargs}


class _Yielded:
    """The items of a stream as far as they will be shown: a long one is not held in memory."""

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._items: list[Any] = []
        self._more = 0

    def add(self, item: Any) -> None:
        if self._limit is None or len(self._items) < self._limit:
            self._items.append(item)
        else:
            self._more += 1

    def shown(self) -> list[Any]:
        return [*self._items, f"… {self._more:,} more"] if self._more else self._items


def _plain(call: _Call) -> Callable[..., Any]:
    def plain(*args: Any, **kwargs: Any) -> Any:
        with call.entered(args, kwargs) as span:
            result = call.function(*args, **kwargs)
            span.set_outputs(result)
            return result

    return plain


def _coroutine(call: _Call) -> Callable[..., Any]:
    async def coroutine(*args: Any, **kwargs: Any) -> Any:
        with call.entered(args, kwargs) as span:
            result = await call.function(*args, **kwargs)
            span.set_outputs(result)
            return result

    return coroutine


def _generator(call: _Call) -> Callable[..., Any]:
    def generator(*args: Any, **kwargs: Any) -> Any:
        span, yielded = call.begun(args, kwargs)
        try:
            source = call.function(*args, **kwargs)
            sent, advance = None, source.send
            while True:
                # Current only while it is being advanced: between two items the caller runs.
                before = current.set(span)
                try:
                    item = advance(sent)
                except StopIteration as stop:
                    return stop.value
                finally:
                    step_back(before, span)
                yielded.add(item)
                try:
                    sent, advance = (yield item), source.send
                except GeneratorExit:
                    source.close()
                    raise
                except BaseException as error:  # noqa: BLE001  handed on to the generator
                    sent, advance = error, source.throw
        except GeneratorExit:
            raise
        except BaseException as error:
            span.record_exception(error)
            raise
        finally:
            call.finish(span, yielded)

    return generator


def _async_generator(call: _Call) -> Callable[..., Any]:
    async def async_generator(*args: Any, **kwargs: Any) -> Any:
        span, yielded = call.begun(args, kwargs)
        try:
            source = call.function(*args, **kwargs)
            sent, advance = None, functools.partial(_first_step, source)
            while True:
                before = current.set(span)
                try:
                    item = await advance(sent)
                except StopAsyncIteration:
                    return
                finally:
                    step_back(before, span)
                yielded.add(item)
                try:
                    sent, advance = (yield item), source.asend
                except GeneratorExit:
                    await source.aclose()
                    raise
                except BaseException as error:  # noqa: BLE001  handed on to the generator
                    sent, advance = error, source.athrow
        except GeneratorExit:
            raise
        except BaseException as error:
            span.record_exception(error)
            raise
        finally:
            call.finish(span, yielded)

    return async_generator


def _first_step(source: AsyncGenerator[Any, Any], sent: None) -> Awaitable[Any]:
    """Start the source unseen by the event loop.

    An ending loop closes all generators that it knows, at once. It knows our stand-in, which
    closes the source in turn; to close both is an error.
    """
    hooks = sys.get_asyncgen_hooks()
    sys.set_asyncgen_hooks(None, None)
    try:
        return source.asend(sent)
    finally:
        sys.set_asyncgen_hooks(*hooks)
