"""Calls of embedders, whoever made them: each is one span, beside those of OpenAI's client."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
import pytest

from matrix.recorded import Recorded, Tree, run_program
from telltale.demo.scripted_llm import ScriptedLLM
from telltale.nouns.span import RawSpan

pytestmark = pytest.mark.crew

KEY = "sent-along-with-each-text-0123456789"
PROGRAM = """
import sys
from pathlib import Path

import telltale
from crewai import Agent, Crew, Memory, Task
from crewai.knowledge.knowledge import Knowledge
from crewai.knowledge.source.string_knowledge_source import StringKnowledgeSource
from crewai.memory.storage.lancedb_storage import LanceDBStorage
from crewai.rag.embeddings.factory import build_embedder
from crewai.rag.embeddings.providers.custom.custom_provider import CustomProvider
from crewai.rag.embeddings.providers.custom.embedding_callable import CustomEmbeddingFunction
from openai import OpenAI

SERVER, KEY = sys.argv[1:]

class Counting(CustomEmbeddingFunction):
    model_name = "counts-characters"
    def __init__(self, **_): pass
    @staticmethod
    def name(): return "counting"
    @staticmethod
    def build_from_config(config): return Counting()
    def get_config(self): return {}
    def __call__(self, input):
        return [[float(len(text)), 1.0, 0.0] for text in input]

class Twice(Counting):
    def __call__(self, input):
        return super().__call__(super().__call__(input) and input)

class ByClient(Counting):
    model_name = None
    def __call__(self, input):
        answer = OpenAI().embeddings.create(model="text-embedding-3-small", input=input)
        return [one.embedding for one in answer.data]

class Picky(Counting):
    def __call__(self, input):
        raise ValueError("refuses " + input[0])

class Nosy:
    @property
    def model_name(self): raise RuntimeError("none of your business")
    def __call__(self, texts): return [[1.0, 2.0] for _ in texts]

def custom(cls):
    return CustomProvider(embedding_callable=cls)

def source(words="The harbour was built in 1870."):
    return StringKnowledgeSource(content=words)

late = Knowledge(collection_name="late", sources=[source()], embedder=custom(Counting))
own = vars(Counting)["__call__"]
telltale.crewai.autolog()

def named(name):
    return telltale.start_span(name)

with named("late"):
    late.add_sources()
    late.query(["when?"], results_limit=1)

script = "Tell what is known of the harbour, its ships and its storms. " * 4
def asked(name, embedder, **crew):
    agent = Agent(role="Clerk", goal="Work", backstory="B")
    task = Task(description=script + "[[say:Done.]]", expected_output="A line", agent=agent)
    with named(name):
        print(Crew(name=name, agents=[agent], tasks=[task], embedder=embedder,
                   knowledge_sources=[source()], **crew).kickoff())

asked("custom", custom(Counting), memory=True)
asked("roboflow", {"provider": "roboflow", "config": {"api_key": KEY, "api_url": SERVER}})

def remembering(name, embedder, dimensions=3):
    memory = Memory(embedder=embedder, llm="gpt-4.1-mini",
                    storage=LanceDBStorage(path=name, vector_dim=dimensions))
    with named(name):
        memory.remember("The docks are nine.", scope="/", categories=["c"], importance=0.5)
        memory.recall("how many?", depth="shallow")

remembering("function", lambda texts: [[1.0, 2.0, 3.0] for _ in texts])
remembering("nosy", Nosy(), 2)
remembering("twice", build_embedder(custom(Twice)))
try:
    remembering("picky", {"provider": "custom", "config": {"embedding_callable": Picky}})
except Exception as error:
    print(type(error).__name__, error)

jina = build_embedder({"provider": "jina", "config": {"api_key": KEY, "model": "jina-v3"}})
jina._api_url = SERVER + "/jina"
counting, by_client = build_embedder(custom(Counting)), build_embedder(custom(ByClient))
with named("called"):
    jina(["a", "bc"])
    jina.embed_query(["which?"])
    counting.embed_query(["which?"])
    counting(input="x" * 30_000)
    by_client(["by OpenAI's client"])
counting(["outside of any span"])

telltale.crewai.autolog(disable=True)
with named("off"):
    counting(["no more"])
print(vars(Counting)["__call__"] is own)
"""


class _Vectors(BaseHTTPRequestHandler):
    """Answers as Jina does, and as Roboflow's server."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        asked = body.get("input", [body.get("text")])
        vectors = [[float(len(text)), 1.0, 0.0] for text in asked]
        data = [{"index": place, "embedding": one} for place, one in enumerate(vectors)]
        answer = json.dumps({"data": data, "embeddings": vectors}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def vectors() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Vectors)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def recorded(tmp_path_factory, vectors) -> Recorded:
    with ScriptedLLM(port=0) as llm:
        folder = tmp_path_factory.mktemp("embedders")
        return run_program(["-c", PROGRAM, vectors, KEY], folder, llm)


def tree(recorded: Recorded, name: str) -> Tree:
    (found,) = (one for one in recorded.traces() if one.root.name == name)
    return found


def embeddings(recorded: Recorded, name: str) -> list[RawSpan]:
    return tree(recorded, name).of_kind("embedding")


def texts(span: RawSpan) -> list[str]:
    return msgspec.json.decode(span.attributes["telltale.inputs"])


def told(span: RawSpan) -> tuple[object, ...]:
    keys = ("provider.name", "request.model", "embeddings.dimension.count", "usage.input_tokens")
    return tuple(span.attributes.get(f"gen_ai.{key}") for key in keys)


def test_the_program_runs_as_without_us(recorded):
    assert recorded.returncode == 0, recorded.stderr
    assert recorded.left_open == ()
    said = [line for line in recorded.stderr.splitlines() if line.startswith("Telltale")]
    assert all("no server at" in line for line in said)
    printed = recorded.stdout.splitlines()
    assert printed.count("Done.") == 2
    assert "ValueError refuses The docks are nine." in printed
    assert "True" in printed


def test_an_embedder_of_the_users_own_class_is_seen_wherever_a_crew_uses_it(recorded):
    crew = tree(recorded, "custom")
    spans = crew.of_kind("embedding")
    kinds = {one.span_id: one.attributes["telltale.kind"] for one in crew.spans}

    assert {kinds[span.parent_id] for span in spans} == {"knowledge", "retriever", "memory"}
    assert {told(span) for span in spans} == {("Counting", "counts-characters", 3, None)}
    assert {span.attributes["gen_ai.operation.name"] for span in spans} == {"embeddings"}
    assert texts(spans[0]) == ["The harbour was built in 1870."]
    assert spans[0].attributes["telltale.outputs"] == '{"vectors":1}'


def test_a_provider_that_is_spoken_to_by_plain_http_is_seen(recorded):
    spans = embeddings(recorded, "roboflow")

    assert {told(span) for span in spans} == {("roboflow", None, 3, None)}
    assert texts(spans[0]) == ["The harbour was built in 1870."]


@pytest.mark.parametrize(
    "name, as_told",
    [
        ("function", (None, None, 3, None)),
        ("nosy", ("Nosy", None, 2, None)),
        ("twice", ("Twice", "counts-characters", 3, None)),
    ],
)
def test_what_a_memory_is_given_ready_made_is_seen_and_each_call_once(recorded, name, as_told):
    spans = embeddings(recorded, name)

    assert [texts(span) for span in spans] == [["The docks are nine."], ["how many?"]]
    assert {told(span) for span in spans} == {as_told}


def test_one_that_was_built_before_autolog_is_seen_where_a_store_calls_it(recorded):
    assert [texts(span) for span in embeddings(recorded, "late")] == [
        ["The harbour was built in 1870."],
        ["when?"],
    ]


def test_one_that_fails_says_how(recorded):
    (span,) = embeddings(recorded, "picky")

    assert (span.status, span.attributes["error.type"]) == ("error", "ValueError")
    assert told(span) == ("Picky", "counts-characters", None, None)


def test_a_question_is_one_span_whether_it_has_its_own_way_or_not(recorded):
    jina, question, common, long, _ = embeddings(recorded, "called")

    assert told(jina) == told(question) == ("jina", "jina-v3", 3, None)
    assert (texts(jina), texts(question)) == (["a", "bc"], ["which?"])
    assert jina.attributes["telltale.outputs"] == '{"vectors":2}'
    assert texts(common) == ["which?"]
    assert len(long.attributes["telltale.inputs"]) < 21_000


def test_what_the_openai_client_knows_of_a_call_is_told_to_the_same_span(recorded):
    span = embeddings(recorded, "called")[-1]
    (call,) = (one for one in recorded.calls if one.kind == "embedding")

    assert told(span) == ("openai", "text-embedding-3-small", 1536, call.input_tokens)
    assert span.attributes["gen_ai.response.model"]
    assert texts(span) == ["by OpenAI's client"]


def test_outside_of_any_span_and_switched_off_it_is_no_trace(recorded):
    assert not embeddings(recorded, "off")
    assert "embedding" not in {one.root.attributes["telltale.kind"] for one in recorded.traces()}


def test_no_key_is_written(recorded):
    written = b"".join(p.read_bytes() for p in (recorded.home / ".telltale").rglob("*.0*"))

    assert written and KEY.encode() not in written
