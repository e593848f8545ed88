"""What the documents show runs, and where they point there is something."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from telltale.demo.recording import play
from telltale.demo.session import recording_path
from telltale.demo.texts import TEXTS
from testbed.servers import RunningServer

ROOT = Path(__file__).parents[1]
READMES = [ROOT / "README.md", ROOT / "README.zh.md"]
DOCUMENTS = sorted([*READMES, ROOT / "ARCHITECTURE.md", *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


ELSEWHERE = {"TELLTALE_TRACKING_URI": "http://127.0.0.1:9"}
"""Nobody listens there: the documents' programs must not ship to a server that happens to run."""


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def blocks(language: str) -> list:
    return [
        pytest.param(code, id=f"{named(path)} {number}")
        for path in DOCUMENTS
        for number, (found, code) in enumerate(BLOCK.findall(path.read_text("utf-8")))
        if found == language
    ]


OFFLINE_CREW = {"CREWAI_DISABLE_TELEMETRY": "true", "CREWAI_DISABLE_VERSION_CHECK": "true"}


@pytest.mark.parametrize("code", blocks("python"))
def test_programs_run(code, tmp_path):
    # What crewAI warns of when it is imported is not for us to end.
    is_crews = "import crewai" in code or "from crewai" in code
    done = subprocess.run(
        [sys.executable, "-W", "ignore" if is_crews else "error", "-c", code],
        env=ELSEWHERE | (OFFLINE_CREW if is_crews else {}) | {"HOME": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    # Nobody listens, and that may be said once; nothing else may.
    said = [line for line in done.stderr.splitlines() if not is_crews or "Telltale" in line]
    assert len(said) <= 1
    assert all("no server at" in line for line in said)


@pytest.mark.parametrize("code", blocks("shell"))
def test_commands_exist(code):
    targets = re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for line in code.strip().splitlines():
        program, *words = line.split()
        if program == "make":
            assert words[0] in targets
        elif program == "telltale":
            asked = [sys.executable, "-m", "telltale.cli", *words, "--help"]
            assert subprocess.run(asked, capture_output=True, check=False).returncode == 0, line
        elif program == "python":
            asked = [sys.executable, *words, "--help"]
            assert subprocess.run(asked, capture_output=True, check=False).returncode == 0, line
        elif program == "export":
            assert all("=" in word for word in words), line
        else:
            assert program == "pip", line


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Iterator[str]:
    """A server that has the demo's traces in both languages; what the list finds has its words."""
    with RunningServer(tmp_path_factory.mktemp("demo")) as server:
        for lang in TEXTS:
            play(recording_path(lang), server.base_url, lang)
        yield server.base_url


@pytest.mark.parametrize("readme", READMES, ids=named)
@pytest.mark.parametrize("lang", sorted(TEXTS))
def test_the_filter_that_the_readme_shows_finds_the_demos_crew(demo, readme, lang):
    (line,) = re.findall(r"^telltale (traces list --filter .+)$", readme.read_text("utf-8"), re.M)

    found = subprocess.run(
        [sys.executable, "-m", "telltale.cli", *shlex.split(line), "--experiment", lang, "--json"],
        env=os.environ | {"TELLTALE_TRACKING_URI": demo},
        capture_output=True,
        text=True,
        check=True,
    )

    assert [trace["name"] for trace in json.loads(found.stdout)] == ["trip"]


@pytest.mark.parametrize("path", READMES, ids=named)
def test_the_readme_says_what_to_do_where_the_port_is_taken(path):
    text = path.read_text("utf-8")

    for word in (
        "AirPlay",
        "--port 5001",
        "--server",
        "TELLTALE_TRACKING_URI=http://127.0.0.1:5001",
    ):
        assert word in text


def test_the_chinese_readme_has_the_pages_word_for_tokens():
    text = (ROOT / "README.zh.md").read_text("utf-8")

    assert "Token" in text
    assert not re.search(r"令牌|\btokens?\b", text)


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_links_lead_somewhere(path):
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text("utf-8"))

    missing = [link for link in links if "://" not in link and not (path.parent / link).exists()]
    assert not missing


def test_both_readmes_show_the_same_commands_and_programs():
    english, chinese = (BLOCK.findall(path.read_text("utf-8")) for path in READMES)

    assert [language for language, _ in english] == [language for language, _ in chinese]
    for (language, code), (_, translated) in zip(english, chinese, strict=True):
        if language == "shell":
            assert code == translated


@pytest.mark.parametrize("path", sorted((ROOT / "docs" / "decisions").glob("*.md")), ids=named)
def test_a_decision_is_short_and_says_when_it_would_be_wrong(path):
    text = path.read_text("utf-8")

    assert len(text.splitlines()) <= 60
    for part in ("**Context.**", "**Decision.**", "**Rejected.**", "**We would notice**"):
        assert part in text


def test_the_architecture_fits_one_screen():
    assert len((ROOT / "ARCHITECTURE.md").read_text("utf-8").splitlines()) <= 40
