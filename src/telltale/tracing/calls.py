"""Turn calls of a foreign function into spans.

Three promises to the user's program: it gets the same return value, it sees the same exception,
and a fault of ours is logged and never raised.
"""

import functools
import inspect
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import msgspec

from telltale.conventions import attributes as names
from telltale.conventions.messages import read_messages
from telltale.conventions.naming import ERROR, llm_outcome_name
from telltale.nouns.span import Kind
from telltale.tracing.guard import fault
from telltale.tracing.live import LiveSpan, current, step_back
from telltale.tracing.patching import Patch
from telltale.tracing.spans import begin


class Call(msgspec.Struct, frozen=True):
    """One call, as the wrapped function got it."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    @property
    def owner(self) -> Any:
        """The object that a method was called on."""
        return self.args[0] if self.args else None


Observer = Callable[[Any, BaseException | None], None]
"""Gets each chunk of a stream; at its end None and the error that ended it, if one did."""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A foreign function whose calls are spans. A reader that fails breaks nothing."""

    path: str
    """`package.module:Class.method`."""
    kind: Kind
    name: Callable[[Call], str]
    before: Callable[[Call], Mapping[str, Any]]
    """Attributes that are known when the call starts."""
    after: Callable[[Call, Any], Mapping[str, Any]]
    """Attributes that the result tells."""
    facts: frozenset[str] = frozenset()
    """Of those, the ones that go onto an outer span which already stands for this call."""
    watch: Callable[[Any, Observer], bool] | None = None
    """Observe a result that is a stream; False where it is none."""
    joined_chunks: Callable[[list[Any]], Any] | None = None
    """The result that a stream's chunks amount to, for `after`."""


def patch_for(target: Target, integration: str, is_wanted: Callable[[], bool]) -> Patch:
    """The patch that makes spans of a target's calls.

    Args:
        integration: Its name, by which an outer span may claim the calls.
        is_wanted: Asked at each call; the wrapper may be held on to after it was taken off.
    """

    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def call(*args: Any, **kwargs: Any) -> Any:
            traced = _begun(target, integration, is_wanted, args, kwargs)
            if traced is None:
                return original(*args, **kwargs)
            before = current.set(traced.span)
            try:
                result = original(*args, **kwargs)
            except BaseException as error:
                traced.fail(error)
                raise
            finally:
                step_back(before, traced.span)
            if inspect.iscoroutine(result):
                return traced.awaited(result)
            traced.take(result)
            return result

        @functools.wraps(original)
        async def call_async(*args: Any, **kwargs: Any) -> Any:
            return await call(*args, **kwargs)

        # A plain function may hand out a coroutine too: openai's, which checks arguments first.
        return call_async if inspect.iscoroutinefunction(original) else call

    return Patch(target.path, make)


class _Traced:
    """One call on its way: a span of its own, or facts for the span around it."""

    def __init__(self, target: Target, call: Call, span: LiveSpan, joined: bool) -> None:
        self.span = span
        self._target = target
        self._call = call
        self._joined = joined
        self._started = time.perf_counter()
        self._chunks: list[Any] = []

    async def awaited(self, result: Coroutine[Any, Any, Any]) -> Any:
        """The call's own coroutine, looked on at."""
        before = current.set(self.span)
        try:
            answer = await result
        except BaseException as error:
            self.fail(error)
            raise
        finally:
            step_back(before, self.span)
        self.take(answer)
        return answer

    def take(self, result: Any) -> None:
        """The call returned; a stream's span ends with the stream."""
        try:
            if self._target.watch is not None and self._target.watch(result, self._chunk):
                return
            self._say(result)
        except Exception as error:  # noqa: BLE001  the user's program comes first
            fault(f"reading the result of {self._target.path}", error)
        except BaseException:
            self._end()
            raise
        self._end()

    def fail(self, error: BaseException) -> None:
        """The call raised; an outer span tells of it in its own way."""
        if self._joined:
            self.span.add_failed_attempt(error)
        else:
            self.span.record_exception(error)
            if self._target.kind is Kind.LLM:
                self.span.set_name(ERROR)
        self._end()

    def _chunk(self, chunk: Any, error: BaseException | None) -> None:
        try:
            if chunk is not None:
                if not self._chunks:
                    first = time.perf_counter() - self._started
                    self.span.set_attribute(names.TIME_TO_FIRST_CHUNK, first)
                self._chunks.append(chunk)
            elif self._target.joined_chunks is not None and self._chunks:
                self._say(self._target.joined_chunks(self._chunks))
        except Exception as fault_of_ours:  # noqa: BLE001  the user's program comes first
            fault(f"reading a stream of {self._target.path}", fault_of_ours)
        if error is not None:
            self.fail(error)
        elif chunk is None:
            self._end()

    def _say(self, result: Any) -> None:
        told = self._target.after(self._call, result)
        if self._joined:
            told = {key: value for key, value in told.items() if key in self._target.facts}
        self.span.set_attributes(told)
        if not self._joined and self._target.kind is Kind.LLM:
            said = read_messages(told.get(names.OUTPUT_MESSAGES), "assistant")
            if (name := llm_outcome_name(said)) is not None:
                self.span.set_name(name)

    def _end(self) -> None:
        if not self._joined:
            self.span.end()


def _begun(
    target: Target,
    integration: str,
    is_wanted: Callable[[], bool],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> _Traced | None:
    try:
        if not is_wanted():
            return None
        call, around = Call(args, kwargs), current.get()
        if around is not None and integration in around.joins and around.kind is target.kind:
            told = target.before(call)
            around.set_attributes({key: told[key] for key in told if key in target.facts})
            return _Traced(target, call, around, joined=True)
        span = begin(target.name(call), target.kind, target.before(call), parent=around)
        return _Traced(target, call, span, joined=False)
    except Exception as error:  # noqa: BLE001  the user's program comes first
        fault(f"tracing a call of {target.path}", error)
        return None
