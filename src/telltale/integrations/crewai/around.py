"""Spans around functions of crewAI's that tell the bus nothing."""

import functools
import inspect
from collections.abc import Callable
from typing import Any

from telltale.conventions import attributes as names
from telltale.integrations.crewai import scopes
from telltale.integrations.crewai.opened import text
from telltale.integrations.crewai.scopes import Scope
from telltale.nouns.span import Kind
from telltale.tracing.serialise import to_json, to_text
from telltale.tracing.spans import entered

Function = Callable[..., Any]


def _words(result: Any) -> Any:
    """What a result says, where it says more than its object: a crew's output has its words."""
    return getattr(result, "raw", result)


def around(
    name: str,
    kind: Kind,
    op: str,
    given: Callable[[inspect.BoundArguments], Any] | None = None,
    purpose: str | None = None,
) -> Callable[[Function], Function]:
    """A patch that puts a span around each call.

    Args:
        given: From the call's arguments to the span's inputs.
        purpose: Why a model is called inside.
    """

    def make(original: Function) -> Function:
        signature = inspect.signature(original)

        def opened(args: Any, kwargs: Any) -> Any:
            attributes = {names.CREW_OP: op}
            if given is not None:
                bound = signature.bind_partial(*args, **kwargs)
                if (inputs := given(bound)) is not None:
                    attributes[names.INPUTS] = to_text(inputs)
            return entered(_named(name, args), kind, attributes, op=op)

        @functools.wraps(original)
        def traced(*args: Any, **kwargs: Any) -> Any:
            with opened(args, kwargs) as span, _Purpose(purpose):
                result = original(*args, **kwargs)
                if result is not None:
                    span.set_outputs(_said(result))
                return result

        @functools.wraps(original)
        async def traced_async(*args: Any, **kwargs: Any) -> Any:
            with opened(args, kwargs) as span, _Purpose(purpose):
                result = await original(*args, **kwargs)
                if result is not None:
                    span.set_outputs(_said(result))
                return result

        return traced_async if inspect.iscoroutinefunction(original) else traced

    return make


def argument(name: str) -> Callable[[inspect.BoundArguments], Any]:
    """The value of one argument."""
    return lambda bound: bound.arguments.get(name)


class _Purpose:
    """Inside it models are called for this reason, if it is one."""

    def __init__(self, purpose: str | None) -> None:
        self._purpose = purpose
        self._scope: Scope | None = None

    def __enter__(self) -> None:
        if self._purpose is not None:
            self._scope = Scope(
                self._purpose, scopes.innermost(), span=None, owns_span=False, purpose=self._purpose
            )
            scopes.push(self._scope)

    def __exit__(self, *error: object) -> None:
        if self._scope is not None:
            scopes.leave(self._scope)


def _named(name: str, args: Any) -> str:
    """`train Travel crew`, where the first argument has a name."""
    of = text(getattr(args[0], "name", None)) if args else None
    return f"{name} {of}" if of else name


def _said(result: Any) -> Any:
    return (
        to_json([str(_words(one)) for one in result])
        if isinstance(result, list)
        else _words(result)
    )
