"""Run a user's program as a process of its own, and see what became of it."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import msgspec

from recording import NOWHERE, Recording

_OURS = ("TELLTALE_", "MLFLOW_", "OTEL_")
_TIMEOUT_S = 60


class Outcome(msgspec.Struct, frozen=True):
    """A program that has ended."""

    returncode: int
    stdout: str
    stderr: str
    recording: Recording

    @property
    def warnings(self) -> list[str]:
        """What we said on stderr, a line each."""
        return [line for line in self.stderr.splitlines() if "Telltale" in line]


def environment(home: Path, destination: str | None, more: dict[str, str]) -> dict[str, str]:
    """A machine on which nothing is set but what is said here."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith(_OURS)}
    told = {"TELLTALE_HOME": str(home)}
    if destination is not None:
        told["TELLTALE_TRACKING_URI"] = destination
    return plain | told | more


def start_program(
    code: str, home: Path, destination: str | None = NOWHERE, **more: str
) -> subprocess.Popen[str]:
    """Start a program; its stdin and stdout are pipes to speak with it."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        env=environment(home, destination, more),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run_program(code: str, home: Path, destination: str | None = NOWHERE, **more: str) -> Outcome:
    """Run a program to its end."""
    with start_program(code, home, destination, **more) as process:
        return outcome(process, home)


def outcome(process: subprocess.Popen[str], home: Path) -> Outcome:
    """Wait for a started program's end."""
    try:
        stdout, stderr = process.communicate(timeout=_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return Outcome(process.returncode, stdout, stderr, Recording(home))
