"""What a crew remembers and looks up; both ask for embeddings."""

import time
from typing import Any

from crewai import Crew

from matrix.variants.parts import clerk, job, taken_from, understands

LONG = (
    "Tell what is known of the harbour, its ships, its storms and the people that work there. " * 3
)
"""Shorter tasks are not worth a search in memory to crewAI."""


def memory_is_kept() -> Any:
    """Two tasks of a crew with a memory."""
    agent = clerk()
    tasks = [job(f"{LONG} [[say:The harbour is large.]]", agent) for _ in range(2)]
    return Crew(name="remembering", agents=[agent], tasks=tasks, memory=True).kickoff()


def knowledge_is_used() -> Any:
    """A crew with a text that it may look into."""
    source = taken_from("crewai.knowledge.source.string_knowledge_source", "StringKnowledgeSource")
    understands(Crew, "knowledge_sources")
    agent = clerk()
    return Crew(
        name="learned",
        agents=[agent],
        tasks=[job(f"{LONG} [[say:It is known.]]", agent)],
        knowledge_sources=[source(content="The harbour was built in 1870 and has nine docks.")],
    ).kickoff()


def memory_is_not_kept() -> Any:
    """One whose vectors nobody can make: it is written in the background, and fails there."""
    memory = taken_from("crewai.memory.unified_memory", "Memory")

    def broken(texts: list[str]) -> Any:
        time.sleep(0.5)  # Older versions raise it in kickoff, where that has to wait for it.
        raise ValueError("no vectors")

    agent = clerk()
    return Crew(
        name="forgetful",
        agents=[agent],
        tasks=[job("Tell. [[say:It is large.]]", agent)],
        memory=memory(embedder=broken),
    ).kickoff()


VARIANTS = (memory_is_kept, knowledge_is_used, memory_is_not_kept)
