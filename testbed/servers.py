"""A real server in a process of its own, for what goes through the public door."""

import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from testbed.processes import resident_bytes

SOURCE = Path(__file__).parents[1] / "src"
SERVER = ("-m", "telltale.cli", "server")
_READY = re.compile(r"is ready: (http://\S+)")


def a_free_port() -> int:
    """A port that nobody listens on, and that no system gives to those who ask for any."""
    while True:
        port = random.randrange(20_000, 32_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


class RunningServer:
    """`telltale server` on a free port: started by `with`, ready inside it, stopped after it."""

    def __init__(
        self, home: Path, *options: str, port: int = 0, program: Sequence[str] = SERVER
    ) -> None:
        """Start nothing yet.

        Args:
            program: What Python runs instead of `telltale server`; it is given the same options.
        """
        self.home = home
        self.base_url = ""
        """`http://127.0.0.1:<port>` once it is ready."""
        self._command = [sys.executable, *program]
        self._command += ["--port", str(port), "--home", str(home), *options]
        self._process: subprocess.Popen[str] | None = None
        self._log: IO[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        if self._log is not None:
            self._log.close()

    @property
    def pid(self) -> int:
        """Of the server's one process."""
        assert self._process is not None
        return self._process.pid

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.base_url.rpartition(":")[2])

    def start(self) -> None:
        """Start it, and come back when it answers."""
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  closed with the `with`
        self._process = subprocess.Popen(
            self._command,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env={**os.environ, "PYTHONPATH": str(SOURCE)},
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        ready = _READY.search(line)
        if ready is None:
            self._process.wait()
            raise AssertionError(f"the server did not start: {line!r}\n{self.log()}")
        self.base_url = ready.group(1)

    def log(self) -> str:
        """What it has written to stderr."""
        assert self._log is not None
        # From its place, without a seek: the server writes on at the offset that it would move.
        log = self._log.fileno()
        return os.pread(log, os.fstat(log).st_size, 0).decode()

    def resident_bytes(self) -> int:
        """Memory that it holds now."""
        found = resident_bytes(self.pid)
        assert found is not None, "the server has ended"
        return found

    def cpu_s(self) -> float:
        """Seconds of work since it was started, whatever else the machine does."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self, by: int = signal.SIGTERM) -> int:
        """Stop it and answer its exit code; a server that has gone is left alone."""
        process = self._process
        assert process is not None
        if process.poll() is None:
            process.send_signal(by)
            process.wait()
        assert process.stdout is not None
        process.stdout.close()
        return process.returncode
