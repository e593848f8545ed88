"""Runs that stop half-way, on purpose or not, and go on later."""

import asyncio
import contextlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from crewai import Agent, Crew
from crewai.flow.flow import Flow, listen, start
from crewai.tools import BaseTool

from matrix.variants.parts import Lacking, clerk, crew, job, method_of, taken_from, typed

_ADDS = 'Add. [[call:careful {"a": 2, "b": 3}]] [[say:It is 5.]]'


class Letters(Flow):
    """Writes, and asks a model to read; that fails as often as the client tries."""

    @start()
    def write(self) -> str:
        """The method that comes to its end."""
        return "A line."

    @listen(write)
    def read(self, line: str) -> Any:
        """The one that does not, the first time."""
        return crew(f"Read {line} [[fail:500:3]] [[say:Read.]]").kickoff().raw


def crew_resumes() -> Any:
    """A crew that failed in its second task, and goes on behind the first."""
    config = taken_from("crewai.state.checkpoint_config", "CheckpointConfig")
    with tempfile.TemporaryDirectory() as folder:
        kept = _left_half_way(folder, "first")
        return Crew.from_checkpoint(config(location=folder, restore_from=kept)).kickoff()


def crew_resumes_in_kickoff() -> Any:
    """The same by a word to `kickoff`."""
    config = taken_from("crewai.state.checkpoint_config", "CheckpointConfig")
    with tempfile.TemporaryDirectory() as folder:
        kept = _left_half_way(folder, "second")
        return _two_tasks(folder, "second").kickoff(
            from_checkpoint=config(location=folder, restore_from=kept)
        )


class Careful(BaseTool):
    """A tool that has the run kept, and then the power is cut; the second time it only adds."""

    name: str = "careful"
    description: str = "Add two numbers."
    kept: ClassVar[str] = ""
    cut_in: ClassVar[str] = ""
    """The folder to keep it in, as long as there is power."""

    def _run(self, a: int, b: int) -> str:
        folder, Careful.cut_in = Careful.cut_in, ""
        if folder:
            bus = taken_from("crewai.events", "crewai_event_bus")
            bus.flush()
            Careful.kept = bus.runtime_state.checkpoint(folder)
            raise KeyboardInterrupt
        return str(a + b)


def crew_resumes_in_a_task() -> Any:
    """A crew whose second task was half done, and is begun again."""
    config = taken_from("crewai.state.checkpoint_config", "CheckpointConfig")
    with tempfile.TemporaryDirectory() as folder:
        return Crew.from_checkpoint(
            config(location=folder, restore_from=_cut_in_a_task(folder))
        ).kickoff()


def crew_goes_on_in_a_task() -> Any:
    """The same, and its agent remembers what was said: as in 1.14.3."""
    config = taken_from("crewai.state.checkpoint_config", "CheckpointConfig")
    with tempfile.TemporaryDirectory() as folder:
        restored = Crew.from_checkpoint(
            config(location=folder, restore_from=_cut_in_a_task(folder))
        )
        agent = restored.tasks[1].agent
        agent.create_agent_executor(task=restored.tasks[1])
        if not hasattr(agent.agent_executor, "_resuming"):
            raise Lacking("no agent of a crew goes on")
        agent.agent_executor._resuming = True
        return restored.kickoff()


def lone_agent_resumes() -> Any:
    """An agent without a crew, half-way through what it was asked."""
    config = taken_from("crewai.state.checkpoint_config", "CheckpointConfig")
    method_of(Agent, "from_checkpoint")
    with tempfile.TemporaryDirectory() as folder:
        agent = clerk(tools=[Careful()], checkpoint=config(location=folder))
        kept = _cut(lambda: agent.kickoff(_ADDS), folder)
        return Agent.from_checkpoint(config(location=folder, restore_from=kept)).kickoff(_ADDS).raw


def lone_agent_resumes_async() -> Any:
    """The same by a word to a kickoff that is awaited."""
    config = taken_from("crewai.state.checkpoint_config", "CheckpointConfig")
    method_of(Agent, "from_checkpoint")
    with tempfile.TemporaryDirectory() as folder:
        agent = clerk(tools=[Careful()], checkpoint=config(location=folder))
        kept = _cut(lambda: asyncio.run(agent.kickoff_async(_ADDS)), folder)
        again = config(location=folder, restore_from=kept)
        return asyncio.run(clerk().kickoff_async(_ADDS, from_checkpoint=again)).raw


def flow_resumes() -> Any:
    """A flow whose second method failed, and goes on with it."""
    config = taken_from("crewai.state.checkpoint_config", "CheckpointConfig")
    with tempfile.TemporaryDirectory() as folder:
        kept = config(location=folder, on_events=["method_execution_finished"])
        restored = config(location=folder, restore_from=_left(Letters(checkpoint=kept), folder))
        return Letters.from_checkpoint(restored).kickoff()


def flow_asks_a_person() -> Any:
    """A method whose output a person looks at, and a model that understands what was said."""
    human_feedback = taken_from("crewai.flow.human_feedback", "human_feedback")

    class Reviewed(Flow):
        @start()
        @human_feedback(message="Is it well?", emit=["yes", "no"], llm="gpt-4o-mini")
        def write(self) -> str:
            return "A line."

        @listen("yes")
        def publish(self) -> str:
            return "published"

    with typed("It is. [[say:yes]]\n"):
        return Reviewed().kickoff()


def flow_asks_by_the_users_own() -> Any:
    """A provider of the user's that waits where it stands."""

    class Quick:
        def request_feedback(self, context: Any, flow: Any) -> str:
            return "Well done."

    return _reviewed_by(Quick())


def flow_awaits_the_users_own() -> Any:
    """One that is a coroutine."""

    class Patient:
        async def request_feedback(self, context: Any, flow: Any) -> str:
            await asyncio.sleep(0.1)
            return "Well done."

    return _reviewed_by(Patient())


def _reviewed_by(provider: Any) -> Any:
    human_feedback = taken_from("crewai.flow.human_feedback", "human_feedback")

    class Reviewed(Flow):
        @start()
        @human_feedback(message="Is it well?", provider=provider)
        async def write(self) -> str:
            return "A line."

    ended = Reviewed().kickoff()
    return getattr(ended, "feedback", ended)


def flow_pauses() -> Any:
    """A person who is asked elsewhere, and answers when the flow has long been put away."""
    human_feedback, pending = (
        taken_from("crewai.flow.human_feedback", "human_feedback"),
        taken_from("crewai.flow.async_feedback", "HumanFeedbackPending"),
    )

    class Letter:
        def request_feedback(self, context: Any, flow: Any) -> str:
            raise pending(context=context)

    class Waiting(Flow):
        @start()
        @human_feedback(message="Is it well?", provider=Letter())
        def write(self) -> str:
            return "A line."

        @listen(write)
        def publish(self) -> str:
            return "published"

    paused = Waiting().kickoff()
    ended = Waiting.from_pending(paused.context.flow_id).resume("It is.")
    # Older versions answer with the feedback, and the time at which it came.
    return getattr(ended, "feedback", ended)


def _two_tasks(folder: str, which: str) -> Crew:
    config = taken_from("crewai.state.checkpoint_config", "CheckpointConfig")
    agent = clerk()
    tasks = [
        job("One. [[say:One.]]", agent),
        # As often as the client tries, which is counted by the words.
        job(f"Two, the {which} time. [[fail:500:3]] [[say:Two.]]", agent),
    ]
    return Crew(name="kept", agents=[agent], tasks=tasks, checkpoint=config(location=folder))


def _cut_in_a_task(folder: str) -> str:
    config = taken_from("crewai.state.checkpoint_config", "CheckpointConfig")
    agent = clerk(tools=[Careful()])
    tasks = [job("One. [[say:One.]]", agent), job(_ADDS, agent)]
    made = Crew(name="kept", agents=[agent], tasks=tasks, checkpoint=config(location=folder))
    return _cut(made.kickoff, folder)


def _cut(kickoff: Callable[[], object], folder: str) -> str:
    """Where a run was kept in whose midst the power was cut."""
    Careful.cut_in = folder
    with contextlib.suppress(KeyboardInterrupt):
        kickoff()
        raise AssertionError("it was not interrupted")
    return Careful.kept


def _left_half_way(folder: str, which: str) -> str:
    return _left(_two_tasks(folder, which), folder)


def _left(run: Any, folder: str) -> str:
    """Where crewAI has kept a run that failed on its way."""
    try:
        run.kickoff()
    except Exception:  # noqa: BLE001  another with each version
        # It is written by a handler, in a thread of the bus's.
        taken_from("crewai.events", "crewai_event_bus").flush()
        (kept,) = Path(folder).rglob("*.json")
        return str(kept)
    raise AssertionError("it did not fail")


VARIANTS = (
    crew_resumes, crew_resumes_in_kickoff, crew_resumes_in_a_task, crew_goes_on_in_a_task,
    lone_agent_resumes, lone_agent_resumes_async, flow_resumes, flow_asks_a_person,
    flow_asks_by_the_users_own, flow_awaits_the_users_own, flow_pauses,
)  # fmt: skip
