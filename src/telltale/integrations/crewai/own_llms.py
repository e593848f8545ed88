"""Calls of models, whoever wrote their class.

crewAI's events tell of its own classes alone, and LiteLLM's turns that ask for a tool have no end.
So `call` and `acall` of every class are watched: a class of the user's gets a span, and what an
event opened inside a call is over when the call is.
"""

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeGuard

from telltale.conventions import attributes as names
from telltale.integrations.crewai import budget, llms, scopes
from telltale.integrations.crewai.opened import is_crewais, text
from telltale.integrations.crewai.scopes import Scope
from telltale.nouns.span import Kind
from telltale.tracing.guard import sheltered
from telltale.tracing.live import current, known_attributes
from telltale.tracing.patching import Watched, within
from telltale.tracing.spans import begin

OPENED_BY = "own_llm_call"
_BASE = "crewai.llms.base_llm"


def watch_classes() -> None:
    """Watch the classes of models that there are by now; cheap where there are no new ones."""
    base = getattr(sys.modules.get(_BASE), "BaseLLM", None)
    if base is None:
        return
    for cls in _classes(base):
        _classes_watched.add(cls)


def defining(original: Callable[..., None]) -> Callable[..., None]:
    """Stand-in for what a class of models is told when another is derived from it.

    One that comes in the midst of a run, inside a tool for one, may be called before anything else
    is heard of. Before a run nothing is done: who decorates a class does so behind this.
    """

    @functools.wraps(original)
    def derived(cls: type, **kwargs: Any) -> None:
        original(cls, **kwargs)
        with sheltered("watching a class of models"):
            if scopes.innermost() is not None:
                _classes_watched.add(cls)

    return derived


def is_watched(cls: type) -> bool:
    """Whether calls of this class are followed to their end."""
    return any(base in _classes_watched for base in cls.__mro__)


def let_go() -> None:
    """Give every class its own functions back."""
    _classes_watched.let_go()


class _Call:
    """One call, from its beginning to its end, whatever the bus says of it."""

    def __init__(self, llm: Any, args: Any, kwargs: Any) -> None:
        self._llm = llm
        self._before = scopes.innermost()
        self._answer: Any = None
        with sheltered("following a model of the user's"):
            # A class that calls its parent's method is one call.
            if not is_crewais(type(llm)) and not _is_own(self._before):
                self._open(llm, args, kwargs)

    def answered(self, answer: Any) -> None:
        self._answer = answer

    def __enter__(self) -> "_Call":
        return self

    def __exit__(self, _: Any, error: BaseException | None, __: Any) -> None:
        with sheltered("ending a model's call"):
            for scope in self._left_open():
                self._end(scope, error)
            around = self._before
            # Another model asked for it, of a class that may know what to do then.
            if isinstance(error, Exception) and _is_own(around) and around.source is not self._llm:
                around.tell_attempt(error)

    def _open(self, llm: Any, args: Any, kwargs: Any) -> None:
        opened = llms.asked(
            llm,
            text(getattr(llm, "model", None)),
            kwargs.get("messages", args[0] if args else None),
            kwargs.get("tools"),
            purpose=llms.purpose(),
            attributes={names.PROVIDER: type(llm).__name__},
        )
        span = begin(
            opened.name, Kind.LLM, opened.attributes, parent=current.get(), joins=llms.JOINS
        )
        purpose = opened.purpose
        scopes.push(
            Scope(OPENED_BY, self._before, span=span, owns_span=True, purpose=purpose, source=llm)
        )

    def _left_open(self) -> Iterator[Scope]:
        for scope in scopes.chain():
            if scope is self._before:
                return
            if scope.is_open and scope.opened_by in (OPENED_BY, "llm_call_started"):
                yield scope

    def _end(self, scope: Scope, error: BaseException | None) -> None:
        scopes.end_leftovers(scopes.leave(scope), error)
        if scope.span is None or not scope.owns_span:
            return
        try:
            if error is not None:
                scope.record(error)
            else:
                llms.set_answer(scope, self._answer)
            if scope.usage and names.INPUT_TOKENS not in known_attributes(scope.span):
                scope.span.set_attributes(scope.usage)
            budget.note_cost(scope.span)
        finally:
            scope.span.end()


def counting(original: Callable[..., Any]) -> Callable[..., Any]:
    """Stand-in for what a class of the user's tells its usage to, call by call."""

    @functools.wraps(original)
    def traced(llm: Any, usage: Any, *args: Any, **kwargs: Any) -> Any:
        with sheltered("reading what a model of the user's used"):
            scope = scopes.innermost()
            if _is_own(scope):
                for name, count in llms.usage_of(usage).items():
                    scope.usage[name] = scope.usage.get(name, 0) + count
        return original(llm, usage, *args, **kwargs)

    return traced


@contextmanager
def _followed(llm: Any, /, *args: Any, **kwargs: Any) -> Iterator[_Call]:
    with budget.call_of(llm), _Call(llm, args, kwargs) as call:
        yield call


watched = within(_followed, _Call.answered)
"""Stand-in for `call` or `acall`."""
_classes_watched = Watched(("call", "acall"), watched)


def _is_own(scope: Scope | None) -> TypeGuard[Scope]:
    """Whether this is the call of a class of the user's, which goes on."""
    return scope is not None and scope.is_open and scope.opened_by == OPENED_BY


def _classes(base: type) -> Iterator[type]:
    below: list[type] = base.__subclasses__()
    for cls in below:
        yield cls
        yield from _classes(cls)
