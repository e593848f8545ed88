"""Flows: their methods, their routes, and crews inside them."""

import asyncio
from typing import Any

from crewai.flow.flow import Flow, and_, listen, router, start

from matrix.variants.parts import crew, method_of, taken_from


def flow_of_crews() -> Any:
    """A crew decides on the way to another."""

    class Errand(Flow):
        @start()
        def ask(self) -> Any:
            return crew("One. [[say:One.]]", name="first").kickoff().raw

        @router(ask)
        def decide(self, answer: str) -> str:
            return "go" if answer == "One." else "stop"

        @listen("go")
        def act(self) -> Any:
            return crew("Two. [[say:Two.]]", name="second").kickoff().raw

    return Errand().kickoff(inputs={"errand": "milk"})


def flow_awaits_a_crew() -> Any:
    """A crew of coroutines in a method that is one."""
    begin = method_of(crew("Two. [[say:Two.]]", name="second"), "akickoff")

    class Awaiting(Flow):
        @start()
        async def act(self) -> Any:
            return (await begin()).raw

    return Awaiting().kickoff()


def flow_joins() -> Any:
    """Two starts, and a method that waits for both."""

    class Joined(Flow):
        @start()
        async def left(self) -> str:
            await asyncio.sleep(0.01)
            return "left"

        @start()
        async def right(self) -> str:
            return "right"

        @listen(and_(left, right))
        async def both(self) -> str:
            return "both"

    return Joined().kickoff()


def flow_fails() -> Any:
    """A method that raises."""

    class Broken(Flow):
        @start()
        def ask(self) -> str:
            raise ValueError("no milk")

    return Broken().kickoff()


def flow_persists() -> Any:
    """State that outlives the flow."""
    persist = taken_from("crewai.flow.persistence", "persist")

    @persist()
    class Kept(Flow):
        @start()
        def note(self) -> str:
            self.state["noted"] = True
            return "noted"

    return Kept().kickoff()


VARIANTS = (flow_of_crews, flow_awaits_a_crew, flow_joins, flow_fails, flow_persists)
