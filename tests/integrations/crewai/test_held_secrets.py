"""Keys of tools, guardrails, models of the user's own and of variables, all said aloud."""

import base64

import pytest

from matrix.recorded import Recorded, run_program
from telltale.demo.scripted_llm import ScriptedLLM

pytestmark = pytest.mark.crew

SECRETS = {
    "tool": "field-of-a-tool-0123456789",
    "private": "private-to-a-tool-0123456789",
    "client": "of-a-tools-own-client-0123456789",
    "configured": "in-the-settings-of-a-tool-0123456789",
    "guardrail": "models-of-a-guardrail-0123456789",
    "own": "token-of-a-model-of-ones-own-0123456789",
    "secret": "secret-of-a-model-of-ones-own-0123456789",
    "password": "password-in-a-base-url-0123456789",
    "nested": "settings-of-a-tools-client-0123456789",
    "session": "header-of-a-clients-session-0123456789",
    "pair": "password-of-a-pair-0123456789",
    "listed": "in-a-list-of-a-tool-0123456789",
    "slot": "in-a-slot-of-a-client-0123456789",
    "wrapped": "in-a-secret-str-0123456789",
    "client of a model": "client-of-ones-own-model-0123456789",
    "flow": "held-by-a-flow-0123456789",
}
VARIABLES = {
    "STRIPE_KEY": "a-variable-that-is-a-key-0123456789",
    "GITHUB_PAT": "a-variable-that-is-a-pat-0123456789",
    "SENTRY_DSN": "https://a0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5@o1.example.org/7",
    "DATABASE_URL": "postgresql://app:password-of-a-base-0123456789@db.example.org/trips",
}
BASIC = base64.b64encode(f"ada:{SECRETS['password']}".encode()).decode()
HIDDEN = {
    **SECRETS,
    "basic": BASIC,
    **VARIABLES,
    "password of DATABASE_URL": "password-of-a-base-0123456789",
    "key of SENTRY_DSN": "a0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5",
    "argument": "hunter2-said",
    "answer": "hunter3-said",
    "address": "hunter4-said",
    "assigned": "hunter5-said",
}
"""The last ones nobody holds: only what they are called gives them away."""
PROGRAM = """
import os
from typing import Any

import telltale

telltale.crewai.autolog()
from crewai import LLM, Agent, Crew, Task
from crewai.llms.base_llm import BaseLLM
from crewai.tasks.llm_guardrail import LLMGuardrail
from crewai.tools import BaseTool
from crewai.flow.flow import Flow, start
from pydantic import PrivateAttr, SecretStr

FIRST = ("tool", "private", "client", "configured", "guardrail", "nested", "session", "pair",
         "listed", "slot", "wrapped")
ALOUD = " ".join((*(SECRETS[name] for name in FIRST), *HELD))

class Session:
    def __init__(self):
        self.headers = {"Authorization": "Bearer " + SECRETS["session"]}
        self.auth = ("ada", SECRETS["pair"])

class Slotted:
    __slots__ = ("api_key", "more")

    def __init__(self):
        self.api_key = SECRETS["slot"]

class Anything:
    "Answers to every name, as a database's client does, and cannot be called."

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything()

class Client:
    database = Anything()

    def __init__(self, api_key):
        self.collection = Anything()
        self._api_key = api_key
        self.settings = type("Settings", (), {})()
        self.settings.token = SECRETS["nested"]
        self.settings.session = Session()
        self.slotted = Slotted()

class Search(BaseTool):
    name: str = "search"
    description: str = "Finds things."
    api_key: str = SECRETS["tool"]
    settings: dict[str, Any] = {"inner": {"password": SECRETS["configured"]}}
    servers: list[dict[str, str]] = [{"api_key": SECRETS["listed"]}]
    word: SecretStr = SecretStr(SECRETS["wrapped"])
    _token: str = PrivateAttr(default=SECRETS["private"])
    _client: Any = PrivateAttr(default=Client(SECRETS["client"]))

    def _run(self, query: str, api_key: str = "", options: dict[str, Any] | None = None) -> str:
        return (
            f"found by {SECRETS['tool']}; {{'apiKey': 'hunter3-said'}} api_key=hunter5-said"
            " postgres://u:hunter4-said@db.example.org/x"
        )

class Parrot(BaseLLM):
    token: str = SECRETS["own"]
    secret: str = SECRETS["secret"]
    _client: Any = PrivateAttr(default=Client(SECRETS["client of a model"]))

    def call(self, messages, *args, **kwargs):
        return f"Thought: I now can give a great answer\\nFinal Answer: it is {self.token}"

    def supports_function_calling(self):
        return False

def work(name, said, llm, **options):
    agent = Agent(role="Clerk", goal="Work", backstory=said, llm=llm, max_retry_limit=0,
                  tools=options.pop("tools", []))
    task = Task(description=said, expected_output="A line", agent=agent, **options)
    try:
        print(name, Crew(name=name, agents=[agent], tasks=[task]).kickoff())
    except Exception as error:
        print(name, type(error).__name__, error)

model = LLM(model="gpt-4o-mini", default_headers={"X-Title": "Travel planner"})
judge = LLMGuardrail("It is true: " + SECRETS["guardrail"],
                     LLM(model="gpt-4o-mini", api_key=SECRETS["guardrail"]))
address = os.environ["OPENAI_BASE_URL"].replace("://", f"://ada:{SECRETS['password']}@")
call = ('[[call:search {"query": "a", "api_key": "hunter2-said",'
        ' "options": {"token": "hunter2-said"}}]]')
work("Travel planner", f"{ALOUD} {call} [[say:Done.]]", model, tools=[Search()], guardrail=judge)
said = " ".join(SECRETS[name] for name in ("own", "secret", "client of a model"))
work("own", said, Parrot(model="parrot"))
said = f"{SECRETS['password']} {BASIC} at {address} [[say:Done.]]"
work("addressed", said, LLM(model="gpt-4o-mini", base_url=address))
refused = f"http://ada:{SECRETS['password']}@127.0.0.1:9/v1"
work("refused", f"{said} {refused}", LLM(model="gpt-4o-mini", base_url=refused, max_retries=0))
class Errand(Flow):
    def __init__(self):
        super().__init__()
        self._api_key = SECRETS["flow"]

    @start()
    def go(self):
        return f"it is {SECRETS['flow']}"

Errand().kickoff()
print("done")
"""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory) -> Recorded:
    within = ("password of DATABASE_URL", "key of SENTRY_DSN")
    held = [*VARIABLES.values(), *(HIDDEN[name] for name in within)]
    with ScriptedLLM(port=0) as llm:
        program = ["-c", f"SECRETS, BASIC, HELD = {SECRETS!r}, {BASIC!r}, {held!r}\n{PROGRAM}"]
        return run_program(program, tmp_path_factory.mktemp("held"), llm, **VARIABLES)


@pytest.fixture(scope="module")
def written(recorded) -> bytes:
    return b"".join(path.read_bytes() for path in (recorded.home / ".telltale").rglob("*.0*"))


def test_they_are_said(recorded, written):
    assert "done" in recorded.stdout, recorded.stderr
    for said in (b"found by [masked", b"It is true: [masked", b"it is [masked"):
        assert said in written, said
    assert b"postgres://u:[masked by telltale]@db.example.org/x" in written
    tools = [span for span in recorded.spans if span.attributes["telltale.kind"] == "tool"]
    assert tools and all('"query":' in str(tool.attributes) for tool in tools)


@pytest.mark.parametrize("secret", HIDDEN.values(), ids=HIDDEN)
def test_none_of_them_is_written(written, secret):
    assert secret.encode() not in written


def test_what_an_application_calls_itself_is_no_secret(recorded):
    crews = [span.name for span in recorded.spans if span.attributes["telltale.kind"] == "crew"]

    assert crews[0] == "Travel planner"
