"""Programs under measurement: each in a process of its own, watched from outside through /proc."""

import gzip
import http.client
import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.machine import wait_for_quiet
from testbed.processes import resident_bytes, status
from testbed.servers import a_free_port

PROGRAMS = Path(__file__).parent / "programs"
NOBODY = "http://127.0.0.1:9"
"""Where no server is: port 9 is `discard`, which nobody runs."""
_STOP_S = 10.0
_POLL_S = 0.005
_START_S = 60.0
_KEPT_S = 2.0
"""uvicorn closes a connection that was silent for 5 s."""


def environment(home: Path, **more: str) -> dict[str, str]:
    """The caller's environment without what would change how a program is traced."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OTEL_", "TELLTALE_", "MLFLOW_", "PYTHON"))
    }
    return kept | {"TELLTALE_HOME": str(home), "TELLTALE_TRACKING_URI": NOBODY} | more


def run_program(python: str, name: str, *arguments: object, **more: str) -> Any:
    """Run one of our programs in a new folder; answer what it printed last, as JSON.

    Raises:
        SystemExit: If it fails, with what it wrote to stderr.
    """
    with tempfile.TemporaryDirectory(prefix="telltale-bench-") as folder:
        command = [python, str(PROGRAMS / f"{name}.py"), *map(str, arguments)]
        done = subprocess.run(
            command,
            env=environment(Path(folder) / "home", **more),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


class Server:
    """A server that runs, and what /proc tells of it."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, ready_s: float) -> None:
        self.port = port
        self.address = f"http://127.0.0.1:{port}"
        self.ready_s = ready_s
        """From the process's start to the first answered request."""
        self.pid = process.pid
        self._process = process
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._asked_s = 0.0

    def ask(self, path: str, body: bytes | None = None, **more: str) -> bytes:
        """One request on the kept connection, answered by 200; the answer unpacked.

        Args:
            more: Further headers.
        """
        if time.monotonic() - self._asked_s > _KEPT_S:
            self._connection.close()
        headers = {"Content-Type": "application/octet-stream"} if body is not None else {}
        headers |= {"Accept-Encoding": "gzip"} | more
        self._connection.request("GET" if body is None else "POST", path, body, headers)
        response = self._connection.getresponse()
        answer = response.read()
        self._asked_s = time.monotonic()
        if response.status != 200:
            raise SystemExit(f"{path} answered {response.status}: {answer[:500]!r}")
        return gzip.decompress(answer) if response.headers.get("Content-Encoding") else answer

    def cpu_s(self) -> float:
        """Seconds of CPU that it and what descends from it have used, all threads together."""
        return sum(map(process_cpu_s, self._family()))

    def resident_mb(self) -> float:
        """Memory that it holds now, in megabytes."""
        return (resident_bytes(self.pid) or 0) / 1e6

    def threads(self) -> int:
        """Threads that it has now."""
        return status(self.pid, "Threads") or 0

    def processes(self) -> int:
        """How many it is, with everything that descends from it."""
        return len(self._family())

    def _family(self) -> set[int]:
        parents = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                # The name may hold spaces and brackets: what follows the last bracket counts.
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # It ended while we looked.
            parents[int(folder.name)] = int(fields[1])
        family = {self.pid}
        while more := {pid for pid, parent in parents.items() if parent in family} - family:
            family |= more
        return family

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        self._connection.close()
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@contextmanager
def server(python: str, home: Path) -> Iterator[Server]:
    """A server of this interpreter, ready inside the block."""
    command = [python, "-m", "telltale.cli", "server", "--home", str(home)]
    with running_server(command, home, "/api/v1/version") as started:
        yield started


@contextmanager
def running_server(command: list[str], home: Path, greeting: str) -> Iterator[Server]:
    """A server of this command, which is given `--port`, ready inside the block.

    What it says goes nowhere.

    Args:
        greeting: A path that it answers with 200 once it is ready.
    """
    started = _start(command, home, greeting)
    try:
        yield started
    finally:
        started.stop()


@contextmanager
def fresh_home() -> Iterator[Path]:
    """A home that nobody has lived in."""
    with tempfile.TemporaryDirectory(prefix="telltale-bench-") as folder:
        yield Path(folder)


def process_cpu_s(pid: int) -> float:
    """CPU time of another process, to the nanosecond.

    /proc/<pid>/stat counts in ticks of 10 ms. The id of a foreign process's clock is made as
    glibc's clock_getcpuclockid makes it.
    """
    return time.clock_gettime(((~pid) << 3) | 2)


def _start(command: list[str], home: Path, greeting: str) -> Server:
    wait_for_quiet()
    port = a_free_port()
    command = [*command, "--port", str(port)]
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        env=environment(home),
        cwd=home.parent,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while time.perf_counter() - began < _START_S and process.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_START_S)
            connection.request("GET", greeting)
            if connection.getresponse().status == 200:
                ready_s = time.perf_counter() - began
                connection.close()
                return Server(process, port, ready_s)
        except OSError:
            time.sleep(_POLL_S)
    process.kill()
    process.wait()
    raise SystemExit(f"{' '.join(command)} did not answer")
