"""Flows: their methods, their routes, and crews inside them."""

import asyncio
import signal
import sys
import threading
from typing import Any

from crewai.flow.flow import Flow, and_, listen, router, start

from matrix.variants.parts import crew, method_of, taken_from, typed


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


def flow_fails_beside_another() -> Any:
    """Two starts, one of which fails while the other waits for good."""

    class Halved(Flow):
        @start()
        async def wait(self) -> None:
            await asyncio.Event().wait()

        @start()
        async def ask(self) -> str:
            await asyncio.sleep(0.01)
            raise ValueError("no milk")

    return Halved().kickoff()


def flow_fails_beside_a_crew() -> Any:
    """A listener fails while a crew works beside it, in a thread, to its end."""
    failed = threading.Event()

    class Halved(Flow):
        @start()
        def begin(self) -> str:
            return "begun"

        @listen(begin)
        def work(self) -> Any:
            failed.wait(20)
            return crew("One. [[say:One.]]", name="beside").kickoff().raw

        @listen(begin)
        async def ask(self) -> str:
            failed.set()
            raise ValueError("no milk")

    return Halved().kickoff()


def flow_is_interrupted() -> Any:
    """Ctrl-C while a flow waits."""

    class Waiting(Flow):
        @start()
        async def ask(self) -> None:
            signal.raise_signal(signal.SIGINT)
            await asyncio.Event().wait()

    # A program that a shell began in the background hears no Ctrl-C otherwise.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return Waiting().kickoff()
    finally:
        signal.signal(signal.SIGINT, before)


def flow_ends_the_program() -> Any:
    """SystemExit in a method."""

    class Leaving(Flow):
        @start()
        def ask(self) -> None:
            sys.exit(3)

    return Leaving().kickoff()


def flow_hears_nobody() -> Any:
    """A person is asked where nobody can answer."""
    human_feedback = taken_from("crewai.flow.human_feedback", "human_feedback")

    class Unheard(Flow):
        @start()
        @human_feedback(message="Is it well?")
        def write(self) -> str:
            return "A line."

    with typed(""):
        return Unheard().kickoff()


VARIANTS = (
    flow_of_crews, flow_awaits_a_crew, flow_joins, flow_fails, flow_persists,
    flow_fails_beside_another, flow_fails_beside_a_crew, flow_is_interrupted,
    flow_ends_the_program, flow_hears_nobody,
)  # fmt: skip
