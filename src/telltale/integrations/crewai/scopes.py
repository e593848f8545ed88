"""What crewAI has open, in the context that asks.

A scope is opened by one event and closed by another. Scopes of a context form a chain; a context
that crewAI copies into a thread inherits the chain and goes on with its own end of it. So an end
is matched with the nearest open start of its pair, and one that matches nothing was said twice.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

from telltale.nouns.message import ToolCall
from telltale.nouns.span import Kind
from telltale.tracing.forks import in_a_pools_worker
from telltale.tracing.live import LiveSpan, current
from telltale.tracing.serialise import words

_NOT_ENDED = "NotEnded"


class Scope:
    """Something that has started and not ended."""

    __slots__ = (
        "_attempts",
        "around",
        "awaits_start",
        "below",
        "ends_itself",
        "failure",
        "has_ended",
        "is_kept",
        "is_open",
        "key",
        "opened_by",
        "owns_span",
        "pending_calls",
        "purpose",
        "source",
        "span",
        "spending",
        "usage",
    )

    def __init__(
        self,
        opened_by: str,
        below: "Scope | None",
        *,
        span: LiveSpan | None,
        owns_span: bool,
        key: str | None = None,
        source: Any = None,
        purpose: str | None = None,
        ends_itself: bool = False,
    ) -> None:
        self.opened_by = opened_by
        """Type of the event that opened it."""
        self.below = below
        self.span = span
        """Its own span, or that of the scope it is folded into, or None."""
        self.owns_span = owns_span
        self.key = key
        """What its end names it by, where ends of the same type may cross: an LLM's call id."""
        self.source = source
        """The crewAI object that it is about; of a crew, for its tasks."""
        self.purpose = purpose
        """Why an LLM is called inside it."""
        self.ends_itself = ends_itself
        """Its end comes for certain, though what is around it may be given up before."""
        self.pending_calls: list[ToolCall] = []
        """Of an agent or a call: tool calls asked for by its model, and not run."""
        self.spending: Any = None
        """Of a run: what it has used of its budget."""
        self.around = current.get()
        """The span that was current when it opened."""
        self.is_open = True
        self.awaits_start = False
        """We were quicker: crewAI's own word of its start is yet to come."""
        self.is_kept = False
        """It lasts until its kickoff returns, though crewAI says before that it has ended."""
        self.has_ended = False
        """Of one that is kept: crewAI has said so."""
        self.failure: tuple[str, str] | None = None
        """The error that its span tells of: type and words."""
        self.usage: dict[str, int] = {}
        """Of a call by a class of the user's: the tokens that it says it used."""
        self._attempts = 0 if span is None else span.failed_attempts
        """Tries that had failed before it opened."""

    def tell_attempt(self, error: BaseException) -> None:
        """What it is about failed, inside a span that may go on, unless that was told by then."""
        if self.span is None:
            return
        if self.span.failed_attempts == self._attempts:
            self.span.add_failed_attempt(error)
        self._attempts = self.span.failed_attempts

    def record(self, error: BaseException) -> None:
        """Its span failed with this error, of which crewAI and the kickoff's caller both hear."""
        teller = self
        while not teller.owns_span and teller.below and teller.below.span is self.span:
            teller = teller.below
        failure = type(error).__qualname__, words(error)
        if self.span is not None and failure != teller.failure:
            teller.failure = failure
            self.span.record_exception(error)


class Place(NamedTuple):
    """A point that a context has reached."""

    scope: Scope | None
    span: LiveSpan | None


_chain: ContextVar[Scope | None] = ContextVar("telltale_crewai_scope", default=None)
_open: dict[int, Scope] = {}
"""Every open scope by identity, so that an end in another context finds its start.

Changed by single steps only, which are atomic: a lock would be inherited locked by a fork."""


def chain(opened_by: str | None = None) -> Iterator[Scope]:
    """Scopes of this context from the innermost outwards, ended ones included.

    Args:
        opened_by: Only those that an event of this type opened.
    """
    for scope in _outwards(_chain.get()):
        if opened_by is None or scope.opened_by == opened_by:
            yield scope


def _outwards(scope: Scope | None) -> Iterator[Scope]:
    while scope is not None:
        yield scope
        scope = scope.below


def agent() -> Scope | None:
    """The innermost scope of an agent, in a crew or alone."""
    return next((s for s in chain() if s.span and s.owns_span and s.span.kind is Kind.AGENT), None)


def innermost() -> Scope | None:
    """The scope that the next event happens in."""
    return _chain.get()


def push(scope: Scope) -> None:
    """Enter a scope: what happens next in this context happens inside it."""
    _open[id(scope)] = scope
    _chain.set(scope)
    if scope.owns_span:
        current.set(scope.span)


def place() -> Place:
    """Where this context stands."""
    return Place(_chain.get(), current.get())


def return_to(earlier: Place) -> None:
    """Go on where this context, or another, once stood."""
    _chain.set(earlier.scope)
    current.set(earlier.span)


def enter_where(opened_by: str, is_it: Callable[[Any], bool]) -> None:
    """Go on inside what another context opened, where crewAI's thread has no context.

    Args:
        is_it: Tells by a scope's source whether it is the one.
    """
    for scope in list(_open.values()):
        if scope.opened_by == opened_by and is_it(scope.source):
            _chain.set(scope)
            current.set(scope.span)
            return


@contextmanager
def purposely(purpose: str) -> Iterator[None]:
    """Inside it models are called for this reason."""
    scope = Scope(purpose, innermost(), span=None, owns_span=False, purpose=purpose)
    push(scope)
    try:
        yield
    except BaseException as error:
        end_leftovers(leave(scope), error)
        raise
    end_leftovers(leave(scope), None)


def find(opened_by: str, key: str | None, about: Any = None, source: Any = None) -> Scope | None:
    """The open scope that an end event is about; None if it was closed before.

    Args:
        about: What has ended, if the event has it.
        source: Who tells of it: methods of two flows may have the same name.
    """
    candidates = [scope for scope in chain(opened_by) if key is None or scope.key == key]
    if about is not None and any(scope.source is about for scope in candidates):
        candidates = [scope for scope in candidates if scope.source is about]
    if (here := next((scope for scope in candidates if scope.is_open), None)) is not None:
        return here
    if key is None:
        return None
    for scope in list(_open.values()):
        is_its = scope.source is None or scope.source is source
        if is_its and (scope.opened_by, scope.key) == (opened_by, key):
            return scope
    return None


def step_out(opened_by: str) -> None:
    """Leave what another context has closed, now that its end has come in this one."""
    scope = _chain.get()
    if scope is not None and not scope.is_open and scope.opened_by == opened_by:
        _chain.set(scope.below)
        if scope.owns_span and current.get() is scope.span:
            current.set(scope.around)


def leave(scope: Scope) -> list[Scope]:
    """Close a scope; answer the ones inside it that crewAI never closed, innermost first.

    Its span is not ended: who closes knows how it went.
    """
    left = []
    path = list(chain())
    if scope in path:
        inside = path[: path.index(scope)]
        left = [inner for inner in inside if inner.is_open]
        for inner in left:
            _close(inner)
        _chain.set(scope.below)
        outermost_span = next((s for s in (scope, *reversed(left)) if s.owns_span), None)
        if outermost_span is not None:
            current.set(outermost_span.around)
    _close(scope)
    return left


def leave_all(until: Scope | None, *, elsewhere: bool = True) -> list[Scope]:
    """Close what is open inside `until`; answer it, innermost first.

    Args:
        elsewhere: Also what other contexts have opened in there.
    """
    outside = list(_outwards(until))
    left = [scope for scope in chain() if scope.is_open and scope not in outside]
    for scope in left:
        _close(scope)
    if elsewhere:
        left = [*leave_elsewhere(left), *left]
    _chain.set(until)
    return left


def leave_elsewhere(outer: list[Scope]) -> list[Scope]:
    """Close what other contexts opened inside these scopes and left open; answer it.

    A call goes on in its thread when its crew is cancelled, and is paid for: it ends itself. So
    does a run, with all that is in it, that another one has started beside itself.
    """
    left = [scope for scope in list(_open.values()) if _is_left_in(scope, outer)]
    for scope in left:
        _close(scope)
    return left


def end_leftovers(left: list[Scope], error: BaseException | None) -> None:
    """End the spans of scopes that crewAI never closed, and say why."""
    for scope in left:
        if scope.owns_span and scope.span is not None and scope.span.is_open:
            if error is not None:
                scope.record(error)
            elif not scope.is_kept:
                scope.span.fail(_NOT_ENDED, "crewAI reported no end of it")
            scope.span.end()


def cut_all() -> list[Scope]:
    """Close what is open in any context; answer it."""
    left = list(_open.values())
    for scope in left:
        _close(scope)
    _chain.set(None)
    return left


def _forget_all() -> None:
    _open.clear()
    _chain.set(None)


def _is_left_in(scope: Scope, outer: list[Scope]) -> bool:
    if scope.ends_itself:
        return False
    inside: Scope | None = scope
    while inside is not None and inside not in outer:
        if inside.is_kept and inside.is_open:
            return False
        inside = inside.below
    return inside is not None and inside is not scope


def _close(scope: Scope) -> None:
    scope.is_open = False
    _open.pop(id(scope), None)


in_a_pools_worker(_forget_all)
