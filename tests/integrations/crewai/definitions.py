"""Runs crews, and says nothing: what they are defined as is in their traces.

python definitions.py fresh | same

Those that are `fresh` are stopped before their first task, and so are others, each of which differs
in one thing. The `same` have run, and been copied, each in an experiment `<how it is made> <what is
done with it>`.
"""

import asyncio
import contextlib
import functools
import os
import sys
from collections.abc import Callable
from typing import Any

import telltale

telltale.crewai.autolog()

from crewai import Crew, Process, Task  # noqa: E402  as most people do
from crewai.tools import tool  # noqa: E402
from pydantic import BaseModel, Field  # noqa: E402

from matrix.variants.parts import Lacking, clerk, job, method_of, model, taken_from  # noqa: E402

PROGRAM = __file__
WHO = {"who": "Ada"}, {"who": "Bob"}, {"who": "Cleo"}


class Greeting(BaseModel):
    """What a task may answer."""

    words: str


class Letter(BaseModel):
    """What another may."""

    words: str = Field(description="at least ten")


@tool("add")
def add(a: int, b: int) -> int:
    """Adds."""
    return a + b


@tool("take")
def take(a: int, b: int) -> int:
    """Takes away."""
    return a - b


def strict(output: Any) -> tuple[bool, Any]:
    """Lets everything pass."""
    return True, output.raw


def lenient(output: Any) -> tuple[bool, Any]:
    """Does too."""
    return True, output.raw


def polite(**options: Any) -> Any:
    """An agent with the user's words in all that it is."""
    words = {
        "role": "Clerk for {who}",
        "goal": "Greet {who}",
        "backstory": "Has known {who} for long",
    }
    return clerk(**{**words, **options})


def greeting(agent: Any, **options: Any) -> Task:
    """A task with the user's words in what is asked and in what is expected."""
    words = {
        "description": "Greet {who}. [[say:Hello.]]",
        "expected_output": "A line for {who}",
    }
    return Task(**{**words, "agent": agent, **options})


def simple(**options: Any) -> Crew:
    """One agent, one task."""
    agent = polite()
    return Crew(agents=[agent], tasks=[greeting(agent)], **options)


def rich() -> Crew:
    """Two of each, which differ in all that two can."""
    agents = [
        polite(llm=model(temperature=0.5, stop=["END"], seed=3), tools=[add, take]),
        polite(role="Other clerk", allow_delegation=True, system_template="{{ .System }}"),
    ]
    first = greeting(agents[0], tools=[add], async_execution=True, guardrail=strict)
    second = greeting(agents[1], description="{who}? [[say:Yes.]]", context=[first])
    form = job('Write. [[say:{"words": "Hello."}]]', agents[0], output_pydantic=Greeting)
    return Crew(agents=agents, tasks=[first, second, form])


def planned() -> Crew:
    """A plan is added to what its task says."""
    return simple(planning=True, planning_llm=model(temperature=0.5))


def managed() -> Crew:
    """Its manager is made of the name of a model."""
    agent = polite()
    task = greeting(agent)
    task.agent = None
    return Crew(
        agents=[agent],
        tasks=[task],
        process=Process.hierarchical,
        manager_llm="gpt-4o-mini",
    )


def led() -> Crew:
    """It has a manager of the user's."""
    manager = clerk("Leader")
    crew = managed()
    return Crew(
        agents=crew.agents,
        tasks=crew.tasks,
        process=Process.hierarchical,
        manager_agent=manager,
    )


def calling() -> Crew:
    """Each kickoff gives its agents the model that calls functions."""
    return simple(function_calling_llm="gpt-4o-mini")


def again(crew: Crew) -> None:
    """Twice, with other inputs."""
    for who in WHO[:2]:
        crew.kickoff(inputs=who)


def without_inputs(crew: Crew) -> None:
    """Twice, with none."""
    for _ in range(2):
        crew.kickoff()
    crew.copy().kickoff()


def copied_before(crew: Crew) -> None:
    """A copy of what has not run, and what that becomes."""
    copy = crew.copy()
    crew.kickoff(inputs=WHO[0])
    again(copy)


def copied_after(crew: Crew) -> None:
    """Copies of what has run, of a copy, and of a copy that has run."""
    crew.kickoff(inputs=WHO[0])
    copy = crew.copy()
    copy.copy().kickoff(inputs=WHO[2])
    copy.kickoff(inputs=WHO[1])
    copy.copy().kickoff()


def for_each(crew: Crew) -> None:
    """A copy for each, before a kickoff and after one."""
    crew.kickoff_for_each(inputs=list(WHO))
    crew.kickoff(inputs=WHO[0])
    crew.kickoff_for_each(inputs=list(WHO))


def for_each_async(crew: Crew) -> None:
    """The same, all at once: in threads, and on one loop."""
    asyncio.run(crew.kickoff_for_each_async(inputs=list(WHO)))
    with contextlib.suppress(Lacking):
        asyncio.run(method_of(crew, "akickoff_for_each")(inputs=list(WHO)))


def in_pieces(crew: Crew) -> None:
    """Its agents are copied by the user, after a kickoff."""
    crew.kickoff(inputs=WHO[0])
    agents, known = [agent.copy() for agent in crew.agents], {}
    for task in crew.tasks:
        known[task.key] = task.copy(agents, known)
    copy = crew.copy()
    copy.agents, copy.tasks = agents, list(known.values())
    copy.kickoff(inputs=WHO[1])


def keyed(number: int) -> Crew:
    """As simple as the first, with another key, and what shapes no answer."""
    llm = model(
        api_key=f"a-key-of-somebodys-{number}",
        timeout=number,
        additional_params={"extra_headers": {"x-who": str(number)}, "my_token": f"t{number}"},
    )
    agent = polite(llm=llm, verbose=number > 1)
    task = greeting(agent, name=f"greeting {number}", callback=print)
    return Crew(name=f"crew {number}", agents=[agent], tasks=[task], share_crew=False)


BUILDS = (simple, rich, planned, managed, led, calling)
WAYS = (again, without_inputs, copied_before, copied_after, for_each, for_each_async, in_pieces)


class Stop(Exception):
    """Before the first task."""


def stopped(crew: Crew) -> None:
    """Begin it, and no more."""

    def stop(inputs: Any) -> Any:
        raise Stop

    crew.before_kickoff_callbacks.insert(0, stop)
    with contextlib.suppress(Stop):
        crew.kickoff(inputs=WHO[0])


def _of_agent(**options: Any) -> Callable[[], Crew]:
    def make() -> Crew:
        agent = polite(**options)
        return Crew(agents=[agent], tasks=[greeting(agent)])

    return make


def _of_model(**options: Any) -> Callable[[], Crew]:
    return lambda: _of_agent(llm=model(**options))()


def _of_task(**options: Any) -> Callable[[], Crew]:
    def make() -> Crew:
        agent = polite()
        return Crew(agents=[agent], tasks=[greeting(agent, **options)])

    return make


def _source(name: str) -> Any:
    source = taken_from(f"crewai.knowledge.source.{name}_knowledge_source", "StringKnowledgeSource")
    return source(content="Ada likes tea.")


def _known(number: int) -> Callable[[], Crew]:
    return lambda: simple(knowledge_sources=[_source("string") for _ in range(number)])


def _agent_known() -> Crew:
    return _of_agent(knowledge_sources=[_source("string")])()


def _managed(**options: Any) -> Crew:
    crew = managed()
    given = {"manager_llm": "gpt-4o-mini"} if "manager_agent" not in options else {}
    return Crew(
        agents=crew.agents,
        tasks=crew.tasks,
        process=Process.hierarchical,
        **{**given, **options},
    )


def _two_tasks(first_sees: bool | None) -> Crew:
    agent = polite()
    tasks = [greeting(agent), greeting(agent)]
    if first_sees is not None:
        tasks[1].context = [tasks[0]] if first_sees else []
    return Crew(agents=[agent], tasks=tasks)


def _changed_copy(change: Callable[[Crew], Any]) -> Callable[[], Crew]:
    """What is changed by the user is the user's, also in a copy of what has run."""

    def make() -> Crew:
        crew = simple()
        crew.name = "not told of"
        telltale.set_experiment("elsewhere")
        crew.kickoff(inputs=WHO[0])
        copy = crew.copy()
        change(copy)
        return copy

    return make


DIFFERENT: dict[str, Callable[[], Crew]] = {
    "simple": simple,
    "other role": _of_agent(role="Clerk of {who}"),
    "other goal": _of_agent(goal="Greet"),
    "other backstory": _of_agent(backstory="None"),
    "literally the same": _of_agent(role="Clerk for Ada"),
    "model": _of_agent(llm="gpt-4o"),
    "cold": _of_model(temperature=0.0),
    "hot": _of_model(temperature=0.9),
    "top_p": _of_model(top_p=0.5),
    "max_tokens": _of_model(max_tokens=100),
    "seed": _of_model(seed=1),
    "stop": _of_model(stop=["END"]),
    "frequency_penalty": _of_model(frequency_penalty=0.5),
    "reasoning_effort": _of_model(reasoning_effort="low"),
    "additional": _of_model(additional_params={"verbosity": "low"}),
    "tool": _of_agent(tools=[add]),
    "other tool": _of_agent(tools=[take]),
    "two tools": _of_agent(tools=[add, take]),
    "task's tool": _of_task(tools=[add]),
    "delegates": _of_agent(allow_delegation=True),
    "template": _of_agent(system_template="{{ .System }}"),
    "agent's guardrail": _of_agent(guardrail="It must greet."),
    "agent remembers": _of_agent(memory=True),
    "agent knows": _agent_known,
    "calls functions": _of_agent(function_calling_llm=model()),
    "description": _of_task(description="Greet {who} well."),
    "expected_output": _of_task(expected_output="Two lines"),
    "at once": _of_task(async_execution=True),
    "asks a person": _of_task(human_input=True),
    "guardrail": _of_task(guardrail=strict),
    "other guardrail": _of_task(guardrail=lenient),
    "guardrail in words": _of_task(guardrail="It must greet."),
    "guardrail in other words": _of_task(guardrail="It must be short."),
    "guardrail without a name": _of_task(guardrail=lambda o: (len(o.raw) > 3, o.raw)),
    "other without a name": _of_task(guardrail=lambda o: (len(o.raw) > 5, o.raw)),
    "guardrail in part": _of_task(guardrails=[strict, functools.partial(lenient)]),
    "pydantic": _of_task(output_pydantic=Greeting),
    "other pydantic": _of_task(output_pydantic=Letter),
    "json": _of_task(output_json=Greeting),
    "planned": lambda: simple(planning=True, planning_llm=model()),
    "planned by another": lambda: simple(planning=True, planning_llm=model(temperature=1.0)),
    "remembers": lambda: simple(memory=True),
    "knows": _known(1),
    "knows more": _known(2),
    "crew calls functions": lambda: simple(function_calling_llm="gpt-4o"),
    "managed": _managed,
    "managed by another": lambda: _managed(manager_llm="gpt-4o"),
    "managed by a model": lambda: _managed(manager_llm=model(temperature=0.7)),
    "led": lambda: _managed(manager_agent=clerk("Leader")),
    "led by another": lambda: _managed(manager_agent=clerk("Head")),
    "two tasks": lambda: _two_tasks(None),
    "two tasks, one seen": lambda: _two_tasks(True),
    "copy with another role": _changed_copy(
        lambda copy: setattr(copy.agents[0], "role", "Clerk II")
    ),
    "copy with another description": _changed_copy(
        lambda copy: setattr(copy.tasks[0], "description", "Greet. [[say:Hello.]]")
    ),
    "copy with another model": _changed_copy(
        lambda copy: setattr(copy.agents[0].llm, "temperature", 0.25)
    ),
}


def _named(experiment: str, work: Callable[[], Any]) -> None:
    telltale.set_experiment(experiment)
    try:
        work()
    except Lacking:
        return
    except Exception as error:  # noqa: BLE001  some of it some versions refuse, and say so
        os.write(2, f"\n{experiment}: {type(error).__name__}: {error}\n".encode())


def _stopped(name: str, make: Callable[[], Crew]) -> None:
    crew = make()
    telltale.set_experiment(name)
    stopped(crew)


def main(what: str) -> None:
    """Run all of one sort."""
    for build in BUILDS:
        _named(f"{build.__name__} fresh", lambda build=build: stopped(build()))
    if what == "fresh":
        for name, make in DIFFERENT.items():
            _named(name, functools.partial(_stopped, f"other: {name}", make))
        return
    for number in (1, 2):
        _named("simple keyed", lambda number=number: stopped(keyed(number)))
    for build in BUILDS:
        for way in WAYS:
            name = f"{build.__name__} {way.__name__}"
            _named(name, lambda way=way, build=build: way(build()))


if __name__ == "__main__":
    main(sys.argv[1])
