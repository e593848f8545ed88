"""`telltale demo`: from nothing to a real crew's trace on the screen, offline, in a minute."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from shutil import which
from typing import NamedTuple

import click

from telltale.cli.exits import STOPPABLE_EXIT_CODES
from telltale.cli.home import SameHome, chosen_home, holder_of, home_option
from telltale.cli.stopping import Stopped, stoppable
from telltale.cli.tree import draw
from telltale.cli.width import columns
from telltale.client.client import Client
from telltale.demo import session
from telltale.demo.completeness import missing, unfinished
from telltale.demo.recording import play
from telltale.nouns.addresses import DEFAULT_HOST, DEFAULT_PORT, next_port, port_of, url_of
from telltale.nouns.errors import TelltaleError
from telltale.nouns.trace import Skeleton, Trace
from telltale.server.home import home_of
from telltale.server.ports import owner_of

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
    if live:
        session.check_live(os.environ)
    lang = lang or ("zh" if os.environ.get("LANG", "").startswith("zh") else "en")
    try:
        with stoppable(), _server(port, home) as (client, process):
            click.echo(f"Open {client.address} to watch.", err=True)
            faults = _run(client, lang, live)
            for fault in faults:
                click.echo(f"telltale: {fault}", err=True)
            if process is not None and not end:
                click.echo(f"\nServing {client.address} until Ctrl-C.", err=True)
                _wait_to_be_stopped(client.address, process, home)
                return
    except Stopped as stop:
        click.echo("telltale: stopped", err=True)
        raise SystemExit(stop.exit_code) from stop
    if process is not None:
        again = _start_again(client.address, home)
        click.echo(f"\nThe demo's server has ended; to see the trace, {again}.", err=True)
    raise SystemExit(1 if faults else 0)


def _run(client: Client, lang: str, live: bool) -> list[str]:
    began_us = time.time_ns() // 1000
    calls: tuple[session.Call, ...] = ()
    played: frozenset[str] = frozenset()
    if not session.crewai_is_installed():
        click.echo(
            f"crewAI is not installed for {sys.executable}, so this is a recording of the crew.\n"
            f"To run it: {session.INSTALL}",
            err=True,
        )
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
def _server(port: int, given: Path | None) -> Iterator[tuple[Client, subprocess.Popen[str] | None]]:
    """The server that runs already, or one of our own for as long as the demo lasts.

    Yields:
        A client of it, and its process where it is our own.

    Raises:
        TelltaleError: If the one that runs is of another home than the one that is given.
    """
    address, home = url_of(DEFAULT_HOST, port), chosen_home(given)
    with Client(address) as client:
        if _is_telltale(client):
            found = _found(port, home)
            if given is not None and found.home != home:
                raise TelltaleError(
                    f"home {str(home)!r}: port {port} is taken by {found}, whose home this is not; "
                    "leave out --home to use that one, or give the demo's server another port: "
                    f"--port {next_port(port)}"
                )
            click.echo(f"Using {found}.", err=True)
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


class _Found(NamedTuple):
    """A server that runs already."""

    pid: int | None
    home: Path | None

    def __str__(self) -> str:
        who = "the server" if self.pid is None else f"the server of process {self.pid}"
        return who if self.home is None else f"{who} (home {self.home})"


def _found(port: int, home: Path) -> _Found:
    """What can be told of the server at a port: that of the home, or another."""
    holder = holder_of(home)
    if holder is not None and holder.address and port_of(holder.address) == port:
        return _Found(holder.pid, home)
    pid = owner_of(port)
    return _Found(pid, None if pid is None else home_of(pid))


def _wait_to_be_stopped(address: str, process: subprocess.Popen[str], home: Path | None) -> None:
    """Until a signal comes.

    Raises:
        TelltaleError: If the server ends before.
    """
    try:
        process.wait()
    except Stopped:
        click.echo("", err=True)
        return
    raise TelltaleError(
        f"the server at {address} has ended with {process.returncode}; "
        f"{_start_again(address, home)} to see the trace again"
    )


def _start_again(address: str, home: Path | None) -> str:
    """How to have the server again, typed as this command was where a shell knows no other."""
    how, program = SameHome(home).start_server(address), Path(sys.argv[0])
    if program.name != "telltale" or which("telltale"):
        return how
    return how.replace("`telltale", f"`{quote(str(program))}", 1)
