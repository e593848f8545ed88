"""Where figures come from: a figure without its machine and its interpreter says nothing."""

import datetime
import os
import re
import shutil
import sqlite3
import subprocess
import time
from pathlib import Path

_ASK_PYTHON = """
import pathlib, platform, sys
makers = {".pyenv": "by pyenv", "uv": "by uv", "usr": "of the system"}
parts = pathlib.Path(sys.base_prefix).parts
built = next((words for part, words in makers.items() if part in parts), "of unknown origin")
print(platform.python_implementation(), platform.python_version(), built)
"""
_QUIET_WAIT_S = 2.0
_QUIET_LOOK_S = 0.2
_QUIET_SHARE = 0.8
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def where() -> str:
    """Date, CPU, SQLite and Chromium in one line."""
    cpu = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    parts = [
        datetime.datetime.now(datetime.UTC).date().isoformat(),
        f"{cpu.group(1) if cpu else 'unknown CPU'} × {os.cpu_count()}",
        f"SQLite {sqlite3.sqlite_version}",
    ]
    if (found := chromium()) is not None:
        said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
        parts.append(" ".join(said.stdout.split()[:2]))
    return ", ".join(parts)


def load() -> str:
    """How much else wants to run: what a reader must know of a wall time on a shared machine."""
    return f"load {os.getloadavg()[0]:.1f}"


def wait_for_quiet() -> None:
    """Let others finish first, for a while: a wall time begins when most of the machine is idle.

    Nothing that was measured is thrown away; where it never gets quiet, the figure says so.
    """
    until = time.monotonic() + _QUIET_WAIT_S
    while time.monotonic() < until:
        idle, total = _ticks()
        time.sleep(_QUIET_LOOK_S)
        idle_now, total_now = _ticks()
        if idle_now - idle >= _QUIET_SHARE * (total_now - total):
            return


def describe(python: str) -> str:
    """An interpreter's version and where it comes from.

    Builds of one version differ in speed, and sysconfig does not say: Debian's is optimised with a
    profile, and its `CONFIG_ARGS` hold no word of it.
    """
    said = subprocess.run([python, "-c", _ASK_PYTHON], capture_output=True, text=True, check=True)
    return said.stdout.strip()


def chromium() -> str | None:
    """A Chromium of this machine."""
    return next(filter(None, map(shutil.which, _BROWSERS)), None)


def _ticks() -> tuple[int, int]:
    """Ticks that all CPUs were idle, and ticks in all."""
    spent = [int(ticks) for ticks in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return spent[3] + spent[4], sum(spent)
