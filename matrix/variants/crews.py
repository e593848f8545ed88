"""Ways to start a crew, and what a crew can be told to do."""

import asyncio
import threading
from typing import Any

from crewai import Crew, Process, Task
from pydantic import BaseModel

import telltale
from matrix.variants.parts import (
    Lacking,
    clerk,
    crew,
    job,
    method_of,
    model,
    taken_from,
    typed,
    understands,
)

WHO = [{"who": "Ada"}, {"who": "Bob"}, {"who": "Cleo"}]


def hello() -> Any:
    """One agent, one task, inputs."""
    return crew("Greet {who}. [[say:Hello, Ada.]]").kickoff(inputs={"who": "Ada"})


def twice() -> Any:
    """The same crew again: its counters go on, ours do not."""
    same = crew("Greet. [[say:Hello.]]")
    same.kickoff()
    return same.kickoff()


def defined() -> Any:
    """Two crews of one definition, one of them for two people, and a third that differs."""
    first, other = (crew("Greet {who}. [[say:Hello.]]") for _ in range(2))
    first.kickoff(inputs={"who": "Ada"})
    first.kickoff(inputs={"who": "Bob"})
    other.kickoff(inputs={"who": "Cleo"})
    return crew("Greet {who} well. [[say:Hello.]]").kickoff(inputs={"who": "Ada"})


def kickoff_async() -> Any:
    """A kickoff in a thread of crewAI's."""
    return asyncio.run(crew("Greet. [[say:Hello.]]").kickoff_async())


def akickoff() -> Any:
    """A kickoff that is a coroutine all the way down."""
    return asyncio.run(method_of(crew("Greet. [[say:Hello.]]"), "akickoff")())


def for_each() -> Any:
    """One run for each of three inputs."""
    return _words(crew("Greet {who}. [[say:Hello.]]").kickoff_for_each(inputs=WHO))


def for_each_async() -> Any:
    """The same, three at once in threads."""
    start = crew("Greet {who}. [[say:Hello.]]").kickoff_for_each_async
    return _words(asyncio.run(start(inputs=WHO)))


def akickoff_for_each() -> Any:
    """The same, three at once on one loop."""
    start = method_of(crew("Greet {who}. [[say:Hello.]]"), "akickoff_for_each")
    return _words(asyncio.run(start(inputs=WHO)))


def two_tasks_at_once() -> Any:
    """A task in a thread of its own, and one that is given its output."""
    agents = [clerk(f"Clerk {number}") for number in (1, 2)]
    first = job("One. [[say:One.]]", agents[0], async_execution=True)
    second = job("Two. [[say:Two.]]", agents[1], context=[first])
    return Crew(name="pair", agents=agents, tasks=[first, second]).kickoff()


def hierarchical() -> Any:
    """A manager that delegates to a clerk."""
    worker = clerk("Worker")
    order = '{"task": "Count. [[say:Three.]]", "context": "none", "coworker": "Worker"}'
    task = job("Manage. [[say:All is done.]]", worker)
    task.agent = None
    task.description = f"Manage. [[call:delegate_work_to_coworker {order}]] [[say:All is done.]]"
    return Crew(
        name="managed", agents=[worker], tasks=[task], process=Process.hierarchical,
        manager_llm=model(),
    ).kickoff()  # fmt: skip


def conditional_skipped() -> Any:
    """A task whose condition does not hold."""
    conditional_task = taken_from("crewai.tasks.conditional_task", "ConditionalTask")
    agent = clerk()
    tasks = [
        job("One. [[say:One.]]", agent),
        conditional_task(
            description="Two. [[say:Two.]]", expected_output="x", agent=agent,
            condition=lambda output: False,
        ),
        job("Three. [[say:Three.]]", agent),
    ]  # fmt: skip
    return Crew(name="conditional", agents=[agent], tasks=tasks).kickoff()


def guardrail_passes_at_last() -> Any:
    """A function that refuses the first output of a task."""
    seen: list[str] = []

    def strict(output):  # type: ignore[no-untyped-def]
        seen.append(output.raw)
        return (True, output.raw) if len(seen) > 1 else (False, "say it again")

    agent = clerk()
    understands(type(job("x", agent)), "guardrail")
    task = job("Greet. [[say:Hello.]]", agent, guardrail=strict)
    return Crew(name="guarded", agents=[agent], tasks=[task]).kickoff()


def guardrail_by_model() -> Any:
    """A sentence that a model judges the output by."""
    llm_guardrail = taken_from("crewai.tasks.llm_guardrail", "LLMGuardrail")
    agent = clerk()
    task = job(
        "Greet. [[say:Hello.]]", agent, guardrail=llm_guardrail("It must greet.", llm=model())
    )
    return Crew(name="judged", agents=[agent], tasks=[task]).kickoff()


class Greeting(BaseModel):
    """What a task answers."""

    words: str


def output_pydantic() -> Any:
    """An answer of a given shape."""
    agent = clerk()
    task = job('Greet. [[say:{"words": "Hello."}]]', agent, output_pydantic=Greeting)
    return Crew(name="shaped", agents=[agent], tasks=[task]).kickoff()


def human_input() -> Any:
    """A person who looks at the output of a task, and is content."""
    agent = clerk()
    task = job("Greet. [[say:Hello.]]", agent, human_input=True)
    with typed("\n\n\n"):
        return Crew(name="asked", agents=[agent], tasks=[task]).kickoff()


def planning() -> Any:
    """A plan before the first task."""
    understands(Crew, "planning", "planning_llm")
    return crew("Greet. [[say:Hello.]]", planning=True, planning_llm=model()).kickoff()


def reasoning() -> Any:
    """An agent that thinks before it works."""
    agent = clerk()
    understands(type(agent), "reasoning")
    agent = clerk(reasoning=True, max_reasoning_attempts=1)
    return Crew(
        name="thinking", agents=[agent], tasks=[job("Greet. [[say:Hello.]]", agent)]
    ).kickoff()


def task_at_once_fails() -> Any:
    """A task in a thread of its own, whose model fails while another works."""
    if "set_exception" not in Task._execute_task_async.__code__.co_names:
        raise Lacking("its thread tells nobody that it failed, and its crew waits for ever")
    agents = [clerk(f"Clerk {number}") for number in (1, 2)]
    first = job("One. [[fail:500:3]] [[say:One.]]", agents[0], async_execution=True)
    second = job("Two. [[sleep:.2]] [[say:Two.]]", agents[1], async_execution=True)
    third = job("Three. [[say:Three.]]", agents[1], context=[first])
    return Crew(name="pair", agents=agents, tasks=[first, second, third]).kickoff()


def in_threads() -> Any:
    """Eight crews at once in threads of the user's."""
    made = [crew(f"Greet {n}. [[say:Hello {n}.]]", name=f"crew {n}") for n in range(8)]
    threads = [threading.Thread(target=each.kickoff) for each in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return "8 at once"


def on_one_loop() -> Any:
    """Eight crews at once on one loop."""
    made = [crew(f"Greet {n}. [[say:Hello {n}.]]", name=f"crew {n}") for n in range(8)]
    starts = [method_of(each, "akickoff") for each in made]

    async def all_of_them() -> list[Any]:
        return list(await asyncio.gather(*(start() for start in starts)))

    return _words(asyncio.run(all_of_them()))


def cancelled() -> Any:
    """A coroutine that is given up before its end."""
    start = method_of(crew("Wait. [[sleep:6]] [[say:Too late.]]"), "akickoff")

    async def impatient() -> Any:
        return await asyncio.wait_for(start(), 2)

    return asyncio.run(impatient())


def inside_a_span() -> Any:
    """A crew inside a request of the user's."""
    with telltale.start_span("request", span_type="CHAIN"):
        telltale.update_current_trace(session_id="s-1", user="ada", tags={"env": "test"})
        return crew("Greet. [[say:Hello.]]").kickoff()


def train() -> Any:
    """A round of training, with a person's word."""
    with typed("good\n" * 9):
        crew("Greet. [[say:Hello.]]").train(
            n_iterations=1, filename="trained.pkl", inputs={"topic": "none"}
        )
    return "trained"


def test() -> Any:
    """crewAI's own test, with a model that gives marks."""
    made = crew("Greet. [[say:Hello.]]")
    try:
        made.test(n_iterations=1, eval_llm=model(), inputs={"topic": "none"})
    except TypeError as error:
        raise Lacking(str(error)) from error
    return "tested"


def replay() -> Any:
    """The last kickoff again, from a task on."""
    same = crew("Greet. [[say:Hello.]]")
    same.kickoff()
    return same.replay(task_id=str(same.tasks[0].id))


def _words(answers: list[Any]) -> list[str]:
    return [str(answer) for answer in answers]


VARIANTS = (
    hello, twice, defined, kickoff_async, akickoff, for_each, for_each_async, akickoff_for_each,
    two_tasks_at_once, task_at_once_fails, hierarchical, conditional_skipped,
    guardrail_passes_at_last, guardrail_by_model, output_pydantic, human_input, planning, reasoning,
    in_threads, on_one_loop, cancelled, inside_a_span, train, test, replay,
)  # fmt: skip
