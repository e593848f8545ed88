"""The trip crew, traced: the tree that the product promises, against the server's own log."""

from collections import Counter

import msgspec
import pytest

from matrix.recorded import Recorded, Tree, run_program
from telltale.demo.scripted_llm import ScriptedLLM

pytestmark = pytest.mark.crew

EMBEDDING = ("embedding", [])
INGESTION = ("knowledge (ingest)", [EMBEDDING])
SEARCH = ("retriever", [])
SEARCH_BY_WORDS = ("retriever", [EMBEDDING])


def task(searches: int) -> tuple:
    """A task's part of the tree.

    Args:
        searches: How often the memory is searched, by reading and by writing: what is empty is not.
    """
    return (
        "task",
        [
            ("memory (read)", [("llm (recall)", []), EMBEDDING, *[SEARCH] * searches]),
            ("knowledge (query)", [("llm (rewrite)", []), SEARCH_BY_WORDS]),
            (
                "agent",
                [
                    ("llm (agent)", []),
                    ("tool", [EMBEDDING, SEARCH_BY_WORDS]),
                    ("llm (agent)", []),
                ],
            ),
            ("llm (extract)", []),
            ("memory (write)", [EMBEDDING, *[SEARCH] * searches, *[("llm (encode)", [])] * 2]),
        ],
    )


@pytest.fixture(scope="module", params=["en", "zh"])
def recorded(request, tmp_path_factory) -> Recorded:
    with ScriptedLLM(port=0) as llm:
        program = ["-m", "telltale.demo.trip_crew", "--lang", request.param, "--site", llm.url]
        return run_program(program, tmp_path_factory.mktemp("trip"), llm)


@pytest.fixture
def crew(recorded) -> Tree:
    return recorded.traces()[1]


def test_the_program_runs_as_without_us(recorded):
    assert recorded.returncode == 0, recorded.stderr
    assert recorded.left_open == ()


def test_the_tree_is_crewais_own_structure(crew):
    assert crew.shape() == ("crew", [INGESTION] * 4 + [task(searches=0), task(searches=2)])


def test_counts_are_those_of_the_servers_log(crew, recorded):
    kinds = {
        kind: len(crew.of_kind(kind)) for kind in ("task", "agent", "llm", "embedding", "tool")
    }

    assert kinds == {"task": 2, "agent": 2, "llm": 14, "embedding": 14, "tool": 2}
    assert sum(call.kind == "chat" for call in recorded.calls) == 14
    assert sum(call.kind == "embedding" for call in recorded.calls) == 15


def test_the_embedding_while_the_crew_is_built_is_a_linked_trace_of_its_own(crew, recorded):
    ingestion = recorded.traces()[0]

    assert ingestion.shape() == INGESTION
    assert ingestion.root.name == "knowledge ingestion"
    (link,) = crew.root.links
    assert (link.trace_id, link.span_id) == (ingestion.root.trace_id, ingestion.root.span_id)
    assert link.attributes == {"telltale.link": "knowledge ingestion"}


@pytest.mark.parametrize(
    "traced, kinds, counted",
    [
        ("gen_ai.usage.input_tokens", ("chat",), "input_tokens"),
        ("gen_ai.usage.output_tokens", ("chat",), "output_tokens"),
        ("gen_ai.usage.cache_read.input_tokens", ("chat",), "cached_tokens"),
        ("gen_ai.usage.input_tokens", ("embedding",), "input_tokens"),
    ],
)
def test_tokens_equal_the_servers_log(recorded, traced, kinds, counted):
    kind = {"chat": "llm", "embedding": "embedding"}[kinds[0]]
    spans = [span for tree in recorded.traces() for span in tree.of_kind(kind)]

    told = sum(span.attributes.get(traced, 0) for span in spans)
    assert told == sum(getattr(call, counted) for call in recorded.calls if call.kind in kinds) > 0


def test_every_call_names_the_model_that_answered(crew):
    for span in crew.of_kind("llm"):
        assert span.attributes["gen_ai.request.model"] == "gpt-4.1-mini"
        assert span.attributes["gen_ai.response.model"] == "gpt-4.1-mini-2025-04-14"
        assert span.attributes["gen_ai.response.finish_reasons"]


def test_names_say_what_was_done(crew):
    assert {span.name for span in crew.of_kind("llm")} == {
        "→ recall",
        "→ rewrite query",
        "→ search_in_a_specific_website(…)",
        "→ final answer",
        "→ extract memories",
        "→ encode memory",
    }
    assert [span.name for span in crew.of_kind("task")] == ["task 1", "task 2"]


def test_memories_are_told_with_their_words(crew):
    write = next(span for span in crew.of_kind("memory") if span.name == "memory write")
    reads = [span for span in crew.of_kind("memory") if span.name == "memory read"]

    assert write.attributes["telltale.inputs"].startswith('["')
    # The first task finds nothing, the second finds what the first left.
    assert [span.attributes["gen_ai.memory.record.count"] > 0 for span in reads] == [False, True]


def test_searches_tell_what_was_looked_for_and_what_was_found(crew):
    told = [span.attributes for span in crew.of_kind("retriever")]
    found = [msgspec.json.decode(one["gen_ai.retrieval.documents"]) for one in told]

    stores = Counter((one["db.system.name"], one["db.collection.name"]) for one in told)
    assert stores == {
        ("lancedb", "memories"): 4,
        ("chromadb", "knowledge_crew"): 2,
        ("chromadb", "websites"): 2,
    }
    assert [len(documents) for documents in found] == [
        one["db.response.returned_rows"] for one in told
    ]
    for document in (document for documents in found for document in documents):
        assert document["id"] and document["content"] and 0 < document["score"] <= 1


def test_a_search_in_memory_names_the_words_that_its_vector_was_made_of(crew):
    told = [span.attributes for span in crew.of_kind("retriever") if not crew.children(span)]
    embedded = {
        text
        for span in crew.of_kind("embedding")
        for text in msgspec.json.decode(span.attributes["telltale.inputs"])
    }

    assert {one["gen_ai.retrieval.query.text"] for one in told} <= embedded
    assert all('"dimensions":3072' in one["telltale.inputs"] for one in told)


def test_knowledge_tells_what_was_found_with_scores(crew):
    queries = [span for span in crew.of_kind("knowledge") if span.name == "knowledge query"]

    for query in queries:
        (search,) = (span for span in crew.children(query) if span.name == "vector search")
        found = search.attributes["gen_ai.retrieval.documents"]
        assert query.attributes["gen_ai.retrieval.documents"] == found
        assert '"score":0.' in found
