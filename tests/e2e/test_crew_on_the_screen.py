"""The main path: a crew runs, and a person who looks at the page sees what it did."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Page, expect

from matrix.recorded import run_program
from telltale.demo.scripted_llm import ScriptedLLM
from testbed.servers import RunningServer, a_free_port
from ui.rest import rest

pytestmark = [pytest.mark.crew, pytest.mark.browser]

SENTINELS = {
    "OPENAI_API_KEY": "sk-sentinel-openai-0123456789abcdef",
    "MY_SERVICE_TOKEN": "sentinel-token-0123456789",
}
SENTINEL_PROGRAM = """
import sys
import telltale
telltale.crewai.autolog()
from crewai import LLM, Agent, Crew, Task

llm = LLM(
    model="gpt-4.1-mini",
    api_key="sk-sentinel-in-the-llm-0123456789abcdef",
    default_headers={"X-Api-Key": "sentinel-in-a-header-0123456789"},
)
agent = Agent(role="Clerk", goal="Work", backstory="Works", llm=llm)
script = sys.argv[1]
task = Task(description=script, expected_output="A line", agent=agent)
with telltale.start_span("call", attributes={"note": "kept"}) as span:
    span.set_inputs({"llm": llm, "agent": agent, "headers": llm.default_headers})
    print(Crew(name="secrets", agents=[agent], tasks=[task]).kickoff())
telltale.flush(30)
"""
PATIENT_TRIP = """
import runpy
from telltale.tracing import state
state.EXIT_TIMEOUT_S = 30
runpy.run_module("telltale.demo.trip_crew", run_name="__main__")
"""
"""A slow machine may take longer than a user's."""


@pytest.fixture
def server(tmp_path):
    with RunningServer(tmp_path / "server") as running:
        yield running


def demo(tmp_path: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "telltale.cli", "demo", "--port", str(a_free_port()), *options]


def demo_environment(tmp_path: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8"}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_demo_ends_with_0_when_its_trace_is_complete(tmp_path, lang):
    done = subprocess.run(
        demo(tmp_path, "--exit", "--lang", lang), env=demo_environment(tmp_path),
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "53 spans  14 LLM calls  2 tool calls" in done.stdout
    assert "Traceback" not in done.stderr
    assert len(re.findall(r"http://127\.0\.0\.1:\d+/traces/[0-9a-f]{32}", done.stdout)) == 1


def test_the_demo_serves_until_ctrl_c(tmp_path):
    process = subprocess.Popen(
        demo(tmp_path), env=demo_environment(tmp_path), cwd=tmp_path,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    address = next(line for line in process.stdout if "/traces/" in line).strip()
    served = next(line for line in process.stderr if "until Ctrl-C" in line)

    page = httpx2.get(address, timeout=30)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)

    assert page.status_code == 200
    assert address.partition("/traces/")[0] in served
    assert (process.returncode, "Traceback" in said) == (0, False)


def test_a_crew_appears_on_the_open_page_while_it_runs(server, page: Page, tmp_path):
    """The page waits; the program runs; nobody reloads."""
    page.goto(server.base_url)
    expect(page.get_by_text("telltale.crewai.autolog()")).to_be_visible()

    with ScriptedLLM(port=0) as llm:
        program = ["-c", PATIENT_TRIP, "--site", llm.url]
        ran = run_program(program, tmp_path / "crew", llm, TELLTALE_TRACKING_URI=server.base_url)
    row = page.get_by_role("row").filter(has_text="trip").first
    expect(row).to_be_visible()
    expect(row).to_contain_text("14")

    row.click()
    outline = page.get_by_role("treegrid").or_(page.get_by_role("tree"))
    for name in ("task 1", "City Scout", "search_in_a_specific_website", "memory write"):
        expect(outline.get_by_text(name, exact=True).first).to_be_visible()
    assert ran.returncode == 0, ran.stderr
    # What arrived is gone from the journal, and the program left no lock.
    assert list((ran.home / ".telltale" / "journal").iterdir()) == []


@pytest.mark.parametrize("script", ["Greet. [[say:Hello.]]", "Fail. [[fail:500:99]]"])
def test_no_secret_reaches_journal_database_api_or_page(server, page: Page, tmp_path, script):
    with ScriptedLLM(port=0) as llm:
        ran = run_program(
            ["-c", SENTINEL_PROGRAM, script], tmp_path / "crew", llm,
            TELLTALE_TRACKING_URI=server.base_url, **SENTINELS,
        )  # fmt: skip
    api = httpx2.Client(base_url=f"{server.base_url}/api/v1", timeout=30)
    (trace,) = api.get("/traces").json()["traces"]
    trace_id = trace["trace_id"]
    spans = [api.get(f"/traces/{trace_id}/spans/{n}").text for n in range(trace["spans"])]
    answers = [api.get(f"/traces/{trace_id}/{what}").text for what in ("skeleton", "otlp")]
    page.goto(f"{server.base_url}/traces/{trace_id}")
    expect(page.get_by_text("Clerk", exact=True).first).to_be_visible()
    shown = []
    for _ in range(trace["spans"]):
        rest(page)  # What the span holds has come, too.
        shown.append(page.content())
        page.keyboard.press("j")
    files = [path for path in (*server.home.rglob("*"), *ran.home.rglob("*")) if path.is_file()]
    stored = b"".join(path.read_bytes() for path in files)

    assert b"gpt-4.1-mini" in stored
    assert "kept" in "".join(spans)
    assert "headers" in "".join(shown)
    for text in ("".join([*spans, *answers, *shown]), stored.decode("utf-8", "replace")):
        assert "sentinel" not in text
