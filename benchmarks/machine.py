"""Where figures come from: a figure without its machine and its interpreter says nothing."""

import datetime
import os
import re
import shutil
import sqlite3
import subprocess
from pathlib import Path

_ASK_PYTHON = """
import platform, sysconfig
optimised = "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or "")
print(platform.python_implementation(), platform.python_version(),
      "(optimised build)" if optimised else "(built without --enable-optimizations)")
"""
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def where() -> str:
    """Date, CPU, SQLite and Chromium in one line."""
    cpu = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    parts = [
        datetime.datetime.now(datetime.UTC).date().isoformat(),
        f"{cpu.group(1) if cpu else 'unknown CPU'} × {os.cpu_count()}",
        f"SQLite {sqlite3.sqlite_version}",
    ]
    if (found := browser()) is not None:
        said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
        parts.append(" ".join(said.stdout.split()[:2]))
    return ", ".join(parts)


def describe(python: str) -> str:
    """An interpreter's version, and whether it was built to be fast: that is a factor of two."""
    said = subprocess.run([python, "-c", _ASK_PYTHON], capture_output=True, text=True, check=True)
    return said.stdout.strip()


def browser() -> str | None:
    """A Chromium of this machine."""
    return next(filter(None, map(shutil.which, _BROWSERS)), None)
