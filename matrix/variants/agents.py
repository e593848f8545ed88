"""Agents without a crew."""

import asyncio
from typing import Any

from crewai import Agent

from matrix.variants.parts import clerk, method_of, understands
from matrix.variants.tools import add, interrupt

SCRIPT = 'Add. [[call:add {"a": 1, "b": 1}]] [[say:It is 2.]]'


def lone_agent() -> Any:
    """One that is asked by itself."""
    return method_of(clerk(tools=[add]), "kickoff")(SCRIPT).raw


def lone_agent_async() -> Any:
    """The same as a coroutine."""

    async def ask() -> Any:
        return (await method_of(clerk(tools=[add]), "kickoff_async")(SCRIPT)).raw

    return asyncio.run(ask())


def lone_agent_remembers() -> Any:
    """What it is to answer makes it recall something, and what it says is kept."""
    understands(Agent, "memory")
    agent = clerk(memory=True)
    answer = method_of(agent, "kickoff")("Greet. [[say:Hello.]]").raw
    # Written in the background, and where no crew waits for it lost with the program.
    if hasattr(agent.memory, "drain_writes"):
        agent.memory.drain_writes()
    return answer


def lone_agent_is_interrupted() -> Any:
    """Ctrl-C in the middle of its tool."""
    agent = clerk(tools=[interrupt])
    return method_of(agent, "kickoff")('Stop. [[call:interrupt {"text": "now"}]]')


def lone_agent_is_cancelled() -> Any:
    """A coroutine that is given up before its end."""
    start = method_of(clerk(), "akickoff")

    async def impatient() -> Any:
        return await asyncio.wait_for(start("Wait. [[sleep:5]] [[say:Too late.]]"), 0.5)

    return asyncio.run(impatient())


VARIANTS = (
    lone_agent,
    lone_agent_async,
    lone_agent_remembers,
    lone_agent_is_interrupted,
    lone_agent_is_cancelled,
)
