"""Models of the user's own class: their secrets, and calls that crewAI itself refuses."""

import pytest

from matrix import ROOT
from matrix.recorded import run_program
from telltale.demo.scripted_llm import ScriptedLLM

pytestmark = pytest.mark.crew

PROGRAM = """
import telltale
telltale.crewai.autolog()
from crewai import Agent, Crew, Task
from crewai.llms.base_llm import BaseLLM

class Parrot(BaseLLM):
    def call(self, messages, *args, **kwargs):
        return f"Thought: I now can give a great answer\\nFinal Answer: it is {self.api_key}"
    def supports_function_calling(self):
        return False

agent = Agent(role="Clerk", goal="g", backstory="b",
              llm=Parrot(model="parrot", api_key="parrots-own-key-0123456789"))
crew = Crew(agents=[agent], tasks=[Task(description="d", expected_output="e", agent=agent)])
crew.kickoff()
try:
    crew.kickoff_for_each(nothing=1)
except TypeError as error:
    print(error)
"""


COUNTING = """
import telltale
telltale.crewai.autolog()
from crewai import Agent, Crew, Task
from crewai.llms.base_llm import BaseLLM

class Counting(BaseLLM):
    def call(self, messages, *args, **kwargs):
        for used in (11, 22):
            self._track_token_usage_internal({"prompt_tokens": used, "completion_tokens": 3})
        return "Thought: I now can give a great answer\\nFinal Answer: done"
    def supports_function_calling(self):
        return False

agent = Agent(role="Clerk", goal="g", backstory="b", llm=Counting(model="counting"))
Crew(agents=[agent], tasks=[Task(description="d", expected_output="e", agent=agent)]).kickoff()
"""


def test_what_it_says_that_it_used_is_what_its_span_says(tmp_path):
    with ScriptedLLM(port=0) as llm:
        ran = run_program(["-c", COUNTING], tmp_path / "ran", llm)

    (call,) = [span for span in ran.spans if span.attributes["telltale.kind"] == "llm"]
    assert call.attributes["gen_ai.usage.input_tokens"] == 33
    assert call.attributes["gen_ai.usage.output_tokens"] == 6


def test_its_key_is_in_no_span_and_a_wrong_call_is_refused_by_crewai_itself(tmp_path):
    with ScriptedLLM(port=0) as llm:
        ran = run_program(["-c", PROGRAM], tmp_path / "ran", llm)

    assert ran.returncode == 0, ran.stderr
    (call,) = [span for span in ran.spans if span.attributes["telltale.kind"] == "llm"]
    assert call.attributes["gen_ai.request.model"] == "parrot"
    journal = b"".join(path.read_bytes() for path in (ran.home / ".telltale").rglob("*.0*"))
    assert b"Final Answer" in journal
    assert b"parrots-own-key" not in journal
    assert "kickoff_for_each() got an unexpected keyword argument 'nothing'" in ran.stdout


BORN_LATE = """
import asyncio
import telltale
telltale.crewai.autolog()
from crewai.llms.base_llm import BaseLLM
from crewai.tools import tool
from matrix.variants.parts import crew

class Mixin:
    names = []
    def __init_subclass__(cls, suffix="", **kwargs):
        super().__init_subclass__(**kwargs)
        Mixin.names.append(cls.__name__ + suffix)

kept = {}

@tool("ask")
def ask() -> str:
    'Asks a model that nobody knew of.'
    class Parrot(BaseLLM, Mixin, suffix="!"):
        def call(self, messages, *args, **kwargs):
            return "so it is"
        async def acall(self, messages, *args, **kwargs):
            return "so it will be"
    kept["Parrot"] = Parrot
    parrot = Parrot(model="parrot")
    asyncio.run(parrot.acall("and then?"))
    return parrot.call([{"role": "user", "content": "is it?"}])

crew("Use it. [[call:ask {}]] [[say:Done.]]", tools=(ask,)).kickoff()
print("subclasses:", Mixin.names)
telltale.crewai.autolog(disable=True)
print("own again:", not kept["Parrot"].call.__code__.co_filename.endswith("patching.py"))
"""


def test_a_class_that_is_defined_in_mid_run_is_watched_and_its_other_parents_hear_of_it(tmp_path):
    with ScriptedLLM(port=0) as llm:
        ran = run_program(
            ["-c", BORN_LATE], tmp_path / "ran", llm, PYTHONPATH=f"{ROOT / 'src'}:{ROOT}"
        )

    assert ran.returncode == 0, ran.stderr
    assert "subclasses: ['Parrot!']" in ran.stdout
    assert "own again: True" in ran.stdout
    (tree,) = ran.traces()
    (tool,) = tree.of_kind("tool")
    calls = tree.children(tool)
    assert [call.attributes["gen_ai.request.model"] for call in calls] == ["parrot"] * 2
    assert "so it will be" in calls[0].attributes["gen_ai.output.messages"]
