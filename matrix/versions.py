"""An environment for each version of crewAI, beside the development one."""

import subprocess
import sys
import tomllib
from pathlib import Path

from matrix import ROOT

VERSIONS = ("0.105.0", "0.130.0", "0.177.0", "1.0.0", "1.9.3", "1.13.0", "1.14.7", "1.15.30")
OLDEST, NEWEST = VERSIONS[0], VERSIONS[-1]
EXTRAS = ("a2a", "anthropic", "azure-ai-inference", "bedrock", "google-genai", "litellm")
"""What the newest has for each provider; of those that are older, what they have of it."""
WITHOUT = {"1.14.7": "litellm"}
"""Its own extra asks for other versions of openai and python-dotenv than it does itself."""


def python_of(version: str) -> str:
    """The interpreter that has a version; made where it is not there yet.

    Raises:
        subprocess.CalledProcessError: If it cannot be installed.
    """
    if version == NEWEST:
        return sys.executable
    folder = ROOT / ".venv" / "crewai" / version
    python, done = folder / "bin" / "python", folder / "done"
    extras = ",".join(extra for extra in EXTRAS if extra != WITHOUT.get(version))
    wanted = [f"crewai[{extras}]=={version}", *needs(ROOT / "pyproject.toml")]
    # LiteLLM wants mcp 2 from there on, and crewAI mcp 1.
    wanted += [] if version in WITHOUT else ["litellm<1.106"]
    if not done.exists() or done.read_text("utf-8") != "\n".join(wanted):
        uv = [sys.executable, "-m", "uv"]
        subprocess.run(
            [*uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)], check=True
        )
        subprocess.run(
            [*uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(python),
             *wanted],
            check=True,
        )  # fmt: skip
        done.write_text("\n".join(wanted), "utf-8")
    return str(python)


def needs(project: Path) -> list[str]:
    """What Telltale's SDK needs; Telltale itself is on the path."""
    return list(tomllib.loads(project.read_text("utf-8"))["project"]["dependencies"])
