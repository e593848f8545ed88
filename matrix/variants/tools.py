"""Tools: used, broken, at once, remembered, in words."""

import sys
from pathlib import Path
from typing import Any

from crewai import Crew
from crewai.tools import BaseTool, tool

import telltale
from matrix.variants.parts import Lacking, clerk, crew, job, model, taken_from, understands


@tool
def add(a: int, b: int) -> str:
    """Add two numbers."""
    with telltale.start_span("work inside the tool"):
        return str(a + b)


@tool
def broken(text: str) -> str:
    """A tool that fails."""
    raise ValueError(f"cannot work with {text}")


@tool
def interrupt(text: str) -> str:
    """A tool during which the user presses Ctrl-C."""
    raise KeyboardInterrupt


@tool
def leave(text: str) -> str:
    """A tool that ends the program."""
    raise SystemExit(3)


class Last(BaseTool):
    """A tool whose result is the task's."""

    name: str = "last_word"
    description: str = "Say the last word."
    result_as_answer: bool = True

    def _run(self, text: str) -> str:
        return f"The last word is {text}."


def tool_is_used() -> Any:
    """Asked for, run, and told of."""
    return crew('Add. [[call:add {"a": 2, "b": 3}]] [[say:It is 5.]]', tools=(add,)).kickoff()


def tool_raises() -> Any:
    """The agent is told of the error, and goes on."""
    script = 'Try. [[call:broken {"text": "ink"}]] [[say:It failed.]]'
    return crew(script, tools=(broken,)).kickoff()


def tools_at_once() -> Any:
    """Two calls in one answer."""
    sums = " ".join(f'add {{"a": {n}, "b": {n}}}' for n in (1, 2, 3))
    script = f"Add. [[call:{sums}]] [[say:2, 4 and 6.]]"
    return crew(script, tools=(add,)).kickoff()


def tool_asks_a_model() -> Any:
    """A tool that asks a model of its own, and another that was called beside it."""

    understands(BaseTool, "max_usage_count")  # Such tools wait for one another.

    @tool("ask", max_usage_count=9)
    def ask(text: str) -> str:
        """Ask somebody who knows."""
        return str(model().call(f"{text} [[say:Nobody knows.]]"))

    script = 'Ask. [[call:ask {"text": "who"} add {"a": 2, "b": 3}]] [[say:It is 5.]]'
    return crew(script, tools=(ask, add)).kickoff()


def tool_is_called_by_its_title() -> Any:
    """A tool whose name is a title, which models are told otherwise."""

    class Titled(BaseTool):
        name: str = "Last Word"
        description: str = "Say the last word."

        def _run(self, text: str) -> str:
            return f"The last word is {text}."

    script = 'Speak. [[call:last_word {"text": "amen"}]] [[say:It is said.]]'
    return crew(script, tools=(Titled(),)).kickoff()


def tool_from_cache() -> Any:
    """The same call again."""
    same = '[[call:add {"a": 2, "b": 3}]]'
    return crew(f"Add. {same} {same} [[say:It is 5.]]", tools=(add,)).kickoff()


def result_is_answer() -> Any:
    """A tool whose result ends the task."""
    script = 'Speak. [[call:last_word {"text": "amen"}]] [[say:never said]]'
    return crew(script, tools=(Last(),)).kickoff()


def tool_in_words() -> Any:
    """A model without function calling: thought, action, answer."""

    class Wordy(type(model())):  # type: ignore[misc]
        def supports_function_calling(self) -> bool:
            return False

    try:
        llm = Wordy(model=model().model)
    except Exception as error:
        raise Lacking(str(error)) from error
    agent = clerk(llm=llm, tools=[add])
    task = job('Add. [[call:add {"a": 2, "b": 3}]] [[say:It is 5.]]', agent)
    return Crew(name="wordy", agents=[agent], tasks=[task]).kickoff()


def tool_unknown() -> Any:
    """A model that calls what is not there."""
    return crew('Try. [[call:none {"a": 1}]] [[say:Well.]]', tools=(add,)).kickoff()


def interrupted() -> Any:
    """Ctrl-C in the middle of a tool."""
    return crew('Stop. [[call:interrupt {"text": "now"}]]', tools=(interrupt,)).kickoff()


def program_ends() -> Any:
    """SystemExit in the middle of a tool."""
    return crew('Stop. [[call:leave {"text": "now"}]]', tools=(leave,)).kickoff()


def tool_of_a_server() -> Any:
    """A tool that an MCP server offers, in a process of its own."""
    stdio = taken_from("crewai.mcp", "MCPServerStdio")
    program = f"{sys.executable} {Path(__file__).with_name('mcp_server.py')}"
    # The tool's name is made of the command, which must be the same wherever this is run.
    sums = stdio(command="sh", args=["-c", "$SUMS"], env={"SUMS": program})
    agent = clerk(mcps=[sums])
    script = 'Add. [[call:sh_c_sums_add_up {"a": 2, "b": 3}]] [[say:It is 5.]]'
    return Crew(name="served", agents=[agent], tasks=[job(script, agent)]).kickoff()


VARIANTS = (
    tool_is_used, tool_raises, tools_at_once, tool_asks_a_model,
    tool_is_called_by_its_title, tool_from_cache, result_is_answer, tool_in_words,
    tool_unknown, tool_of_a_server, interrupted, program_ends,
)  # fmt: skip
