"""Small crews, each under an experiment of its own name; run as a program by the tests.

python crew_scenarios.py hello tool_raises …
"""

import asyncio
import sys
import threading

import telltale

telltale.crewai.autolog()

from crewai import LLM, Agent, Crew, Process, Task  # noqa: E402
from crewai.flow.flow import Flow, listen, router, start  # noqa: E402
from crewai.tools import tool  # noqa: E402

MODEL = "gpt-4o-mini"


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


def crew(script, *, tools=(), name="small", stream=False, **options):
    agent = Agent(
        role="Clerk",
        goal="Do what is asked",
        backstory="Works in an office",
        llm=LLM(model=MODEL, stream=stream),
        tools=list(tools),
        max_retry_limit=0,
        max_iter=4,
    )
    task = Task(description=script, expected_output="A line", agent=agent)
    return Crew(name=name, agents=[agent], tasks=[task], **options)


def defined():
    first, other = (crew("Greet {who}. [[say:Hello.]]") for _ in range(2))
    first.kickoff(inputs={"who": "Ada"})
    first.kickoff(inputs={"who": "Bob"})
    other.kickoff(inputs={"who": "Cleo"})
    return crew("Greet {who} well. [[say:Hello.]]").kickoff(inputs={"who": "Ada"})


def hello():
    return crew("Greet {who}. [[say:Hello, Ada.]]").kickoff(inputs={"who": "Ada"})


def tool_is_used():
    return crew('Add. [[call:add {"a": 2, "b": 3}]] [[say:It is 5.]]', tools=[add]).kickoff()


def tool_raises():
    script = 'Try. [[call:broken {"text": "ink"}]] [[say:It failed.]]'
    return crew(script, tools=[broken]).kickoff()


def model_fails():
    return crew("Fail. [[fail:500:99]]").kickoff()


def model_is_busy_once():
    return crew("Wait. [[fail:429:1]] [[say:Done.]]").kickoff()


def interrupted():
    return crew('Stop. [[call:interrupt {"text": "now"}]]', tools=[interrupt]).kickoff()


def streamed():
    return crew("Stream. [[say:One word after another.]]", stream=True).kickoff()


def asynchronous():
    return asyncio.run(crew("Greet. [[say:Hello.]]").akickoff())


def in_threads():
    crews = [crew(f"Greet {number}. [[say:Hello {number}.]]", name=f"crew {number}")
             for number in range(4)]  # fmt: skip
    threads = [threading.Thread(target=each.kickoff) for each in crews]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def inside_a_span():
    with telltale.start_span("request", span_type="CHAIN"):
        telltale.update_current_trace(session_id="s-1", user="ada", tags={"env": "test"})
        return crew("Greet. [[say:Hello.]]").kickoff()


def two_tasks_at_once():
    agents = [
        Agent(role=f"Clerk {n}", goal="Work", backstory="Works", llm=LLM(model=MODEL))
        for n in (1, 2)
    ]
    first = Task(
        description="One. [[say:One.]]", expected_output="x", agent=agents[0], async_execution=True
    )
    second = Task(
        description="Two. [[say:Two.]]", expected_output="x", agent=agents[1], context=[first]
    )
    return Crew(
        name="pair", agents=agents, tasks=[first, second], process=Process.sequential
    ).kickoff()


def flow_of_crews():
    class Errand(Flow):
        @start()
        def ask(self):
            return crew("One. [[say:One.]]", name="first").kickoff().raw

        @router(ask)
        def decide(self, answer):
            return "go" if answer == "One." else "stop"

        @listen("go")
        async def act(self):
            return (await crew("Two. [[say:Two.]]", name="second").akickoff()).raw

    return Errand().kickoff(inputs={"errand": "milk"})


def flow_fails():
    class Broken(Flow):
        @start()
        def ask(self):
            raise ValueError("no milk")

    return Broken().kickoff()


def lone_agent():
    agent = Agent(role="Clerk", goal="Work", backstory="Works", llm=LLM(model=MODEL), tools=[add])
    return agent.kickoff('Add. [[call:add {"a": 1, "b": 1}]] [[say:It is 2.]]').raw


def run(names):
    for name in names:
        telltale.set_experiment(name)
        try:
            result = globals()[name]()
        except BaseException as error:  # noqa: BLE001  a Ctrl-C is one of the scenarios
            result = f"{type(error).__name__}: {error}"
        print(f"{name}: {str(result).splitlines()[0] if result else result}", flush=True)


if __name__ == "__main__":
    run(sys.argv[1:])
