"""Autolog leaves nothing behind when it is switched off."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.crew

PROGRAM = """
import sys
import telltale

early = {early}
if early:
    telltale.crewai.autolog()

import crewai, openai
from crewai.agent.core import Agent
from crewai.crew import Crew
from crewai.events.event_bus import CrewAIEventsBus
from crewai.flow.runtime import Flow
from crewai.knowledge.knowledge import Knowledge
from crewai.memory import encoding_flow, recall_flow, unified_memory
from crewai.memory.storage.lancedb_storage import LanceDBStorage
from crewai.memory.unified_memory import Memory
from crewai.rag.chromadb.client import ChromaDBClient
from crewai.rag.embeddings import factory
from crewai.rag.embeddings.providers.custom.custom_provider import CustomProvider
from crewai.rag.embeddings.providers.custom.embedding_callable import CustomEmbeddingFunction
from crewai.core.providers.human_input import SyncHumanInputProvider
from crewai.tasks.conditional_task import ConditionalTask
from crewai.utilities.planning_handler import CrewPlanner
from openai.resources.chat.completions.completions import AsyncCompletions, Completions
from openai.resources.embeddings import AsyncEmbeddings, Embeddings

PLACES = [
    (CrewAIEventsBus, "_prepare_event"), (Crew, "kickoff"), (Crew, "akickoff"),
    (Crew, "kickoff_for_each"), (Crew, "kickoff_for_each_async"), (Crew, "akickoff_for_each"),
    (Crew, "train"), (Crew, "test"), (Crew, "replay"), (CrewPlanner, "_handle_crew_planning"),
    (SyncHumanInputProvider, "_prompt_input"), (SyncHumanInputProvider, "_prompt_input_async"),
    (Flow, "kickoff_async"), (Memory, "extract_memories"),
    (Agent, "_execute_without_timeout"), (ConditionalTask, "get_skipped_task_output"),
    (Knowledge, "add_sources"), (Knowledge, "aadd_sources"),
    (LanceDBStorage, "search"), (ChromaDBClient, "search"), (ChromaDBClient, "asearch"),
    (ChromaDBClient, "add_documents"), (ChromaDBClient, "aadd_documents"),
    (unified_memory, "embed_text"), (recall_flow, "embed_texts"), (encoding_flow, "embed_texts"),
    (factory, "build_embedder_from_dict"), (factory, "build_embedder_from_provider"),
    (Completions, "create"), (Completions, "parse"), (AsyncCompletions, "create"),
    (AsyncCompletions, "parse"), (Embeddings, "create"), (AsyncEmbeddings, "create"),
]

class Own(CustomEmbeddingFunction):
    def __init__(self): pass
    def __call__(self, input): return [[1.0] for _ in input]
    def embed_query(self, input): return self(input)

HELD = [(Own, "__call__"), (Own, "embed_query")]
held = [vars(owner)[name] for owner, name in HELD]

def standing():
    return [vars(owner)[name] for owner, name in PLACES]

def unwrapped(functions):
    return [getattr(plain(function), "__wrapped__", function) for function in functions]

def plain(function):
    return function.__func__ if isinstance(function, staticmethod) else function

first = standing()
original = unwrapped(first) if early else first
for _ in range(2):
    telltale.crewai.autolog()
    telltale.crewai.autolog()
    patched = standing()
    assert not any(a is b for a, b in zip(original, patched)), "something is not patched"
    assert all(plain(a) is b for a, b in zip(original, unwrapped(patched))), "patched twice"
    factory.build_embedder(CustomProvider(embedding_callable=Own))(["text"])
    watched = [vars(owner)[name] for owner, name in HELD]
    assert not any(a is b for a, b in zip(held, watched)), "an embedder is not watched"
    telltale.crewai.autolog(disable=True)
    assert held == [vars(owner)[name] for owner, name in HELD], "an embedder is still watched"
    assert all(plain(a) is plain(b) for a, b in zip(original, standing())), "not identical"
assert not [f for f in sys.meta_path if type(f).__module__.startswith("telltale")]
"""


@pytest.mark.parametrize("early", [True, False], ids=["before the import", "after the import"])
def test_every_patched_function_is_the_identical_object_again(early, tmp_path):
    program = PROGRAM.replace("{early}", str(early))

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
