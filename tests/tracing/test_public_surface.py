"""What a program sees of us: names that it knows, and next to nothing of what is behind them."""

import importlib
import pkgutil
import sys
from pathlib import Path

import pytest

import telltale
from fakes.journal_server import JournalServer
from programs import run_program

SERVER_PACKAGES = {
    "alembic", "chdb", "click", "clickhouse_connect", "crewai", "genai_prices", "httptools",
    "httpx", "httpx2", "numpy", "openai", "pandas", "pydantic", "sqlalchemy", "starlette",
    "uvicorn", "uvloop",
}  # fmt: skip
AS_MLFLOW = """
import telltale as mlflow
from telltale.entities import SpanType

mlflow.set_tracking_uri({url!r})
mlflow.set_experiment("CrewAI")

@mlflow.trace(span_type=SpanType.AGENT)
def answer(question):
    with mlflow.start_span("search", span_type=SpanType.TOOL) as span:
        span.set_inputs({{"query": question}})
        span.set_outputs(["Ritz"])
    mlflow.update_current_trace(tags={{"customer": "acme"}}, session_id="s1")
    mlflow.get_current_active_span().set_attribute("attempts", 1)
    return "Ritz"

print(answer("Where to stay?"), mlflow.flush(), mlflow.get_tracking_uri())
"""
COUNT = "print(len(sys.modules), sorted({m.partition('.')[0] for m in sys.modules}))"


def loaded(code: str, home: Path) -> tuple[int, set[str]]:
    """How many modules a plain program has in the end, and of which packages."""
    program = run_program(f"import sys\n{code}\n{COUNT}", home)
    count, _, names = program.stdout.partition(" ")
    return int(count), set(names.strip("[]\n").replace("'", "").split(", "))


def test_a_program_written_for_mlflow_runs_under_our_name(home):
    with JournalServer() as server:
        program = run_program(AS_MLFLOW.format(url=server.url), home, destination=None)

    assert (program.stdout, program.stderr) == (f"Ritz True {server.url}\n", "")
    search, answer = server.spans
    assert (search.parent_id, search.trace_id) == (answer.span_id, answer.trace_id)
    assert {search.experiment, answer.experiment} == {"CrewAI"}
    assert (
        answer.attributes.items()
        >= {
            "telltale.kind": "agent",
            "telltale.inputs": '{"question":"Where to stay?"}',
            "telltale.outputs": "Ritz",
            "telltale.trace.tag.customer": "acme",
            "gen_ai.conversation.id": "s1",
            "attempts": 1,
        }.items()
    )


def test_every_public_name_is_there_and_listed():
    for name in telltale.__all__:
        assert getattr(telltale, name) is not None
    assert set(telltale.__all__) <= set(dir(telltale))
    assert telltale.__version__


def test_a_name_that_is_none_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'tracee'"):
        _ = telltale.tracee


def test_no_public_function_has_the_name_of_a_module_or_folder_beside_it():
    """Otherwise `import telltale.trace` would replace the function by the module."""
    beside = {module.name for module in pkgutil.iter_modules(telltale.__path__)}
    functions = {
        name for name in telltale.__all__ if not isinstance(getattr(telltale, name), type(sys))
    }

    assert functions & beside == set()
    assert beside >= {"crewai", "openai", "entities", "tracing"}


@pytest.mark.parametrize("name", ["crewai", "openai", "entities"])
def test_a_public_module_is_an_attribute_and_can_be_imported(name):
    assert importlib.import_module(f"telltale.{name}") is getattr(telltale, name)


def test_importing_us_costs_next_to_nothing(home):
    count, packages = loaded("import telltale", home)

    assert count <= 80
    assert not packages & {"opentelemetry", "msgspec", "asyncio", "http", "logging"}


def test_the_first_span_loads_the_sdk_and_nothing_of_the_server(home):
    code = "import telltale\nwith telltale.start_span('work'): pass"
    count, packages = loaded(code, home)

    assert count <= 300
    assert not packages & SERVER_PACKAGES


def test_switching_integrations_on_loads_no_framework(home):
    count, packages = loaded("import telltale\ntelltale.crewai.autolog()", home)

    # Those of a first span, and the integrations' own.
    assert count <= 340
    assert not packages & SERVER_PACKAGES


def test_importing_us_starts_nothing(home):
    program = run_program(
        "import os, threading, telltale, telltale.crewai, telltale.openai, telltale.entities\n"
        "telltale.set_experiment('x'); telltale.set_tracking_uri('http://127.0.0.1:9')\n"
        "print(threading.active_count(), os.path.exists(os.environ['TELLTALE_HOME']))",
        home,
    )

    assert program.stdout == "1 False\n"
