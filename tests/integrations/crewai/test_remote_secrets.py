"""What remote agents, tool servers and checkpoints are told to keep is not in the journal."""

import base64

import pytest

from matrix import ROOT
from matrix.recorded import Recorded, run_program
from telltale.demo.scripted_llm import ScriptedLLM

pytestmark = pytest.mark.crew

SECRETS = {
    "bearer": "told-to-a-remote-agent-0123456789",
    "api key": "key-of-a-remote-agent-0123456789",
    "fetched": "fetched-for-a-remote-agent-0123456",
    "password": "password-of-a-remote-agent-0123",
    "endpoint": "in-the-address-of-a-remote-agent-01",
    "header": "header-of-a-tool-server-0123456789",
    "address": "in-an-address-of-a-tool-server-01",
    "variable": "variable-of-a-tool-server-01234567",
    "model": "key-of-a-model-in-a-checkpoint-012",
}
BASIC = base64.b64encode(f"ada:{SECRETS['password']}".encode()).decode()
"""What stands in a header for a name and a password."""
PROGRAM = """
import itertools
import subprocess
import sys
from pathlib import Path

import telltale

telltale.crewai.autolog()
from crewai import LLM, Agent, Crew, Task
from crewai.a2a.auth import (
    APIKeyAuth, BearerTokenAuth, HTTPBasicAuth, OAuth2ClientCredentials
)
from crewai.a2a.config import A2AClientConfig
from crewai.events import crewai_event_bus
from crewai.mcp import MCPServerHTTP, MCPServerStdio
from crewai.state.checkpoint_config import CheckpointConfig
from matrix.variants.a2a_server import counter

numbers = itertools.count()

class Fetched(OAuth2ClientCredentials):
    "One that is another each time."
    async def _fetch_token(self, client):
        self._access_token = f"{SECRETS['fetched']}{next(numbers)}"
        self._token_expires_at = 0.0

def work(name, said, **options):
    agent = Agent(role=name, goal="Work", backstory="B", max_retry_limit=0,
                  llm=LLM(model="gpt-4o-mini", api_key=SECRETS["model"]), **options)
    said += " " + SECRETS["model"]
    tasks = [Task(description=f"{said} [[say:{said}]]", expected_output=said, agent=agent)
             for _ in range(2)]
    kept = CheckpointConfig(location="kept")
    crew = Crew(name=name, agents=[agent], tasks=tasks, checkpoint=kept)
    try:
        print(name, crew.kickoff(inputs={"note": said}))
    except Exception as error:
        print(name, type(error).__name__, error)

work("kept", "")
crewai_event_bus.flush()
kept = min(Path("kept").rglob("*.json"), key=lambda path: path.stat().st_mtime_ns)
print("in the checkpoint:", SECRETS["model"] in kept.read_text())
sys.stdout.flush()
subprocess.run([sys.executable, "-c", RESUMES, str(kept)], check=True)
bearer, key, password = SECRETS["bearer"], SECRETS["api key"], SECRETS["password"]
ways = {
    bearer: BearerTokenAuth(token=bearer),
    key: APIKeyAuth(api_key=key, location="query", name="key"),
    password: HTTPBasicAuth(username="ada", password=password),
    "": Fetched(token_url="http://127.0.0.1:9", client_id="ada", client_secret=password),
}
for secret, auth in ways.items():
    with counter(echoes=True) as endpoint:
        there = A2AClientConfig(endpoint=endpoint, auth=auth, trust_remote_completion_status=True)
        work("there", secret, a2a=there)
    away = A2AClientConfig(endpoint=f"{endpoint}?key={SECRETS['endpoint']}", auth=auth)
    work("away", secret + SECRETS["endpoint"], a2a=[away])
headers = {"Authorization": f"Bearer {SECRETS['header']}", "X-House-Word": SECRETS["header"]}
far = MCPServerHTTP(url=f"http://127.0.0.1:9/mcp?key={SECRETS['address']}", headers=headers)
work("far", SECRETS["header"] + SECRETS["address"], mcps=[far])
variables = {"HOUSE_API_KEY": SECRETS["variable"]}
loud = "import os, sys; sys.exit(os.environ['HOUSE_API_KEY'])"
near = MCPServerStdio(command=sys.executable, args=["-c", loud], env=variables)
work("near", SECRETS["variable"], mcps=[near])
"""
RESUMES = """
import sys

import telltale

telltale.crewai.autolog()
from crewai import Crew
from crewai.state.checkpoint_config import CheckpointConfig

crew = Crew.from_checkpoint(CheckpointConfig(location="kept", restore_from=sys.argv[1]))
print("resumed", crew.kickoff())
"""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory) -> Recorded:
    with ScriptedLLM(port=0) as llm:
        return run_program(
            ["-c", f"SECRETS, RESUMES = {SECRETS!r}, {RESUMES!r}\n{PROGRAM}"],
            tmp_path_factory.mktemp("remote"),
            llm,
            PYTHONPATH=str(ROOT),
        )


def test_they_are_used(recorded):
    assert recorded.returncode == 0, recorded.stderr
    lines = recorded.stdout.splitlines()
    there = [line for line in lines if line.startswith("there 2 words ")]
    assert len(there) == 4
    told = " ".join(there)
    assert {SECRETS["bearer"], BASIC} <= set(told.split())
    assert SECRETS["fetched"] in told
    assert sum(line.startswith("away RuntimeError Failed to fetch") for line in lines) == 4
    assert sum(SECRETS["endpoint"] in line for line in lines) == 4
    assert {"far", "near"} <= {line.split(" ")[0] for line in lines if "MCPConnectionError" in line}
    assert "in the checkpoint: True" in lines
    assert any(line.startswith("resumed ") for line in lines)


def test_the_address_of_a_remote_agent_is_told_without_what_stands_behind_it(recorded):
    asked = [span for span in recorded.spans if "telltale.a2a.endpoint" in span.attributes]

    assert len(asked) == 8
    for span in asked:
        assert span.attributes["telltale.a2a.endpoint"].endswith("/.well-known/agent-card.json")


@pytest.mark.parametrize("secret", [*SECRETS.values(), BASIC], ids=[*SECRETS, "basic"])
def test_none_of_them_is_written(recorded, secret):
    written = b"".join(path.read_bytes() for path in (recorded.home / ".telltale").rglob("*.0*"))

    assert b"Failed to fetch agent card from http" in written
    assert written.count(b"[masked by telltale]") > 9
    assert written.count(secret.encode()) == 0
