"""What the variants are made of. Each is offline, and always does the same."""

import importlib
import inspect
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from crewai import LLM, Agent, Crew, Task

MODEL = "gpt-4o-mini"


class Lacking(Exception):
    """This version of crewAI cannot do it."""


def taken_from(module: str, *names: str) -> Any:
    """What a module of crewAI's has under these names: one value, or as many as names.

    Raises:
        Lacking: If this version has no such module, or not all of them.
    """
    try:
        found = [getattr(importlib.import_module(module), name) for name in names]
    except (ImportError, AttributeError) as error:
        raise Lacking(str(error)) from error
    return found[0] if len(found) == 1 else found


def method_of(value: Any, name: str) -> Any:
    """A method that newer versions have.

    Raises:
        Lacking: If this one has not.
    """
    if not hasattr(value, name):
        raise Lacking(f"{type(value).__name__} has no {name}")
    return getattr(value, name)


def understands(kind: type, *fields: str) -> None:
    """Go on where a class of crewAI's takes these fields.

    Raises:
        Lacking: If this version's takes not all of them.
    """
    known = getattr(kind, "model_fields", {}) or inspect.signature(kind).parameters
    if missing := [field for field in fields if field not in known]:
        raise Lacking(f"{kind.__name__} has no {', '.join(missing)}")


def streams() -> None:
    """Go on where models can: an event tells of it.

    Raises:
        Lacking: If this version has none.
    """
    try:
        taken_from("crewai.events.types.llm_events", "LLMStreamChunkEvent")
    except Lacking:
        taken_from("crewai.utilities.events.llm_events", "LLMStreamChunkEvent")


def model(**options: Any) -> LLM:
    """The scripted model, by way of whatever this version uses for OpenAI's."""
    return LLM(model=MODEL, **options)


def clerk(role: str = "Clerk", **options: Any) -> Agent:
    """An agent that does what its task's stage directions say."""
    given = {
        "goal": "Do what is asked",
        "backstory": "Works in an office",
        "llm": model(),
        "max_iter": 4,
        "max_retry_limit": 0,
    }
    return Agent(role=role, **{**given, **options})


def job(script: str, agent: Agent, **options: Any) -> Task:
    """A task whose description holds stage directions for the scripted model."""
    return Task(description=script, expected_output="A line", agent=agent, **options)


def crew(script: str, *, tools: tuple[Any, ...] = (), name: str = "small", **options: Any) -> Crew:
    """One agent with one task."""
    agent = clerk(tools=list(tools))
    return Crew(name=name, agents=[agent], tasks=[job(script, agent)], **options)


@contextmanager
def typed(words: str) -> Iterator[None]:
    """A person at the keyboard, who types this and nothing behind it."""
    keyboard, sys.stdin = sys.stdin, io.StringIO(words)
    try:
        yield
    finally:
        sys.stdin = keyboard
