"""Crews whose every word bears a mark: a span in another's tree gives itself away."""

import re
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from matrix.recorded import Tree
from telltale.client.client import Client
from telltale.nouns.span import RawSpan
from telltale.otlp.json import from_otlp

AT_ONCE = 8
MEETING_S = 120.0
"""Who has not come to a meeting by then will never come."""
_MARK = re.compile(r"\b[a-z_]+#\d\b")


def marks(way: str) -> list[str]:
    """Of the crews that are run at once in one way."""
    return [f"{way}#{number}" for number in range(AT_ONCE)]


def marked_crew(mark: str, meet: Callable[[], object]) -> Any:
    """A crew that waits for others in the middle of its work."""
    # Not earlier: a program decides itself when crewAI is imported, and in which process.
    from crewai import LLM, Agent, Crew, Task
    from crewai.tools import tool

    import telltale

    @tool
    def meet_the_others(mark: str) -> str:
        """Wait until all are here."""
        with telltale.start_span(f"meeting of {mark}"):
            meet()
        return f"{mark} has met them"

    clerk = Agent(
        role=f"Clerk of {mark}",
        goal=f"Serve {mark}",
        backstory=f"Works for {mark} alone",
        llm=LLM(model="gpt-4o-mini"),
        tools=[meet_the_others],
        max_retry_limit=0,
    )
    script = f'Greet {mark}. [[call:meet_the_others {{"mark": "{mark}"}}]] [[say:Hello, {mark}.]]'
    task = Task(description=script, expected_output=f"A line for {mark}", agent=clerk)
    return Crew(name=f"crew of {mark}", agents=[clerk], tasks=[task])


def stored(address: str) -> list[Tree]:
    """Every trace that a server has, through the public door."""
    with Client(address) as client:
        return [Tree(from_otlp(msgspec.json.decode(line))) for line in client.export()]


def marks_in(spans: Iterable[RawSpan]) -> set[str]:
    """All marks that they bear, wherever in them."""
    said = [(one.name, one.status_message, one.attributes, one.events) for one in spans]
    return set(_MARK.findall(msgspec.json.encode(said).decode()))
