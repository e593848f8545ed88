"""`telltale demo`: from nothing to a real crew's trace on the screen, offline, in a minute."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from telltale.cli.exits import STOPPABLE_EXIT_CODES
from telltale.cli.home import chosen_home, home_option
from telltale.cli.stopping import Stopped, stoppable
from telltale.cli.tree import draw
from telltale.cli.width import columns
from telltale.client.client import Client
from telltale.demo import session
from telltale.demo.completeness import missing, unfinished
from telltale.demo.recording import play
from telltale.nouns.addresses import DEFAULT_HOST, DEFAULT_PORT, url_of
from telltale.nouns.errors import TelltaleError
from telltale.nouns.remedies import start_server
from telltale.nouns.trace import Skeleton, Trace

ARRIVAL_S = 15.0
"""How long the last span may take from the program's end to the screen."""
_POLL_S = 0.1


@click.command(epilog=STOPPABLE_EXIT_CODES)
@click.option("--exit", "end", is_flag=True, help="End after the run; 0 if the trace is complete.")
@click.option("--lang", type=click.Choice(["en", "zh"]), help="The crew's language.")
@click.option("--live", is_flag=True, help="Use your own OPENAI_API_KEY instead of the script.")
@click.option("--port", type=click.IntRange(1, 65535), default=DEFAULT_PORT, show_default=True)
@home_option("Folder of the server's databases.")
def demo(end: bool, lang: str | None, live: bool, port: int, home: Path | None) -> None:
    """Run a small crew offline and show its trace.

    Two agents plan a trip: with knowledge, memory and a web search, against a scripted model.
    The server stays until Ctrl-C. Without crewAI a recorded run is shown.
    """
    lang = lang or ("zh" if os.environ.get("LANG", "").startswith("zh") else "en")
    try:
        with stoppable(), _server(port, chosen_home(home)) as (client, process):
            click.echo(f"Open {client.address} to watch.", err=True)
            faults = _run(client, lang, live)
            for fault in faults:
                click.echo(f"telltale: {fault}", err=True)
            if end:
                raise SystemExit(1 if faults else 0)
            click.echo(f"\nServing {client.address} until Ctrl-C.", err=True)
            _wait_to_be_stopped(client.address, process)
    except Stopped as stop:
        click.echo("telltale: stopped", err=True)
        raise SystemExit(stop.exit_code) from stop


def _run(client: Client, lang: str, live: bool) -> list[str]:
    began_us = time.time_ns() // 1000
    calls: tuple[session.Call, ...] = ()
    played: frozenset[str] = frozenset()
    if not session.crewai_is_installed():
        click.echo("crewAI is not installed, so this is a recording of the crew.", err=True)
        click.echo("To run it: pip install crewai crewai-tools", err=True)
        played = play(session.recording_path(lang), client.address, session.EXPERIMENT)
    else:
        if session.SILENCER in os.environ:
            click.echo(f"{session.SILENCER} is set; the demo's own crew runs without it.", err=True)
        if live:
            click.echo("The crew works with your own models …", err=True)
            session.run_live(lang, client.address)
        else:
            click.echo("The crew works, offline …", err=True)
            _, calls = session.run_offline(lang, client.address)

    def is_of_this_run(trace: Trace) -> bool:
        return trace.trace_id in played if played else trace.start_us >= began_us

    traces, faults = _arrived(client, is_of_this_run, calls)
    for trace, skeleton in traces:
        if trace.kind == "crew":
            click.echo(draw(trace, skeleton, columns(), sys.stdout.isatty()), color=True)
            click.echo(f"\n{client.address}/traces/{trace.trace_id}")
    return faults


def _arrived(
    client: Client, is_of_this_run: Callable[[Trace], bool], calls: tuple[session.Call, ...]
) -> tuple[list[tuple[Trace, Skeleton]], list[str]]:
    """The demo's traces once they are whole, or what is missing when the time is up."""
    deadline = time.monotonic() + ARRIVAL_S
    while True:
        found = (
            [
                (trace, client.skeleton(trace.trace_id))
                for trace in client.traces(experiment=session.EXPERIMENT, limit=10)
                if is_of_this_run(trace)
            ]
            if _has_experiment(client)
            else []
        )
        skeletons = [skeleton for _, skeleton in found]
        faults = [] if any(trace.kind == "crew" for trace, _ in found) else ["no crew was traced"]
        faults += unfinished(skeletons)
        if calls:
            faults += missing(skeletons, calls)
        if not faults or time.monotonic() > deadline:
            return found, faults
        time.sleep(_POLL_S)


def _has_experiment(client: Client) -> bool:
    return any(experiment.name == session.EXPERIMENT for experiment in client.experiments())


@contextmanager
def _server(port: int, home: Path) -> Iterator[tuple[Client, subprocess.Popen[str] | None]]:
    """The server that runs already, or one of our own for as long as the demo lasts.

    Yields:
        A client of it, and its process where it is our own.
    """
    address = url_of(DEFAULT_HOST, port)
    with Client(address) as client:
        if _is_telltale(client):
            yield client, None
            return
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "telltale.cli", "server"),
                *("--port", str(port), "--home", str(home)),
            ],
            stdout=subprocess.PIPE,
            text=True,
            # Ctrl-C is ours to hear first: the server must outlive the last request.
            start_new_session=True,
        )
        try:
            ready = process.stdout.readline() if process.stdout else ""
            if not ready:
                raise SystemExit(process.wait())
            yield client, process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


def _is_telltale(client: Client) -> bool:
    try:
        client.version()
    except TelltaleError:
        return False
    return True


def _wait_to_be_stopped(address: str, process: subprocess.Popen[str] | None) -> None:
    """Until a signal comes.

    Args:
        process: The demo's own server; None where it found one, which is not its to watch.

    Raises:
        TelltaleError: If that server ends before.
    """
    try:
        if process is None:
            signal.pause()
        else:
            process.wait()
    except Stopped:
        click.echo("", err=True)
        return
    if process is not None:
        raise TelltaleError(
            f"the server at {address} has ended with {process.returncode}; {start_server(address)} "
            "to see the trace again"
        )
