"""Runs that stop half-way, on purpose or not, and go on later."""

import io
import sys
import tempfile
from pathlib import Path
from typing import Any

from crewai import Crew
from crewai.flow.flow import Flow, listen, start

from matrix.variants.parts import clerk, crew, job, taken_from


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

    stdin, sys.stdin = sys.stdin, io.StringIO("It is. [[say:yes]]\n")
    try:
        return Reviewed().kickoff()
    finally:
        sys.stdin = stdin


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
    crew_resumes, crew_resumes_in_kickoff, flow_resumes, flow_asks_a_person, flow_pauses,
)  # fmt: skip
