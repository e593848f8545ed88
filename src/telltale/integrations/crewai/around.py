"""Spans around functions of crewAI's that tell the bus nothing."""

import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from telltale.conventions import attributes as names
from telltale.integrations.crewai import scopes
from telltale.integrations.crewai.blocks import entered
from telltale.integrations.crewai.opened import is_stream, text, words
from telltale.nouns.span import Kind
from telltale.tracing.guard import sheltered
from telltale.tracing.live import LiveSpan
from telltale.tracing.patching import within
from telltale.tracing.serialise import to_json, to_text
from telltale.tracing.spans import Entered

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

        def opened(*args: Any, **kwargs: Any) -> Entered:
            attributes = {names.CREW_OP: op} | _inputs(given, signature, args, kwargs)
            return entered(_named(name, args), kind, attributes, op=op)

        inner = original if purpose is None else within(for_a(purpose))(original)
        return within(opened, _tell)(inner)

    return make


def argument(name: str) -> Given:
    """The value of one argument."""
    return lambda bound: bound.arguments.get(name)


def for_a(purpose: str) -> Callable[..., AbstractContextManager[None]]:
    """The block of a call inside which models are asked for this reason."""
    return lambda *_, **__: scopes.purposely(purpose)


def _named(name: str, args: Any) -> str:
    """`train Travel crew`, where the first argument has a name."""
    of = text(getattr(args[0], "name", None)) if args else None
    return f"{name} {of}" if of else name


def _inputs(given: Given | None, signature: inspect.Signature, args: Any, kwargs: Any) -> Any:
    """Attributes; none where the call is one that the function itself will refuse."""
    with sheltered("reading the arguments of a call of crewAI's"):
        inputs = None if given is None else given(signature.bind_partial(*args, **kwargs))
        if inputs is not None:
            return {names.INPUTS: to_text(inputs)}
    return {}


def _tell(span: LiveSpan, result: Any) -> None:
    with sheltered("reading the result of a call of crewAI's"):
        if is_stream(result) or (isinstance(result, list) and any(map(is_stream, result))):
            return  # Nobody has read it yet.
        if isinstance(result, list):
            span.set_outputs(to_json([str(words(one)) for one in result]))
        elif result is not None:
            span.set_outputs(words(result))
