"""Spans around functions of crewAI's that tell the bus nothing."""

import functools
import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from telltale.conventions import attributes as names
from telltale.integrations.crewai import scopes
from telltale.integrations.crewai.opened import text, words
from telltale.nouns.span import Kind
from telltale.tracing.guard import fault
from telltale.tracing.live import LiveSpan
from telltale.tracing.serialise import to_json, to_text
from telltale.tracing.spans import Entered, entered

Function = Callable[..., Any]
Given = Callable[[inspect.BoundArguments], Any]
"""From a call's arguments to its span's inputs."""


def around(
    name: str,
    kind: Kind,
    op: str,
    given: Given | None = None,
    purpose: str | None = None,
) -> Callable[[Function], Function]:
    """A patch that puts a span around each call.

    Args:
        purpose: Why a model is called inside.
    """

    def make(original: Function) -> Function:
        signature = inspect.signature(original)

        def opened(args: Any, kwargs: Any) -> Entered:
            attributes = {names.CREW_OP: op} | _inputs(given, signature, args, kwargs)
            return entered(_named(name, args), kind, attributes, op=op)

        def on_purpose() -> AbstractContextManager[None]:
            return nullcontext() if purpose is None else scopes.purposely(purpose)

        @functools.wraps(original)
        def traced(*args: Any, **kwargs: Any) -> Any:
            with opened(args, kwargs) as span, on_purpose():
                result = original(*args, **kwargs)
                _tell(span, result)
                return result

        @functools.wraps(original)
        async def traced_async(*args: Any, **kwargs: Any) -> Any:
            with opened(args, kwargs) as span, on_purpose():
                result = await original(*args, **kwargs)
                _tell(span, result)
                return result

        return traced_async if inspect.iscoroutinefunction(original) else traced

    return make


def argument(name: str) -> Given:
    """The value of one argument."""
    return lambda bound: bound.arguments.get(name)


def _named(name: str, args: Any) -> str:
    """`train Travel crew`, where the first argument has a name."""
    of = text(getattr(args[0], "name", None)) if args else None
    return f"{name} {of}" if of else name


def _inputs(given: Given | None, signature: inspect.Signature, args: Any, kwargs: Any) -> Any:
    """Attributes; none where the call is one that the function itself will refuse."""
    try:
        inputs = None if given is None else given(signature.bind_partial(*args, **kwargs))
        return {} if inputs is None else {names.INPUTS: to_text(inputs)}
    except Exception as error:  # noqa: BLE001  the user's program comes first
        fault("reading the arguments of a call of crewAI's", error)
        return {}


def _tell(span: LiveSpan, result: Any) -> None:
    try:
        if isinstance(result, list):
            span.set_outputs(to_json([str(words(one)) for one in result]))
        elif result is not None:
            span.set_outputs(words(result))
    except Exception as error:  # noqa: BLE001  the user's program comes first
        fault("reading the result of a call of crewAI's", error)
