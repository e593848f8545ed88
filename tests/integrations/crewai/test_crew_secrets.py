"""Keys that a crew comes across, said aloud by everything that can say them, are not written."""

import pytest

from matrix.recorded import Recorded, run_program
from telltale.demo.scripted_llm import ScriptedLLM

pytestmark = pytest.mark.crew

IN_CODE = "given-in-code-0123456789abcdef"
IN_ENVIRONMENT = "given-in-environment-0123456789"
IN_A_HEADER = "given-in-a-header-0123456789"
OF_KNOWN_FORM = "sk-proj-A1b2C3d4E5f6G7h8I9j0"
PROGRAM = f"""
import os
import telltale

telltale.crewai.autolog()
from crewai import LLM, Agent, Crew, Task
from crewai.tools import tool

SECRETS = "{IN_CODE} " + os.environ["SERVICE_TOKEN"] + " {OF_KNOWN_FORM} {IN_A_HEADER}"

@tool
def leak(text: str) -> str:
    "Says what it should not."
    return "the keys are " + SECRETS

@tool
def fail(text: str) -> str:
    "Fails with what it should not."
    raise ValueError("refused: " + SECRETS)

llm = LLM(
    model="gpt-4.1-mini", api_key="{IN_CODE}", default_headers={{"X-Custom": "{IN_A_HEADER}"}}
)
agent = Agent(role="Clerk", goal="Work", backstory=SECRETS, llm=llm, tools=[leak, fail])
script = "Use " + SECRETS + ' [[call:leak {{"text": "a"}}]] [[call:fail {{"text": "b"}}]]'
task = Task(description=script + "[[say:Done.]]", expected_output="A line", agent=agent)
llm.call("Learn the key.")
crew = Crew(name="leaky", agents=[agent], tasks=[task])
print(crew.kickoff(inputs={{"api_key": "{IN_CODE}", "note": SECRETS, "list": [SECRETS]}}))
"""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory) -> Recorded:
    with ScriptedLLM(port=0) as llm:
        return run_program(
            ["-c", PROGRAM], tmp_path_factory.mktemp("leaky"), llm, SERVICE_TOKEN=IN_ENVIRONMENT
        )


@pytest.fixture(scope="module")
def written(recorded) -> bytes:
    return b"".join(path.read_bytes() for path in (recorded.home / ".telltale").rglob("*.0*"))


def test_the_crew_says_them_everywhere(recorded, written):
    assert recorded.returncode == 0, recorded.stderr
    for said in (b"the keys are [masked", b"refused: [masked", b"Use [masked"):
        assert said in written


@pytest.mark.parametrize(
    "secret",
    [IN_CODE, IN_ENVIRONMENT, IN_A_HEADER, OF_KNOWN_FORM],
    ids=["code", "environment", "header", "form"],
)
def test_none_of_them_is_written(written, secret):
    assert secret.encode() not in written
