"""The trip crew as a user runs it: a process of its own, offline, with empty storage."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import telltale
from telltale.demo.environment import offline_environment
from telltale.demo.texts import TEXTS

OFFLINE = """
import sys

def watch(event, args):
    host = {"socket.connect": lambda: args[1][0] if isinstance(args[1], tuple) else "127.0.0.1",
            "socket.getaddrinfo": lambda: args[0]}.get(event, lambda: "127.0.0.1")()
    if host not in ("127.0.0.1", "localhost", "::1", None):
        print("OUTSIDE", event, args, file=sys.stderr)

sys.addaudithook(watch)
# Who has installed crewAI need not have its tools.
sys.modules["crewai_tools"] = None
"""
RUN = f"{OFFLINE}\nfrom telltale.demo.trip_crew import main\nsys.exit(main(sys.argv[1:]))"
BUILD = f"{OFFLINE}\nfrom telltale.demo.trip_crew import build_crew\nbuild_crew(*sys.argv[1:])"


def run(llm, folder: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    home = folder / "home"
    home.mkdir()
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(telltale.__file__).parents[1]),
        "HOME": str(home),
        **offline_environment(llm.base_url, folder / "storage"),
    }
    return subprocess.run(
        [sys.executable, "-X", "utf8", "-c", program, *arguments],
        env=environment, cwd=folder, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip


@pytest.mark.crew
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_run_is_14_chats_and_15_embeddings_in_either_language(llm, tmp_path, lang):
    ran = run(llm, tmp_path, RUN, "--no-autolog", "--lang", lang, "--site", llm.url)

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip().endswith(TEXTS[lang].scenes[1].answer)
    assert "OUTSIDE" not in ran.stderr
    assert {call.status for call in llm.calls} == {200}
    assert Counter(call.kind for call in llm.calls) == {"chat": 14, "embedding": 15, "page": 2}
    # Per task: one memory read, one knowledge query, two turns of the agent with one run of the
    # web tool between them, and one memory write of two statements.
    assert Counter(call.purpose for call in llm.calls if call.kind == "chat") == {
        "recall": 2,
        "rewrite": 2,
        "agent": 4,
        "extract": 2,
        "encode": 4,
    }
    assert [call.path for call in llm.calls if call.kind == "page"] == [
        page.path for page in TEXTS[lang].pages
    ]


@pytest.mark.crew
def test_building_the_crew_embeds_its_knowledge_once(llm, tmp_path):
    ran = run(llm, tmp_path, BUILD, "en", llm.url)

    assert ran.returncode == 0, ran.stderr
    assert [(call.kind, call.model) for call in llm.calls] == [
        ("embedding", "text-embedding-3-small")
    ]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_task_texts_are_long_enough_for_memory_to_ask_the_model(lang):
    # crewAI 1.15.30 recalls by the bare text where it is shorter than 200 characters.
    assert min(len(task.description) for task in TEXTS[lang].tasks) >= 200


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_scene_is_known_by_words_of_its_own_task_only(lang):
    text = TEXTS[lang]
    held = [[scene.cue in task.description for task in text.tasks] for scene in text.scenes]

    assert held == [[True, False], [False, True]]
    assert not any(scene.cue in other.answer for scene in text.scenes for other in text.scenes)


def test_the_environment_is_a_value_and_leaves_opentelemetry_alone(tmp_path):
    environment = offline_environment("http://127.0.0.1:1/v1", tmp_path)

    assert environment == offline_environment("http://127.0.0.1:1/v1", str(tmp_path))
    assert environment["OPENAI_BASE_URL"] == environment["OPENAI_API_BASE"]
    assert "OTEL_SDK_DISABLED" not in environment
