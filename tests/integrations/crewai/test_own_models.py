"""Models of the user's own class: their secrets, and calls that crewAI itself refuses."""

import pytest

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
