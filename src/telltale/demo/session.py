"""One run of the trip crew in a process of its own, as a user's program would be."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from telltale.demo.environment import live_environment, offline_environment
from telltale.demo.scripted_llm import Call, ScriptedLLM
from telltale.nouns.errors import BadInput, TelltaleError

EXPERIMENT = "Demo"
DELAY_S = 0.15
"""What a scripted answer takes, so that the run can be watched."""
KEY = "OPENAI_API_KEY"
INSTALL = "pip install crewai"
SILENCER = "OTEL_SDK_DISABLED"
"""It would silence the tracing that the demo is to show; so the crew's process does not get it."""
NOISE = ("crewai.llms.base_llm",)


class CrewFailed(TelltaleError):
    """The crew's process ended with an error; carries what it printed."""


def crewai_is_installed() -> bool:
    """Whether the crew can be run, and not only a recording of it."""
    return find_spec("crewai") is not None


def check_live(environment: Mapping[str, str]) -> None:
    """See to it that the crew can run with the user's own models.

    Raises:
        BadInput: If crewAI is not installed, or no key is set.
    """
    if not crewai_is_installed():
        raise BadInput(
            f"--live: crewAI is not installed for {sys.executable}; {INSTALL}, or leave out --live "
            "to see a recording",
            given="--live",
            expected="crewAI",
            remedy=INSTALL,
        )
    if not environment.get(KEY):
        raise BadInput(
            f"--live: the crew works with your own key; set {KEY}, or leave out --live",
            given="--live",
            expected=KEY,
            remedy=f"set {KEY}",
        )


def run_offline(lang: str, destination: str) -> tuple[str, tuple[Call, ...]]:
    """Run the crew against the scripted LLM; answer what it wrote and the calls it made.

    Raises:
        CrewFailed: If the program fails.
    """
    with ScriptedLLM(port=0, delay_s=DELAY_S) as llm, tempfile.TemporaryDirectory() as storage:
        text = _run(lang, llm.url, destination, offline_environment(llm.base_url, storage))
        return text, tuple(llm.calls)


def run_live(lang: str, destination: str) -> str:
    """Run the crew with the user's own key and models; only its web pages are local.

    Raises:
        CrewFailed: If the program fails.
    """
    with ScriptedLLM(port=0) as pages, tempfile.TemporaryDirectory() as storage:
        return _run(lang, pages.url, destination, live_environment(storage))


def _run(lang: str, site: str, destination: str, extra: Mapping[str, str]) -> str:
    program = [sys.executable, "-m", "telltale.demo.trip_crew", "--lang", lang, "--site", site]
    environment = {
        **{name: value for name, value in os.environ.items() if name != SILENCER},
        **extra,
        "TELLTALE_TRACKING_URI": destination,
        "TELLTALE_EXPERIMENT_NAME": EXPERIMENT,
        "PYTHONWARNINGS": "ignore",
    }
    with tempfile.TemporaryDirectory() as folder:
        # crewAI and its stores leave files in the working folder.
        done = subprocess.run(
            program,
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
    if done.returncode != 0:
        raise CrewFailed(
            f"the demo's crew failed: {' '.join(program)} ended with {done.returncode}:\n"
            f"{done.stderr[-4000:]}"
        )
    _show_warnings(done.stderr)
    return done.stdout


def _show_warnings(text: str) -> None:
    """What the program warned of, without what crewAI says about running offline."""
    lines = [line for line in text.splitlines() if line.strip()]
    for line in lines:
        if "Telltale" in line and not any(noise in line for noise in NOISE):
            print(line, file=sys.stderr)


def recording_path(lang: str) -> Path:
    """Where the recorded run of a language lies."""
    return Path(__file__).parent / "recordings" / f"trip_{lang}.jsonl"
