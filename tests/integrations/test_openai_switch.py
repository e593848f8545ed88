"""When the openai client is traced, by whom, and what is counted once."""

import importlib

import openai
import pytest
from openai.resources.chat.completions import completions
from openai.resources.embeddings import AsyncEmbeddings, Embeddings
from openai.resources.responses.responses import AsyncResponses, Responses
from openai_calls import MODEL, SNAPSHOT, ask, autologged, logged, messages, run_async, tokens

import telltale
from programs import run_program
from telltale.integrations.openai import INTEGRATION
from telltale.nouns.span import Status

JOINS = frozenset({"openai"})
FUNCTIONS = [
    (completions.Completions, "create"),
    (completions.Completions, "parse"),
    (completions.AsyncCompletions, "create"),
    (completions.AsyncCompletions, "parse"),
    (Responses, "create"),
    (Responses, "parse"),
    (AsyncResponses, "create"),
    (AsyncResponses, "parse"),
    (Embeddings, "create"),
    (AsyncEmbeddings, "create"),
]


@pytest.fixture
def crew_asks():
    """`telltale.crewai.autolog()`, and nothing else."""
    telltale.crewai.autolog()
    yield
    telltale.crewai.autolog(disable=True)


def test_every_function_is_patched_and_comes_back_as_the_identical_object():
    before = [vars(owner)[name] for owner, name in FUNCTIONS]
    with autologged():
        during = [vars(owner)[name] for owner, name in FUNCTIONS]
    after = [vars(owner)[name] for owner, name in FUNCTIONS]

    assert all(now is was for now, was in zip(after, before, strict=True))
    assert not any(now is was for now, was in zip(during, before, strict=True))
    assert {f"{owner.__module__}:{owner.__name__}.{name}" for owner, name in FUNCTIONS} == {
        target.path
        for target in INTEGRATION.targets
        if ".beta." not in target.path and not target.unless
    }  # Which is where older clients have `parse`.


def test_switched_off_nothing_is_recorded(recording, client):
    with autologged():
        pass
    ask(client, "Hello")

    assert not recording.folder.exists()


def test_autolog_may_come_before_the_import(home_program):
    program = home_program(
        """
        import sys, telltale
        telltale.openai.autolog()
        assert "openai" not in sys.modules
        import openai
        """
    )

    assert (program.returncode, program.recording.names) == (0, ["→ final answer"])


@pytest.fixture
def home_program(tmp_path, llm):
    """A program that ends with one chat."""

    def run(code):
        lines = "\n".join(line.strip() for line in code.splitlines())
        return run_program(
            f"{lines}\n"
            f"client = openai.OpenAI(base_url={llm.base_url!r}, api_key='scripted')\n"
            f"client.chat.completions.create(model={MODEL!r}, messages={messages('Hello')!r})",
            tmp_path / "home",
        )

    return run


def test_autolog_may_come_after_the_import(home_program):
    program = home_program("import openai, telltale\ntelltale.openai.autolog()")

    assert program.recording.names == ["→ final answer"]


def test_under_no_span_crewais_autolog_records_nothing(recording, client, crew_asks):
    ask(client, "Hello")

    assert not recording.folder.exists()


def test_under_a_span_crewais_autolog_records_the_clients_calls(recording, client, crew_asks):
    with telltale.start_span("own work"):
        ask(client, "Hello")

    assert recording.names == ["→ final answer", "own work"]


def test_who_asked_by_name_stays_when_crewai_goes(recording, client):
    with autologged():
        telltale.crewai.autolog()
        telltale.crewai.autolog(disable=True)
        ask(client, "Hello")

    assert recording.names == ["→ final answer"]


def test_under_a_frameworks_call_facts_are_added_and_no_span(recording, client, llm, joined):
    with autologged():
        ask(client, "Hello")
    joined.end()

    one = recording.one
    assert one.name == "chat"
    assert one.attributes["gen_ai.response.model"] == SNAPSHOT
    assert one.attributes["gen_ai.response.finish_reasons"] == ["stop"]
    assert [tokens(one)] == logged(llm)
    # The request as it was sent; what the framework itself knows better is left to it.
    assert '"content":"Hello"' in one.attributes["gen_ai.input.messages"]
    assert '"finish_reason":"stop"' in one.attributes["gen_ai.output.messages"]
    assert "gen_ai.request.model" not in one.attributes


def test_under_a_frameworks_call_a_stream_adds_its_facts_too(recording, client, llm, joined):
    with autologged():
        list(ask(client, "Hello", stream=True, stream_options={"include_usage": True}))
    joined.end()

    assert recording.one.attributes["gen_ai.response.time_to_first_chunk"] > 0
    assert [tokens(recording.one)] == logged(llm)


def test_under_a_frameworks_call_an_async_call_adds_its_facts_too(recording, llm, joined):
    with autologged():
        run_async(llm, lambda c: c.chat.completions.create(model=MODEL, messages=messages("Hi")))
    joined.end()

    assert [tokens(recording.one)] == logged(llm)


def test_a_failed_attempt_under_a_frameworks_call_is_an_event_of_it(recording, client, joined):
    with autologged():
        with pytest.raises(openai.InternalServerError):
            ask(client.with_options(max_retries=0), "[[fail:500:1]] x")
        ask(client, "[[fail:500:1]] x")
    joined.end()

    one = recording.one
    assert one.status == Status.UNSET
    assert [event.name for event in one.events] == ["telltale.attempt.failed"]
    assert one.events[0].attributes["exception.type"] == "InternalServerError"
    assert one.attributes["gen_ai.response.model"] == SNAPSHOT


def test_an_embedding_inside_a_models_call_is_a_span_of_its_own(recording, client, joined):
    with autologged():
        client.embeddings.create(model="text-embedding-3-small", input="Tokyo")
    joined.end()

    embedding, chat = recording.spans
    assert (embedding.attributes["telltale.kind"], embedding.parent_id) == (
        "embedding",
        chat.span_id,
    )


def test_a_span_that_speaks_for_nobody_is_a_parent(recording, client):
    with autologged(), telltale.start_span("own", span_type="LLM"):
        ask(client, "Hello")

    assert recording.names == ["→ final answer", "own"]


def test_the_client_is_never_imported_by_us(tmp_path):
    program = run_program(
        "import sys, telltale; telltale.openai.autolog(); telltale.crewai.autolog()\n"
        "print([name for name in ('openai', 'crewai', 'httpx') if name in sys.modules])",
        tmp_path,
    )

    assert (program.stdout, program.stderr) == ("[]\n", "")
    assert importlib.util.find_spec("openai")
