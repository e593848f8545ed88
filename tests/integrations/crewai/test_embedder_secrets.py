"""The keys of embedders, however they were given and whoever says them aloud, are not written."""

import pytest

from matrix.recorded import run_program
from telltale.demo.scripted_llm import ScriptedLLM

pytestmark = pytest.mark.crew

KEYS = {
    "crew": "given-to-a-crews-embedder-0123456789",
    "header": "sent-by-a-crews-embedder-0123456789",
    "agent": "given-to-an-agents-embedder-0123456789",
    "memory": "given-to-a-memorys-embedder-0123456789",
    "first": "asked-for-before-it-was-built-0123456789",
    "late": "given-before-autolog-0123456789",
    "provider": "given-to-a-provider-0123456789",
    "own": "held-by-an-embedder-of-the-users-0123456789",
    "address": "part-of-an-address-0123456789",
}
PROGRAM = """
import telltale
from crewai import Agent, Crew, Memory, Task
from crewai.knowledge.knowledge import Knowledge
from crewai.knowledge.source.string_knowledge_source import StringKnowledgeSource
from crewai.rag.embeddings.providers.openai.openai_provider import OpenAIProvider

def openai(key, **more):
    return {"provider": "openai", "config": {"api_key": KEYS[key], **more}}

late = Knowledge(collection_name="late", sources=[], embedder=openai("late"))
telltale.crewai.autolog()

class Own:
    def __init__(self):
        self._api_key = KEYS["own"]
        self.address = f"https://example.org/embed?key={KEYS['address']}"
    def __call__(self, texts):
        raise RuntimeError(f"refused at {self.address}: {KEYS['own']}")

def text(key):
    return StringKnowledgeSource(content=f"The docks are nine. It says {KEYS[key]}.")

def asked(name, *said, agent=None, **crew):
    script = "Tell what is known of the harbour, its ships and its storms. " * 4
    script += " ".join(KEYS[key] for key in said)
    agent = agent or Agent(role="Clerk", goal="Work", backstory="B")
    task = Task(description=f"{script} [[say:Done.]]", expected_output="A line", agent=agent)
    print(name, Crew(name=name, agents=[agent], tasks=[task], **crew).kickoff())

headers = {"X-Custom": KEYS["header"]}
asked("crew", "crew", "header", memory=True, knowledge_sources=[text("crew"), text("header")],
      embedder=openai("crew", default_headers=headers))
agent = Agent(role="Clerk", goal="Work", backstory="B", knowledge_sources=[text("agent")],
              embedder=openai("agent"))
asked("agent", "agent", agent=agent)
asked("memory", "memory", memory=Memory(embedder=openai("memory")))
Memory(embedder=openai("first")).recall("What of " + KEYS["first"], depth="shallow")
with telltale.start_span("user"):
    late.sources = [text("late")]
    late.add_sources()
asked("provider", "provider", knowledge_sources=[text("provider")],
      embedder=OpenAIProvider(api_key=KEYS["provider"]))
asked("own", "own", "address", memory=Memory(embedder=Own()))
print("done")
"""


def test_none_of_them_is_written(tmp_path):
    with ScriptedLLM(port=0) as llm:
        program = ["-c", f"KEYS = {KEYS!r}\n{PROGRAM}"]
        recorded = run_program(program, tmp_path / "ran", llm)
    written = b"".join(path.read_bytes() for path in (recorded.home / ".telltale").rglob("*.0*"))

    assert "done" in recorded.stdout, recorded.stderr
    assert written.count(b"It says [masked") > 5
    assert b"refused at https://example.org/embed?key=[masked" in written
    assert {name for name, key in KEYS.items() if key.encode() in written} == set()
