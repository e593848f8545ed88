"""Agents without a crew."""

import asyncio
from typing import Any

from matrix.variants.parts import clerk, method_of
from matrix.variants.tools import add

SCRIPT = 'Add. [[call:add {"a": 1, "b": 1}]] [[say:It is 2.]]'


def lone_agent() -> Any:
    """One that is asked by itself."""
    return method_of(clerk(tools=[add]), "kickoff")(SCRIPT).raw


def lone_agent_async() -> Any:
    """The same as a coroutine."""

    async def ask() -> Any:
        return (await method_of(clerk(tools=[add]), "kickoff_async")(SCRIPT)).raw

    return asyncio.run(ask())


VARIANTS = (lone_agent, lone_agent_async)
