"""Searches in vector stores, beside those of the trip crew."""

import msgspec
import pytest

from matrix.recorded import Recorded, Tree, run_program
from telltale.demo.scripted_llm import ScriptedLLM

pytestmark = pytest.mark.crew

LONG = "The harbour was built in 1870. "
PROGRAM = f"""
import telltale

telltale.crewai.autolog()
from crewai import Agent, Crew, Memory, Task
from crewai.knowledge.source.string_knowledge_source import StringKnowledgeSource
from crewai.memory.storage.lancedb_storage import LanceDBStorage

def embed(texts):
    return [[float(len(text)), 1.0, 0.0] for text in texts]

store = LanceDBStorage(path="store", vector_dim=3)
memory = Memory(embedder=embed, storage=store, llm="gpt-4.1-mini")
memory.remember(
    "{LONG}" * 400, scope="/docks", categories=["stone"], importance=0.5,
    metadata={{"api_key": "never-shown", "note": "n" * 5_000}},
)
memory.recall("when was it built?", depth="shallow", limit=3)
store.search([1.0, 2.0, 3.0])
with telltale.start_span("by hand"):
    try:
        store.search([1.0])
    except ValueError as error:
        print(type(error).__name__)

def knows(words):
    return StringKnowledgeSource(content=words)

script = "Tell what is known of the harbour, its ships and its storms. " * 4
agent = Agent(
    role="Clerk", goal="Work", backstory="B", knowledge_sources=[knows("The harbour has storms.")]
)
task = Task(description=script + "[[say:Done.]]", expected_output="A line", agent=agent)
crew = Crew(
    agents=[agent], tasks=[task], knowledge_sources=[knows("The harbour has ships and storms.")]
)
print(crew.kickoff())
telltale.crewai.autolog(disable=True)
store.search([1.0, 2.0, 3.0])
"""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory) -> Recorded:
    with ScriptedLLM(port=0) as llm:
        return run_program(["-c", PROGRAM], tmp_path_factory.mktemp("searches"), llm)


def tree(recorded: Recorded, kind: str, last: bool = True) -> Tree:
    trees = [one for one in recorded.traces() if one.root.attributes["telltale.kind"] == kind]
    return trees[-1 if last else 0]


def documents(span) -> list[dict]:
    return msgspec.json.decode(span.attributes["gen_ai.retrieval.documents"])


def test_the_program_runs_as_without_us(recorded):
    assert recorded.returncode == 0, recorded.stderr
    assert recorded.stdout.split() == ["EmbeddingDimensionMismatchError", "Done."]


def test_a_memory_asked_by_itself_says_what_its_vector_was_made_of(recorded):
    read = tree(recorded, "memory")
    (search,) = read.of_kind("retriever")

    assert search.name == "vector search"
    assert search.attributes["gen_ai.operation.name"] == "retrieval"
    assert search.attributes["db.system.name"] == "lancedb"
    assert search.attributes["gen_ai.retrieval.query.text"] == "when was it built?"
    assert msgspec.json.decode(search.attributes["telltale.inputs"]) == {
        "query": "when was it built?",
        "limit": 3,
        "score_threshold": 0.0,
        "dimensions": 3,
    }


def test_what_was_found_is_bounded_and_masked(recorded):
    (search,) = tree(recorded, "memory").of_kind("retriever")
    (found,) = documents(search)

    assert found["content"].startswith(LONG)
    assert len(found["content"]) < 4_100
    assert found["metadata"]["scope"] == "/docks"
    assert found["metadata"]["categories"] == ["stone"]
    assert found["metadata"]["api_key"] == "[masked by telltale]"
    assert len(found["metadata"]["note"]) < 500
    assert "embedding" not in found


def test_a_search_that_fails_says_how(recorded):
    (search,) = tree(recorded, "unknown").of_kind("retriever")

    assert search.status == "error"
    assert search.attributes["error.type"] == "EmbeddingDimensionMismatchError"
    assert "gen_ai.retrieval.documents" not in search.attributes


def test_a_search_of_the_users_own_outside_of_any_span_is_no_trace(recorded):
    assert "retriever" not in {one.root.attributes["telltale.kind"] for one in recorded.traces()}


def test_knowledge_of_an_agent_and_its_crew_is_told_together(recorded):
    crew = tree(recorded, "crew")
    (query,) = (span for span in crew.of_kind("knowledge") if span.name == "knowledge query")
    searches = [span for span in crew.children(query) if span.name == "vector search"]

    assert len(searches) == 2
    assert documents(query) == documents(searches[0]) + documents(searches[1])
    assert [one["content"] for one in documents(query)] == [
        "The harbour has storms.",
        "The harbour has ships and storms.",
    ]
