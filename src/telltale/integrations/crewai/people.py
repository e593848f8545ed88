"""People who are asked, and waited for: by agents, by flows, by providers of the user's own.

crewAI's own ways to ask a person are told of by events, or are functions that do nothing else. What
a provider of the user's does is his: it is waited for from when it is given the answer until it
gives one back, but for what it has the agent do in between.
"""

import functools
import inspect
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from telltale.conventions import attributes as names
from telltale.integrations.crewai.around import around
from telltale.integrations.crewai.blocks import entered
from telltale.integrations.crewai.flows import method
from telltale.integrations.crewai.opened import Opened, is_crewais, said, text, words
from telltale.integrations.crewai.scopes import Scope
from telltale.nouns.span import Kind
from telltale.tracing.guard import sheltered
from telltale.tracing.live import LiveSpan, put_back
from telltale.tracing.patching import within
from telltale.tracing.serialise import to_json, to_text
from telltale.tracing.spans import Entered

Function = Callable[..., Any]
ASKING = around("human input", Kind.HUMAN, "wait")
"""Around a function that asks, and returns what was answered."""
_ASKS = ("handle_feedback", "handle_feedback_async", "_prompt_input", "_prompt_input_async")
"""What crewAI's own provider does by itself; of these the last two are such functions."""
_PENDING = "HumanFeedbackPending"
"""Raised by who asks a person elsewhere: the flow is put away until there is an answer."""


class _Wait:
    """For a person, with interruptions."""

    def __init__(self) -> None:
        self._span: Entered | None = None

    def begin(self) -> None:
        self._span = entered("human input", Kind.HUMAN, {names.CREW_OP: "wait"}, op="wait")
        self._span.__enter__()

    def end(self, error: BaseException | None = None) -> None:
        span, self._span = self._span, None
        if span is not None:
            span.__exit__(None if error is None else type(error), error, None)


_waiting: ContextVar[_Wait | None] = ContextVar("telltale_waiting", default=None)


@contextmanager
def _reviewed(*_: Any, **__: Any) -> Iterator[None]:
    if _asks_by_itself():
        yield
        return
    wait, token = _begun()
    try:
        yield
    except BaseException as error:
        wait.end(error)
        raise
    finally:
        put_back(_waiting, token)
    wait.end()


@contextmanager
def _unwatched(*_: Any, **__: Any) -> Iterator[None]:
    if (wait := _waiting.get()) is None:
        yield
        return
    wait.end()
    yield
    wait.begin()


reviewing = within(_reviewed)
"""Stand-in for the step in which an agent's answer is shown to a person."""
working_again = within(_unwatched)
"""Stand-in for what a provider lets an agent do between two questions: nobody is waited for."""


def choosing(original: Function) -> Function:
    """Stand-in for how a flow finds the provider that a person is asked by."""

    @functools.wraps(original)
    def traced(*args: Any, **kwargs: Any) -> Any:
        provider = original(*args, **kwargs)
        # Those of crewAI's own tell the bus.
        own = provider is None or is_crewais(type(provider))
        return provider if own else _Asked(provider)

    return traced


class _Asked:
    """A provider of the user's, for one question of a flow's."""

    def __init__(self, provider: Any) -> None:
        self._provider = provider

    def request_feedback(self, context: Any, flow: Any) -> Any:
        asked = text(getattr(context, "message", None))
        name = text(getattr(context, "method_name", None))
        span = entered(
            f"human input {name}" if name else "human input",
            Kind.HUMAN,
            said(**{names.CREW_OP: "wait", names.INPUTS: asked}),
            op="wait",
        )
        told = span.__enter__()
        try:
            answer = self._provider.request_feedback(context, flow)
        except BaseException as error:
            _not_answered(span, told, error)
            raise
        if inspect.iscoroutine(answer):
            return _answered(span, told, answer)
        told.set_outputs(to_text(answer))
        span.__exit__(None, None, None)
        return answer


async def _answered(span: Entered, told: LiveSpan, answer: Coroutine[Any, Any, Any]) -> Any:
    try:
        result = await answer
    except BaseException as error:
        _not_answered(span, told, error)
        raise
    told.set_outputs(to_text(result))
    span.__exit__(None, None, None)
    return result


def _not_answered(span: Entered, told: LiveSpan, error: BaseException) -> None:
    if type(error).__name__ == _PENDING:
        told.set_attribute(names.CREW_OP, "paused")
        span.__exit__(None, None, None)
    else:
        span.__exit__(type(error), error, error.__traceback__)


def _begun() -> tuple[_Wait, Any]:
    wait = _Wait()
    wait.begin()
    return wait, _waiting.set(wait)


def _asks_by_itself() -> bool:
    """Whether the provider is crewAI's own, whose questions are spans already."""
    with sheltered("looking at who asks a person"):
        module = sys.modules.get("crewai.core.providers.human_input")
        if module is None:
            return True  # Older than providers.
        provider, own = type(module.get_provider()), module.SyncHumanInputProvider
        return all(getattr(provider, name, None) is getattr(own, name, None) for name in _ASKS)
    return True


def person_asked(flow: Any, event: Any) -> Opened:
    """A flow asks a person, and waits for the answer."""
    name = method(event)
    asked = text(getattr(event, "message", None))
    shown = words(getattr(event, "output", None))
    attributes = said(
        **{
            names.INPUTS: asked
            if shown is None
            else to_json({"message": asked, "output": to_text(shown)})
        }
    )
    return Opened(name=f"human input {name}" if name else "human input", attributes=attributes)


def person_answered(event: Any, scope: Scope) -> None:
    """The person has answered, if only by saying nothing."""
    answer = text(getattr(event, "feedback", None)) or text(getattr(event, "response", None))
    if answer is not None and scope.span is not None:
        scope.span.set_outputs(answer)
