"""Functions and objects of the user's that a crew calls: they fail, trace, and start crews too."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

from crewai import Crew

import telltale
from matrix.variants.parts import (
    Lacking,
    clerk,
    crew,
    job,
    method_of,
    model,
    taken_from,
    understands,
)


def callbacks() -> Any:
    """Functions of the user's after each step and each task."""
    seen: list[Any] = []
    answer = crew(
        "Greet. [[say:Hello.]]", step_callback=seen.append, task_callback=seen.append
    ).kickoff()
    return f"{answer} {bool(seen)}"


def callback_fails() -> Any:
    """One that raises."""

    def broken(_: Any) -> None:
        raise LookupError("no place for it")

    return crew("Greet. [[say:Hello.]]", task_callback=broken).kickoff()


def callback_before_fails() -> Any:
    """One that is called before the kickoff."""
    return _called_around(before_kickoff_callbacks=[_broken])


def callback_after_fails() -> Any:
    """One that is called behind it, when all tasks are done."""
    return _called_around(after_kickoff_callbacks=[_broken])


def callback_of_a_step_fails() -> Any:
    """One that is called for each step of an agent."""
    return _called_around(step_callback=_broken)


def callbacks_work() -> Any:
    """Each traces something of its own, and has another crew do something."""

    def called(given: Any) -> Any:
        with telltale.start_span("mine"):
            crew("Help. [[say:Helped.]]", name="helper").kickoff()
        return given

    return _called_around(
        before_kickoff_callbacks=[called], after_kickoff_callbacks=[called],
        step_callback=called, task_callback=called,
    )  # fmt: skip


def _broken(_: Any) -> None:
    raise LookupError("no place for it")


def _called_around(**functions: Any) -> Any:
    made = crew("Greet {who}. [[say:Hello.]]")
    understands(Crew, *functions)
    made = crew("Greet {who}. [[say:Hello.]]", **functions)
    return made.kickoff(inputs={"who": "Ada"})


def guardrail_asks() -> Any:
    """A function that has a crew look at a task's output, and a model besides."""

    def careful(output: Any):  # type: ignore[no-untyped-def]
        crew("Look. [[say:Fine.]]", name="lookers").kickoff()
        return (True, model().call("Is it? [[say:It is.]]"))

    agent = clerk()
    understands(type(job("x", agent)), "guardrail")
    task = job("Greet. [[say:Hello.]]", agent, guardrail=careful)
    return Crew(name="guarded", agents=[agent], tasks=[task]).kickoff()


def guardrail_raises() -> Any:
    """One that is broken itself, which crewAI tells of as if it had refused."""
    agent = clerk()
    understands(type(job("x", agent)), "guardrail", "guardrail_max_retries")

    def broken(output: Any):  # type: ignore[no-untyped-def]
        raise LookupError("the rules are lost")

    task = job("Greet. [[say:Hello.]]", agent, guardrail=broken, guardrail_max_retries=0)
    return Crew(agents=[agent], tasks=[task]).kickoff()


def guardrail_refuses() -> Any:
    """One that is never content."""
    agent = clerk()
    task = job("x", agent)
    understands(type(task), "guardrail")
    tries = (
        "guardrail_max_retries"
        if "guardrail_max_retries" in type(task).model_fields
        else "max_retries"
    )
    never = {"guardrail": lambda output: (False, "no"), tries: 1}
    return Crew(agents=[agent], tasks=[job("Greet. [[say:Hello.]]", agent, **never)]).kickoff()


def person_is_asked_by_the_users_own() -> Any:
    """A provider of the user's, whose person wants it again, and is then content."""
    with _reviewed() as asked:
        return asked().kickoff()


def person_is_awaited_by_the_users_own() -> Any:
    """The same by coroutines."""
    with _reviewed() as asked:
        return asyncio.run(method_of(asked(), "akickoff")())


@contextlib.contextmanager
def _reviewed() -> Iterator[Callable[[], Crew]]:
    set_provider, reset_provider, base = taken_from(
        "crewai.core.providers.human_input",
        "set_provider", "reset_provider", "SyncHumanInputProvider",
    )  # fmt: skip

    executor = getattr(clerk(), "executor_class", None)
    if executor is not None and not hasattr(executor, "_invoke_loop"):
        raise Lacking("its agents have not what a provider is promised: to work again")

    class Reviewer(base):  # type: ignore[misc]
        def handle_feedback(self, formatted_answer: Any, context: Any) -> Any:
            time.sleep(0.1)
            context.messages.append(context._format_feedback_message("Louder. [[say:HELLO.]]"))
            answer = context._invoke_loop()
            time.sleep(0.1)
            context.ask_for_human_input = False
            return answer

        async def handle_feedback_async(self, formatted_answer: Any, context: Any) -> Any:
            await asyncio.sleep(0.1)
            context.messages.append(context._format_feedback_message("Louder. [[say:HELLO.]]"))
            answer = await context._ainvoke_loop()
            await asyncio.sleep(0.1)
            context.ask_for_human_input = False
            return answer

    def asked() -> Crew:
        agent = clerk()
        return Crew(agents=[agent], tasks=[job("Greet. [[say:Hello.]]", agent, human_input=True)])

    token = set_provider(Reviewer())
    try:
        yield asked
    finally:
        reset_provider(token)


VARIANTS = (
    callbacks, callback_fails, callback_before_fails, callback_after_fails,
    callback_of_a_step_fails, callbacks_work, guardrail_asks, guardrail_raises, guardrail_refuses,
    person_is_asked_by_the_users_own, person_is_awaited_by_the_users_own,
)  # fmt: skip
