"""Agents of somebody else's, by the Agent2Agent protocol."""

import asyncio
from contextlib import AbstractContextManager
from typing import Any

from crewai import Crew

from matrix.variants.parts import clerk, job, method_of, taken_from


def remote_agent() -> Any:
    """A task that is passed on, and answered at once."""
    with _counter() as endpoint:
        return _asking(endpoint, trust_remote_completion_status=True).kickoff()


def remote_agent_async() -> Any:
    """The same by coroutines all the way down."""
    with _counter() as endpoint:
        made = _asking(endpoint, trust_remote_completion_status=True)
        return asyncio.run(method_of(made, "akickoff")())


def remote_agent_twice() -> Any:
    """A conversation of two turns, after which crewAI's patience is at its end."""
    with _counter() as endpoint:
        return _asking(endpoint, max_turns=2).kickoff()


def remote_agent_fails() -> Any:
    """One that fails, and says so."""
    with _counter(fails=True) as endpoint:
        return _asking(endpoint, max_turns=1).kickoff()


def remote_agent_is_away() -> Any:
    """Nobody is there; the agent does it by itself."""
    # Where nobody ever was: crewAI remembers whom it met at an address.
    return _asking("http://127.0.0.1:9", fail_fast=False).kickoff()


def _counter(**options: Any) -> AbstractContextManager[str]:
    return taken_from("matrix.variants.a2a_server", "counter")(**options)


def _asking(endpoint: str, **options: Any) -> Crew:
    """A clerk who may ask another."""
    config = taken_from("crewai.a2a.config", "A2AClientConfig")
    agent = clerk(a2a=config(endpoint=endpoint, **options))
    return Crew(name="asking", agents=[agent], tasks=[job("Count. [[say:Done.]]", agent)])


VARIANTS = (
    remote_agent, remote_agent_async, remote_agent_twice, remote_agent_fails, remote_agent_is_away,
)  # fmt: skip
