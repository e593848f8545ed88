"""Without crewAI the demo shows a recorded run, and says so."""

import subprocess
import sys
from pathlib import Path

import pytest

from crews import KIND
from servers import RunningServer
from telltale.client.client import Client
from telltale.demo.completeness import unfinished
from telltale.demo.recording import play
from telltale.demo.session import recording_path

WITHOUT_CREWAI = """
import importlib.util, sys
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "crewai" else find(name, *rest)
from telltale.cli import main
sys.argv = ["telltale", "demo", "--exit", "--port", sys.argv[1]]
main()
"""


@pytest.fixture
def server(tmp_path):
    with RunningServer(tmp_path / "home") as running:
        yield running


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_recording_is_the_whole_run_and_marked_as_one(server, lang):
    play(recording_path(lang), server.base_url, "Demo")

    with Client(server.base_url) as client:
        crew, ingestion = client.traces(experiment="Demo")
        skeletons = [client.skeleton(trace.trace_id) for trace in (crew, ingestion)]
        link = client.span(crew.trace_id, 0).raw.links[0]
    assert unfinished(skeletons) == []
    assert (crew.spans, crew.llm_calls, crew.tool_calls) == (45, 14, 2)
    assert crew.tags == {"recording": "true"}
    assert link.trace_id == ingestion.trace_id


def test_it_may_be_played_again(server):
    for _ in range(2):
        play(recording_path("en"), server.base_url, "Demo")

    with Client(server.base_url) as client:
        assert len(list(client.traces(experiment="Demo"))) == 4


def test_the_demo_plays_it_where_crewai_is_not_installed(server, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_CREWAI, str(server.port)],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "recording" in done.stderr
    assert "pip install crewai" in done.stderr
    assert "45 spans" in done.stdout


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_recording_names_no_machine(lang):
    text = Path(recording_path(lang)).read_text("utf-8")

    for word in ("host.name", "process.pid", "/home/", "/tmp/", "/root/"):
        assert word not in text
    assert KIND in text
