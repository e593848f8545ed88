"""Crews in whose midst autolog is switched off; a line of JSON tells what each has answered.

Each stands in an experiment of its own name.
"""

import json
import os
import threading
from collections.abc import Callable
from typing import Any

import telltale

telltale.crewai.autolog()

from crewai import Crew  # noqa: E402  as most people do
from crewai.flow.flow import Flow, start  # noqa: E402
from crewai.tools import tool  # noqa: E402

from matrix.variants.parts import clerk, crew, job  # noqa: E402


def switch_off() -> None:
    """As a program may at any time."""
    telltale.crewai.autolog(disable=True)


@tool("switch")
def switch() -> str:
    """Switches off."""
    switch_off()
    with telltale.start_span("the user's own"):
        return "off"


@tool("switch twice")
def switch_twice() -> str:
    """Switches off, and on again."""
    switch_off()
    telltale.crewai.autolog()
    return "on"


CALL = "[[call:switch {}]] [[say:Done.]]"


def in_a_tool() -> Any:
    """By what an agent uses."""
    return crew(f"Use it. {CALL}", tools=(switch,)).kickoff()


def in_one_of_a_batch() -> Any:
    """Around which there is a span of a function, not of an event."""
    made = crew(f"Use it for {{who}}. {CALL}", tools=(switch,))
    return made.kickoff_for_each(inputs=[{"who": "Ada"}, {"who": "Bob"}])


def beside_another_task() -> Any:
    """While a task works in a thread of its own."""
    agents = clerk("Clerk 1"), clerk("Clerk 2", tools=[switch])
    first = job("One. [[sleep:1]] [[say:One.]]", agents[0], async_execution=True)
    second = job(f"Two. {CALL}", agents[1], async_execution=True)
    third = job("Three. [[say:Three.]]", agents[1], context=[first, second])
    return Crew(name="pair", agents=list(agents), tasks=[first, second, third]).kickoff()


def from_another_thread() -> Any:
    """While the model is thinking."""
    timer = threading.Timer(0.5, switch_off)
    timer.start()
    answer = crew("Think. [[sleep:1.5]] [[say:Done.]]").kickoff()
    timer.join()
    return answer


class Following(Flow):
    """One step, with a crew in it."""

    @start()
    def work(self) -> str:
        """A method."""
        return str(crew(f"Use it. {CALL}", tools=(switch,)).kickoff())


def in_a_flow() -> Any:
    """Deep inside."""
    return Following().kickoff()


def in_a_span_of_the_users() -> Any:
    """Which is not ours to end."""
    with telltale.start_span("request"):
        return crew(f"Use it. {CALL}", tools=(switch,)).kickoff()


def on_again() -> Any:
    """At once."""
    call = "[[call:switch_twice {}]] [[say:Done.]]"
    return crew(f"Use it. {call}", tools=(switch_twice,)).kickoff()


def before_a_callback_fails() -> Any:
    """The exception is the user's, and no longer seen."""

    def fail(_: Any) -> Any:
        raise RuntimeError("the user's own")

    made = crew(f"Use it. {CALL}", tools=(switch,))
    made.after_kickoff_callbacks = [fail]
    return made.kickoff()


WAYS: tuple[Callable[[], Any], ...] = (
    in_a_tool, in_one_of_a_batch, beside_another_task, from_another_thread, in_a_flow,
    in_a_span_of_the_users, on_again, before_a_callback_fails,
)  # fmt: skip


def main() -> None:
    """All ways, and after each a crew that is watched from its beginning to its end."""
    for way in WAYS:
        telltale.crewai.autolog()
        telltale.set_experiment(way.__name__)
        try:
            answer = way()
            told = [str(one) for one in answer] if isinstance(answer, list) else str(answer)
        except RuntimeError as error:
            told = f"{error!r}"
        os.write(1, f"\n{json.dumps({'name': way.__name__, 'told': told})}\n".encode())
        telltale.crewai.autolog()
        telltale.set_experiment(f"after {way.__name__}")
        crew("Greet. [[say:Hello.]]").kickoff()


if __name__ == "__main__":
    main()
