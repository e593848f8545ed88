"""A program that dies in the middle is shown as lost, and what it ended is there, once."""

import os
import signal
from contextlib import contextmanager

import httpx2
import pytest
from exposition import read_figures

from programs import outcome, run_program, start_program
from telltale.client.client import Client
from testbed.servers import RunningServer, a_free_port
from testbed.waiting import wait_until

HALF = """
import os, signal, sys, telltale
outer = telltale.start_span("ROOT")
outer.__enter__()
with telltale.start_span("done"): pass
telltale.flush()
print("ready", flush=True)
"""
DEATHS = (
    "os.kill(os.getpid(), signal.SIGKILL)",
    "signal.raise_signal(signal.SIGTERM)",
    "os._exit(7)",
    "raise ValueError('no')",
    "raise KeyboardInterrupt",
    "sys.exit(0)",
    "os.execv('/bin/true', ['true'])",
)
FORKED_IN_C = """
import ctypes, os, signal, telltale
span = telltale.start_span("forked in c")
span.__enter__()
telltale.flush()
libc = ctypes.CDLL(None)
if libc.fork() == 0:
    libc.puts(b"ready")
    libc.fflush(None)
    libc.read(0, ctypes.create_string_buffer(1), 1)
    libc._exit(0)
os.kill(os.getpid(), signal.SIGKILL)
"""
WORKERS = """
import multiprocessing, os, telltale

def work(number):
    with telltale.start_span(f"METHOD {number}"): pass

if __name__ == "__main__":
    context = multiprocessing.get_context("METHOD")
    with telltale.start_span("METHOD"):
        workers = [context.Process(target=work, args=(n,)) for n in range(3)]
        for worker in workers: worker.start()
        for worker in workers: worker.join()
        assert [worker.exitcode for worker in workers] == [0, 0, 0]
"""
STATES = ("ended", "running", "lost")
LOST_WITHIN_S = 60


@pytest.fixture(scope="module")
def there(tmp_path_factory):
    """A server, and the home that it shares with the programs."""
    home, port = tmp_path_factory.mktemp("home"), a_free_port()
    with RunningServer(home, port=port) as server, Client(server.base_url) as client:
        yield server, client


@contextmanager
def ready(code, server):
    """A program that has come as far as its line `ready`."""
    with start_program(code, server.home, server.base_url) as process:
        try:
            assert process.stdout.readline() == "ready\n"
            yield process
        except BaseException:
            process.kill()  # Also one that is stopped; to leave the `with` waits for its end.
            raise


def named(client, root: str):
    """The trace whose root has this name."""
    (trace,) = [trace for trace in client.traces() if trace.name == root]
    return trace


def spans(client, trace) -> dict[str, str]:
    """State by name."""
    skeleton = client.skeleton(trace.trace_id)
    names = [skeleton.names[n] for n in skeleton.name]
    assert len(names) == len(set(names)), "a span stands there twice"
    return dict(zip(names, (STATES[s] for s in skeleton.state), strict=True))


def journal(server) -> list:
    return sorted((server.home / "journal").iterdir())


def adopted(server) -> int:
    """How many segments the server has brought itself."""
    figures = read_figures(httpx2.get(f"{server.base_url}/metrics").text)
    return figures["telltale_adopted_total"]


def test_what_was_open_when_a_program_died_is_lost_and_what_had_ended_is_not(there):
    server, client = there
    for death in DEATHS:
        run_program(HALF.replace("ROOT", death[:20]) + death, server.home, server.base_url)

    def all_lost():
        return {named(client, death[:20]).state for death in DEATHS} == {"lost"}

    wait_until(all_lost, LOST_WITHIN_S)
    for death in DEATHS:
        trace = named(client, death[:20])
        assert spans(client, trace) == {death[:20]: "lost", "done": "ended"}
        assert trace.duration_us is not None, "it is shown until it was last heard of"
    wait_until(lambda: not journal(server))


def test_who_is_silent_is_lost_within_a_minute_and_who_speaks_again_is_found(there):
    """A laptop that is closed stops its programs as SIGSTOP does.

    Beside it, the documented exception: a child that was forked in C runs none of Python's hooks,
    so it keeps its parent's lock, and nobody can tell by it that the parent is dead.
    """
    server, client = there
    sleeper = HALF.replace("ROOT", "sleeper") + "input()\nouter.__exit__(None, None, None)"
    with ready(sleeper, server) as asleep, ready(FORKED_IN_C, server) as forked:
        asleep.send_signal(signal.SIGSTOP)
        forked.wait()
        assert named(client, "sleeper").state == named(client, "forked in c").state == "running"

        wait_until(lambda: named(client, "sleeper").state == "lost", LOST_WITHIN_S)
        wait_until(lambda: named(client, "forked in c").state == "lost", LOST_WITHIN_S)
        assert len([path for path in journal(server) if path.suffix == ".lock"]) == 2

        asleep.send_signal(signal.SIGCONT)
        wait_until(lambda: named(client, "sleeper").state == "running", 15)
        for process in (asleep, forked):
            process.stdin.write("\n")
            outcome(process, server.home)

    wait_until(lambda: set(spans(client, named(client, "sleeper")).values()) == {"ended"})
    wait_until(lambda: not journal(server))


def test_an_owner_that_is_killed_is_lost_though_its_forked_child_lives(there):
    server, client = there
    code = HALF.replace("ROOT", "owner").replace(
        'print("ready", flush=True)',
        """
if (child := os.fork()) == 0:
    with telltale.start_span("of the child"): pass
    telltale.flush()
    print("ready", flush=True)
    sys.stdin.read()
    os._exit(0)
os.kill(os.getpid(), signal.SIGKILL)
""",
    )
    with ready(code, server) as process:
        wait_until(lambda: named(client, "owner").state == "lost", LOST_WITHIN_S)
        assert spans(client, named(client, "owner")) == {
            "owner": "lost",
            "done": "ended",
            "of the child": "ended",
        }
        outcome(process, server.home)
    wait_until(lambda: not journal(server))


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_worker_of_multiprocessing_ships_at_its_end(there, method, tmp_path):
    server, client = there
    before = adopted(server)
    script = tmp_path / "workers.py"
    script.write_text(WORKERS.replace("METHOD", method))
    program = run_program(
        f"import runpy; runpy.run_path({str(script)!r}, run_name='__main__')",
        server.home,
        server.base_url,
    )

    assert (program.returncode, program.stderr) == (0, "")
    wait_until(lambda: not journal(server))
    # One that a slow machine gives no time at its end is brought by the server, but not all are.
    assert adopted(server) - before < 3
    roots = [trace.name for trace in client.traces(limit=4)]
    shipped = {name for root in roots for name in spans(client, named(client, root))}
    assert {f"{method} {n}" for n in range(3)} | {method} <= shipped


def test_a_program_that_died_with_its_server_is_lost_when_the_server_is_back(there):
    server, _ = there
    with ready(HALF.replace("ROOT", "both") + "input()", server) as process:
        for pid in (process.pid, server.pid):
            os.kill(pid, signal.SIGKILL)
        process.wait()
        server.stop()
        server.start()
        with Client(server.base_url) as client:
            wait_until(lambda: named(client, "both").state == "lost", LOST_WITHIN_S)
