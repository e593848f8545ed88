"""A run may use so much and no more, and its trace says what ended it."""

import pytest

import telltale
from matrix.recorded import run_program
from telltale.demo.scripted_llm import ScriptedLLM
from telltale.nouns.errors import BadInput

PROGRAM = """
import telltale
telltale.crewai.autolog({bounds})
from crewai import LLM, Agent, Crew, Task
from crewai.tools import tool

@tool
def again(text: str) -> str:
    "Do it again."
    return "once more"

agent = Agent(role="Clerk", goal="g", backstory="b", tools=[again], llm=LLM(model="gpt-4.1-mini"))
script = "Go on. " + '[[call:again {{"text": "x"}}]]' * 4 + " [[say:Enough.]]"
crew = Crew(agents=[agent], tasks=[Task(description=script, expected_output="e", agent=agent)])
for _ in range({runs}):
    try:
        print(crew.kickoff())
    except telltale.crewai.BudgetExceeded as error:
        print("ended:", error)
"""


@pytest.fixture
def run(tmp_path):
    def run_within(bounds, runs=1):
        program = PROGRAM.format(bounds=bounds, runs=runs)
        with ScriptedLLM(port=0) as llm:
            ran = run_program(["-c", program], tmp_path / "ran", llm)
            calls = [call for call in llm.calls if call.kind == "chat"]
        assert ran.returncode == 0, ran.stderr
        return ran, len(calls)

    return run_within


@pytest.mark.crew
def test_a_runaway_crew_is_ended_before_the_call_that_is_one_too_many(run):
    ran, calls = run("max_llm_calls=3")

    assert calls == 3
    assert "ended: max_llm_calls=3: this run has made that many" in ran.stdout
    (tree,) = ran.traces()
    assert tree.root.attributes["telltale.kind"] == "crew"
    assert tree.root.attributes["error.type"] == "BudgetExceeded"
    assert "max_llm_calls=3" in tree.root.status_message
    assert not ran.left_open


@pytest.mark.crew
def test_what_a_run_has_cost_is_added_up_as_its_trace_does(run):
    ran, calls = run("max_cost_usd=0.0001")

    assert 1 < calls < 5
    assert "ended: max_cost_usd=0.0001: this run has cost 0.000" in ran.stdout


@pytest.mark.crew
def test_each_run_has_the_whole_budget(run):
    ran, calls = run("max_llm_calls=2", runs=2)

    assert calls == 4
    assert len(ran.traces()) == 2


@pytest.mark.crew
def test_a_run_within_its_budget_is_as_without(run):
    ran, calls = run("max_llm_calls=99, max_cost_usd=1")

    assert calls == 5
    assert "Enough." in ran.stdout


@pytest.mark.parametrize(
    "bounds",
    [
        {"max_llm_calls": 0},
        {"max_llm_calls": True},
        {"max_llm_calls": 2.5},
        {"max_cost_usd": 0},
        {"max_cost_usd": -1},
        {"max_cost_usd": "much"},
        {"max_cost_usd": float("nan")},
        {"max_cost_usd": float("inf")},
    ],
)
def test_a_bound_that_is_none_is_refused(bounds):
    ((name, value),) = bounds.items()
    with pytest.raises(BadInput, match=rf"{name}={value!r}: expected"):
        telltale.crewai.autolog(**bounds)


BY_A_TOOL = """
import telltale
telltale.crewai.autolog({bounds})
from crewai import LLM, Agent, Crew, Task
from crewai.tools import tool
from openai import OpenAI

@tool
def ponder(text: str) -> str:
    "Ask a model many times."
    said = [{{"role": "user", "content": "Well? [[say:Hm.]]"}}]
    for _ in range(9):
        OpenAI().chat.completions.create(model="gpt-4.1-mini", messages=said)
    return "nothing"

agent = Agent(role="Clerk", goal="g", backstory="b", tools=[ponder], llm=LLM(model="gpt-4.1-mini"))
script = 'Think. [[call:ponder {{"text": "x"}}]] [[say:Enough.]]'
crew = Crew(agents=[agent], tasks=[Task(description=script, expected_output="e", agent=agent)])
try:
    print(crew.kickoff())
except telltale.crewai.BudgetExceeded as error:
    print("ended:", error)
"""


@pytest.mark.crew
@pytest.mark.parametrize(("bounds", "most"), [("max_llm_calls=3", 3), ("max_cost_usd=0.00006", 8)])
def test_what_a_tool_asks_of_a_model_counts(tmp_path, bounds, most):
    with ScriptedLLM(port=0) as llm:
        ran = run_program(["-c", BY_A_TOOL.format(bounds=bounds)], tmp_path / "ran", llm)
        calls = [call for call in llm.calls if call.kind == "chat"]

    assert ran.returncode == 0, ran.stderr
    assert 1 < len(calls) <= most
    assert f"ended: {bounds.partition('=')[0]}" in ran.stdout
    (tree,) = ran.traces()
    assert tree.root.attributes["error.type"] == "BudgetExceeded"
    assert not ran.left_open


OF_ONES_OWN = """
import telltale
telltale.crewai.autolog({bounds})
from crewai import LLM, Agent, Crew, Task
from crewai.llms.base_llm import BaseLLM
from crewai.llms.providers.openai.completion import OpenAICompletion

class Mine(OpenAICompletion):
    def call(self, *args, **kwargs):
        return super().call(*args, **kwargs)

class Twice(BaseLLM):
    def call(self, messages, *args, **kwargs):
        LLM(model="gpt-4.1-mini").call("Draft. [[say:Helo.]]")
        return LLM(model="gpt-4.1-mini").call(
            "Correct. [[say:Thought: I now can give a great answer\\nFinal Answer: Hello.]]")
    def supports_function_calling(self):
        return False

agent = Agent(role="Clerk", goal="g", backstory="b", llm={llm}(model="gpt-4.1-mini"))
task = Task(description="Greet. [[say:Hello.]]", expected_output="e", agent=agent)
print(Crew(agents=[agent], tasks=[task]).kickoff())
"""


@pytest.mark.crew
@pytest.mark.parametrize(("llm", "calls"), [("Mine", 1), ("Twice", 2), ("LLM", 1)])
def test_a_call_is_counted_once_whoever_hands_it_on(tmp_path, llm, calls):
    enough = OF_ONES_OWN.format(bounds=f"max_llm_calls={calls}", llm=llm)
    with ScriptedLLM(port=0) as server:
        ran = run_program(["-c", enough], tmp_path / "enough", server)
    assert (ran.returncode, len(ran.calls)) == (0, calls), ran.stderr
    if calls == 1:
        return
    less = OF_ONES_OWN.format(bounds=f"max_llm_calls={calls - 1}", llm=llm)
    with ScriptedLLM(port=0) as server:
        ran = run_program(["-c", less], tmp_path / "less", server)
    assert "BudgetExceeded" in ran.stderr
    assert len(ran.calls) == calls - 1


REMEMBERING = """
import telltale
telltale.crewai.autolog(max_cost_usd=0.00000001)
from crewai import LLM
from crewai.flow.flow import Flow, start
from crewai.memory.unified_memory import Memory

class Errand(Flow):
    @start()
    def go(self):
        Memory().recall("harbour", depth="shallow")
        return LLM(model="gpt-4.1-mini").call("Well? [[say:Hm.]]")

Errand().kickoff()
"""


@pytest.mark.crew
def test_what_vectors_cost_counts(tmp_path):
    with ScriptedLLM(port=0) as llm:
        ran = run_program(["-c", REMEMBERING], tmp_path / "ran", llm)

    assert {call.kind for call in ran.calls} == {"embedding"}
    assert "max_cost_usd" in ran.stderr
