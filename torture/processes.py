"""Programs of the torture, each in a process group of its own, and what they leave behind."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.processes import environment
from testbed.waiting import wait_until
from torture import ROOT

_CALM_S = 60.0


def start(program: str, home: Path, destination: str, *arguments: object) -> subprocess.Popen[str]:
    """One of our programs, as the head of a process group; its stdout is a pipe."""
    return subprocess.Popen(
        [sys.executable, "-m", f"torture.programs.{program}", *map(str, arguments)],
        env=environment(
            home, TELLTALE_TRACKING_URI=destination, PYTHONPATH=f"{ROOT / 'src'}{os.pathsep}{ROOT}"
        ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )


def kill_all(process: subprocess.Popen[str]) -> None:
    """Kill a program with all its children, and come back when the last of them is gone."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    # The pipes end with the last process that holds them.
    process.communicate()


def segments(home: Path) -> list[Path]:
    """What waits in a home's journal."""
    return sorted((home / "journal").glob("*.[0-9]*"))


def flush(home: Path) -> None:
    """Ship what dead programs left, by the command that a user would type, until nothing waits.

    Raises:
        AssertionError: If something still waits after a minute.
    """

    def arrived() -> bool:
        command = [sys.executable, "-m", "telltale.cli", "flush", "--home", str(home)]
        subprocess.run(command, env=environment(home), capture_output=True, check=False)
        return not segments(home)

    wait_until(arrived, _CALM_S)


def wait_for(condition: Callable[[], object]) -> None:
    """Wait as long as a server may take to come to itself.

    Raises:
        AssertionError: If it does not hold within a minute.
    """
    wait_until(condition, _CALM_S)
