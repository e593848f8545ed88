"""Turn calls of a foreign function into spans.

Three promises to the user's program: it gets the same return value, it sees the same exception,
and a fault of ours is logged and never raised.
"""

import functools
import inspect
import time
from collections.abc import Callable, Coroutine, Mapping
from contextvars import ContextVar, Token
from typing import Any, NamedTuple

import msgspec

from telltale.conventions import attributes as names
from telltale.conventions.messages import read_messages
from telltale.conventions.naming import ERROR, llm_outcome_name
from telltale.nouns.span import Kind
from telltale.tracing.guard import fault, ours, sheltered
from telltale.tracing.live import LiveSpan, current, known_attributes, step_back
from telltale.tracing.patching import Patch, within
from telltale.tracing.spans import begin
from telltale.tracing.streams import Watch

_LONGEST_CHAIN = 20
_TOKENS = (
    names.INPUT_TOKENS,
    names.CACHE_READ_TOKENS,
    names.CACHE_WRITE_TOKENS,
    names.OUTPUT_TOKENS,
    names.REASONING_TOKENS,
)


class Call(msgspec.Struct, frozen=True):
    """One call, as the wrapped function got it."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    @property
    def owner(self) -> Any:
        """The object that a method was called on."""
        return self.args[0] if self.args else None


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A foreign function whose calls are spans. A reader that fails breaks nothing."""

    path: str
    """`package.module:Class.method`."""
    kind: Kind
    concerns: Callable[[Call], bool] | None = None
    """Which of its calls are meant, where others pass through it too."""
    unless: str = ""
    """A path that does better where the library's version has it."""
    name: Callable[[Mapping[str, Any]], str]
    """From what `before` tells: it may be called after what comes of it."""
    before: Callable[[Call], Mapping[str, Any]]
    """Attributes that are known when the call starts."""
    after: Callable[[Call, Any], Mapping[str, Any]]
    """Attributes that the result tells."""
    facts: frozenset[str] = frozenset()
    """Of those, the ones that go onto an outer span which already stands for this call."""
    fills: frozenset[str] = frozenset()
    """Of what `before` tells, the ones that such a span gets only if it does not say itself."""
    watch: Callable[[Any, Watch], Any] | None = None
    """Look on at a result that is a stream: what the user gets then; None where it is none."""
    joined_chunks: Callable[[list[Any]], Any] | None = None
    """The result that a stream's chunks amount to, for `after`."""
    joins: frozenset[str] = frozenset()
    """Integrations of what the function calls in turn, for whose calls our span stands."""


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
            try:
                traced.ask()
                with traced.at_work():
                    result = original(*args, **kwargs)
            except BaseException as error:
                traced.fail(error)
                raise
            return traced.awaited(result) if inspect.iscoroutine(result) else traced.take(result)

        @functools.wraps(original)
        async def call_async(*args: Any, **kwargs: Any) -> Any:
            return await call(*args, **kwargs)

        # A plain function may hand out a coroutine too: openai's, which checks arguments first.
        return call_async if inspect.iscoroutinefunction(original) else call

    return Patch(target.path, make, unless=target.unless)


def attempt_failed(error: BaseException, at_ns: int | None = None) -> None:
    """A client, whose call is being made in this context, tries once more."""
    traced = _in_progress.get()
    if traced is not None:
        traced.tell_attempt(error, at_ns)


class Meter(NamedTuple):
    """Who counts the calls of clients, and may refuse one."""

    ask: Callable[[Kind, bool], None]
    """One is about to be made, which another's span stands for, by whom it was asked for, or not;
    what this raises is raised to its caller."""
    note: Callable[[LiveSpan], None]
    """One has been made, which the span stands for."""


_meter: Meter | None = None


def count_by(meter: Meter | None) -> None:
    """Have each call counted from now on, or none."""
    global _meter
    _meter = meter


class _Traced:
    """One call on its way: a span of its own, or facts for the span around it."""

    def __init__(self, target: Target, call: Call, span: LiveSpan, joined: bool) -> None:
        self.span = span
        self._last_attempt: tuple[BaseException, int] | None = None
        """The error of the try that was made last, and when."""
        self._target = target
        self._call = call
        self._joined = joined
        outer = _in_progress.get()
        self._outer = outer if outer is not None and outer.span is span else None
        """The call of a library on top of this one, which the span stands for as well."""
        self._known: set[str] = set()
        """What a call inside this one has told of their common span: it is nearer to the truth."""
        self._told: list[BaseException] = []
        """Errors that are told of as failed tries."""
        self._from_beneath: list[BaseException] = []
        """Those that a call inside this one has told of, to their common span."""
        self._spent = _spent(span) if joined else {}
        """Tokens of the calls that the common span stood for before: theirs and ours add up."""
        self._started = time.perf_counter()
        self._chunks: list[Any] = []

    def ask(self) -> None:
        """Have it counted, before it is made. Raises whatever refuses it."""
        if _meter is not None:
            _meter.ask(self._target.kind, self._joined)

    def at_work(self) -> "_AtWork":
        """Inside, the library works on this call."""
        return _AtWork(self)

    async def awaited(self, result: Coroutine[Any, Any, Any]) -> Any:
        """The call's own coroutine, looked on at."""
        try:
            with self.at_work():
                answer = await result
        except BaseException as error:
            self.fail(error)
            raise
        return self.take(answer)

    def take(self, result: Any) -> Any:
        """The call returned: what the user gets. A stream's span ends with the stream."""
        try:
            if self._target.watch is not None:
                stream = self._target.watch(result, Watch(self._chunk, self.at_work))
                if stream is not None:
                    return stream
            self._say(result)
        except ours(Exception) as error:  # The user's program comes first.
            fault(f"reading the result of {self._target.path}", error)
        except BaseException:
            self._end()
            raise
        self._end()
        return result

    def next_attempt(self) -> None:
        """Another try begins, so the one before it has failed."""
        if self._last_attempt is not None:
            error, at_ns = self._last_attempt
            self._last_attempt = None
            self.tell_attempt(error, at_ns)

    def note_attempt(self, error: BaseException) -> None:
        """A try failed, which is told of if another follows."""
        if not self._is_told(error):
            self._last_attempt = error, time.time_ns()

    def tell_attempt(self, error: BaseException, at_ns: int | None = None) -> None:
        """A try failed, and the span says so."""
        if not self._is_told(error):
            self._told.append(error)
            self.span.add_failed_attempt(error, at_ns)

    def _is_told(self, error: BaseException) -> bool:
        """What a library makes of an error from beneath it is no second try.

        It is remembered too: whoever raises it anew, later, gives it another context.
        """
        if any(error is one for one in self._told):
            return True
        if any(_comes_of(error, one) for one in self._from_beneath):
            self._told.append(error)
            return True
        return False

    def fail(self, error: BaseException) -> None:
        """The call raised; an outer span tells of it in its own way."""
        try:
            if self._last_attempt is not None and self._last_attempt[0] is not error:
                self.next_attempt()
            if not self._joined:
                self.span.record_exception(error)
                if self._target.kind is Kind.LLM:
                    self.span.set_name(ERROR)
                return
            if isinstance(error, Exception):  # To be given up is not to fail.
                self.tell_attempt(error)
                if self._outer is not None:
                    self._outer._from_beneath.append(error)
            if self._outer is None:
                self.span.is_taken = False
        finally:
            self._end()

    def _chunk(self, chunk: Any, error: BaseException | None) -> None:
        try:
            if chunk is not None:
                if not self._chunks:
                    first = time.perf_counter() - self._started
                    self._tell({names.TIME_TO_FIRST_CHUNK: first})
                self._chunks.append(chunk)
            elif self._target.joined_chunks is not None and self._chunks:
                self._say(self._target.joined_chunks(self._chunks))
        except ours(Exception) as fault_of_ours:  # The user's program comes first.
            fault(f"reading a stream of {self._target.path}", fault_of_ours)
        except BaseException:
            if chunk is None:
                self._end()
            raise
        if error is not None:
            self.fail(error)
        elif chunk is None:
            self._end()

    def _say(self, result: Any) -> None:
        told = self._target.after(self._call, result)
        if self._joined:
            told = {key: value for key, value in told.items() if key in self._target.facts}
            told |= {key: told[key] + self._spent[key] for key in told if key in self._spent}
        self._tell(told)
        if not self._joined and self._target.kind is Kind.LLM:
            said = read_messages(told.get(names.OUTPUT_MESSAGES), "assistant")
            if (name := llm_outcome_name(said)) is not None:
                self.span.set_name(name)

    def _tell(self, told: Mapping[str, Any]) -> None:
        self.span.set_attributes({key: told[key] for key in told if key not in self._known})
        if self._outer is not None:
            self._outer._known.update(told)

    def _end(self) -> None:
        # An error holds the frames that it passed, and they hold this: the user's objects in them
        # would stay until Python looks for such circles.
        self._last_attempt = None
        self._told.clear()
        self._from_beneath.clear()
        if _meter is not None:
            with sheltered("counting a call"):
                _meter.note(self.span)
        if not self._joined:
            self.span.end()


class _AtWork:
    """Makes a call's span current, and the call the one whose tries are counted."""

    __slots__ = ("_call", "_span", "_traced")

    def __init__(self, traced: _Traced) -> None:
        self._traced = traced

    def __enter__(self) -> None:
        self._span = current.set(self._traced.span)
        self._call: Token[_Traced | None] = _in_progress.set(self._traced)

    def __exit__(self, *raised: object) -> None:
        step_back(self._span, self._traced.span)
        try:
            _in_progress.reset(self._call)
        except ValueError:  # As in `step_back`.
            _in_progress.set(None)


_in_progress: ContextVar[_Traced | None] = ContextVar("telltale_call_in_progress", default=None)


class _Try:
    """One try of the call that is being made in this context, if one is."""

    __slots__ = ("_traced",)

    def __init__(self, *_: Any, **__: Any) -> None:
        self._traced = _in_progress.get()

    def __enter__(self) -> None:
        if self._traced is not None:
            self._traced.next_attempt()

    def __exit__(self, _: Any, error: BaseException | None, __: Any) -> None:
        if self._traced is not None and isinstance(error, Exception):
            self._traced.note_attempt(error)


attempt = within(_Try)
"""Stand-in for a client's function that tries once: it failed where another try follows."""


def _spent(span: LiveSpan) -> dict[str, int]:
    known = known_attributes(span)
    return {key: known[key] for key in _TOKENS if key in known}


def _comes_of(error: BaseException | None, cause: BaseException) -> bool:
    """Whether an error is another one, or was raised because of it."""
    for _ in range(_LONGEST_CHAIN):
        if error is None or error is cause:
            break
        error = error.__cause__ or error.__context__
    return error is cause


def _stands_for(around: LiveSpan, target: Target, integration: str) -> bool:
    """Whether the span around is this very call, of the framework that makes it.

    It is one answer of a model: what is asked beside or behind that has another price. Vectors add
    up.
    """
    if integration not in around.joins or around.kind is not target.kind:
        return False
    if target.kind is not Kind.LLM:
        return True
    within = _in_progress.get()
    if around.is_taken and (within is None or within.span is not around):
        around.is_asked_again = True
        return False
    around.is_taken = True
    return True


def _begun(
    target: Target,
    integration: str,
    is_wanted: Callable[[], bool],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> _Traced | None:
    try:
        call = Call(args, kwargs)
        if not is_wanted() or (target.concerns is not None and not target.concerns(call)):
            return None
        around, told = current.get(), target.before(call)
        if around is not None and _stands_for(around, target, integration):
            known = known_attributes(around)
            facts = target.facts.union(key for key in target.fills if key not in known)
            around.set_attributes({key: told[key] for key in told if key in facts})
            return _Traced(target, call, around, joined=True)
        span = begin(target.name(told), target.kind, told, parent=around, joins=target.joins)
        return _Traced(target, call, span, joined=False)
    except Exception as error:  # noqa: BLE001  the user's program comes first
        fault(f"tracing a call of {target.path}", error)
        return None
