"""What a model can do to a crew, and other roads to one."""

from typing import Any

from crewai import LLM, Crew
from pydantic import BaseModel

import telltale
from matrix.variants.parts import (
    MODEL,
    clerk,
    crew,
    job,
    model,
    streams,
    taken_from,
)
from matrix.variants.tools import add


class Form(BaseModel):
    """What is to be filled in."""

    words: str


def model_fails() -> Any:
    """Nothing but errors."""
    return crew("Fail. [[fail:500:99]]").kickoff()


def model_is_busy_once() -> Any:
    """One answer of 429; the client tries again by itself."""
    return crew("Wait. [[fail:429:1]] [[say:Done.]]").kickoff()


def model_is_busy_for_long() -> Any:
    """More of them than the client's patience: crewAI's own retry comes to bear."""
    agent = clerk(max_retry_limit=2)
    task = job("Wait. [[fail:429:4]] [[say:Done.]]", agent)
    return Crew(name="patient", agents=[agent], tasks=[task]).kickoff()


def streamed() -> Any:
    """A model whose words come one after another."""
    streams()
    agent = clerk(llm=LLM(model=MODEL, stream=True))
    task = job("Stream. [[say:One word after another.]]", agent)
    return Crew(name="streamed", agents=[agent], tasks=[task]).kickoff()


def steps_run_out() -> Any:
    """A model that calls a tool for ever."""
    tool = taken_from("crewai.tools", "tool")

    @tool
    def again(text: str) -> str:
        """Do it again."""
        return "once more"

    script = "Go on. " + '[[call:again {"text": "x"}]]' * 9 + " [[say:Enough.]]"
    agent = clerk(tools=[again], max_iter=2)
    return Crew(name="endless", agents=[agent], tasks=[job(script, agent)]).kickoff()


def hook_aborts() -> Any:
    """A hook of the user's that stops the run before a call."""
    hook_aborted = taken_from("crewai.hooks", "HookAborted")
    register, clear = taken_from(
        "crewai.hooks", "register_before_llm_call_hook", "clear_before_llm_call_hooks"
    )

    def stop(_: Any) -> None:
        raise hook_aborted("too dear")

    register(stop)
    try:
        return crew("Greet. [[say:Hello.]]").kickoff()
    finally:
        clear()


def two_models() -> Any:
    """A tool that is chosen by another model than the agent's."""
    agent = clerk(function_calling_llm=model())
    return Crew(name="two", agents=[agent], tasks=[job("Greet. [[say:Hello.]]", agent)]).kickoff()


def time_runs_out() -> Any:
    """An agent that takes longer than it may; its call goes on to its end all the same."""
    agent = clerk(max_execution_time=1)
    task = job("Wait. [[sleep:1.5]] [[say:Too late.]]", agent)
    return Crew(name="late", agents=[agent], tasks=[task]).kickoff()


def form_is_filled_in() -> Any:
    """Words that are no form: crewAI has a library ask the model for one, past its own class."""
    agent = clerk(tools=[add])
    task = job("Greet. [[say:Hello.]]", agent, output_json=Form)
    return Crew(name="forms", agents=[agent], tasks=[task]).kickoff()


def form_by_litellm() -> Any:
    """A form that LiteLLM is asked for, by the same library."""
    taken_from("litellm", "completion")
    llm = LLM(model=f"openai/{MODEL}", is_litellm=True)
    with telltale.start_span("form"):
        return llm.call("Greet. [[say:Hello.]]", response_model=Form)


def functions_are_given() -> Any:
    """A call that runs the tool that the model asks for by itself."""
    schema = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}}
    offered = {"name": "add", "description": "Add two numbers.", "parameters": schema}
    with telltale.start_span("call"):
        return model().call(
            'Add. [[call:add {"a": 2, "b": 3}]]',
            tools=[{"type": "function", "function": offered}],
            available_functions={"add": lambda a, b: str(a + b)},
        )


VARIANTS = (
    model_fails, model_is_busy_once, model_is_busy_for_long, streamed, steps_run_out,
    hook_aborts, two_models, time_runs_out, form_is_filled_in, form_by_litellm,
    functions_are_given,
)  # fmt: skip
