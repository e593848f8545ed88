"""Without crewAI the demo shows a recorded run, and says so."""

import sys
from pathlib import Path

import pytest
from without_crewai import demo

from fakes.journal_server import Answer, JournalServer
from matrix.recorded import KIND
from telltale.client.client import Client
from telltale.demo.completeness import unfinished
from telltale.demo.recording import play
from telltale.demo.session import CrewFailed, recording_path, run_offline
from telltale.nouns.errors import ServerUnreachable, TelltaleError
from testbed.servers import RunningServer


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
    assert (crew.spans, crew.llm_calls, crew.tool_calls) == (53, 14, 2)
    assert crew.tags == {"recording": "true"}
    assert link.trace_id == ingestion.trace_id


def test_it_may_be_played_again(server):
    for _ in range(2):
        play(recording_path("en"), server.base_url, "Demo")

    with Client(server.base_url) as client:
        assert len(list(client.traces(experiment="Demo"))) == 4


def test_the_demo_plays_it_where_crewai_is_not_installed(server, tmp_path):
    done = demo(tmp_path, "--exit", "--port", server.port)

    assert done.returncode == 0, done.stderr
    assert f"crewAI is not installed for {sys.executable}, so this is a recording" in done.stderr
    assert "To run it: pip install crewai\n" in done.stderr
    assert "53 spans" in done.stdout


def test_the_demo_draws_only_what_it_has_just_played(server, tmp_path):
    first, second = (demo(tmp_path, "--exit", "--port", server.port) for _ in range(2))

    drawn = [done.stdout.count("53 spans") for done in (first, second)]
    assert drawn == [1, 1]
    assert first.stdout.splitlines()[0] != second.stdout.splitlines()[0]


def test_a_recording_without_a_server_to_play_to_says_so(free_port):
    with pytest.raises(ServerUnreachable, match="telltale server"):
        play(recording_path("en"), f"http://127.0.0.1:{free_port}", "Demo")


def test_a_recording_is_not_played_to_a_stranger():
    with (
        JournalServer(version={"name": "other"}) as stranger,
        pytest.raises(ServerUnreachable, match="not a Telltale server"),
    ):
        play(recording_path("en"), stranger.url, "Demo")


def test_a_server_that_does_not_take_the_recording_is_quoted():
    with JournalServer() as full, pytest.raises(TelltaleError, match="507 no space"):
        full.misbehave.append(Answer(507, body=b"no space"))
        play(recording_path("en"), full.url, "Demo")


def test_a_crew_that_fails_is_an_error_of_ours():
    with pytest.raises(CrewFailed, match="--lang") as failed:
        run_offline("tlh", "http://127.0.0.1:9")

    assert isinstance(failed.value, TelltaleError)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_recording_names_no_machine(lang):
    text = Path(recording_path(lang)).read_text("utf-8")

    for word in ("host.name", "process.pid", "/home/", "/tmp/", "/root/"):
        assert word not in text
    assert KIND in text
