"""`telltale demo` as it is where crewAI is not installed."""

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import importlib.util, sys
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "crewai" else find(name, *rest)
from telltale.cli import main
sys.argv = ["telltale", "demo", *sys.argv[1:]]
main()
"""


def demo(folder: Path, *options: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end, in a folder that is also the user's own."""
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *map(str, options)],
        cwd=folder,
        env={**os.environ, "HOME": str(folder), "LANG": "C.UTF-8", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
