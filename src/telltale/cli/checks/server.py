"""The server that spans are sent to, and the one that lives in the home."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from telltale.cli.checks.answers import Answer, Who, is_here, port_of, same_place
from telltale.cli.checks.destination import OURS, Destination
from telltale.cli.checks.finding import Finding, Level
from telltale.server.home import Tenant
from telltale.server.ports import owner_of
from telltale.server.settings import DEFAULT_PORT
from telltale.tracing.settings import DEFAULT_DESTINATION

TOPIC = "server"
_KEEP = "spans wait in the journal until one is there"


def server(
    answer: Answer, named: Destination, holder: Tenant | None, flag: str = ""
) -> Iterator[Finding]:
    """Who answers where spans are sent to.

    Args:
        named: The address, and by whom it was named.
        holder: The server that lives in the home now.
        flag: `--home …`, with a space before it, where the home is not the default one.
    """
    address = answer.address
    where = address if named.origin == "default" else f"{address} (from {named.origin})"
    instead = ""
    if holder is not None and holder.address and not same_place(holder.address, address):
        instead = f"this home's server is elsewhere: export {OURS}={holder.address}"
    if answer.takes_spans:
        found = f"Telltale {answer.version.version}{_process(address)} answers at {where}"
        yield Finding(TOPIC, Level.OK, found)
    elif answer.who is Who.REFUSES_NAME:
        name = urlsplit(address).hostname or ""
        yield Finding(
            TOPIC,
            Level.PROBLEM,
            f"the server at {where} answers 403: it does not go by that name",
            f"start it with `telltale server --allowed-host {name}`",
        )
    elif answer.who is Who.STRANGER:
        says = f" that calls itself {answer.detail!r}" if answer.detail else ""
        yield Finding(
            TOPIC,
            Level.PROBLEM,
            f"another program{says}{_process(address)} answers at {where}: no spans are sent to it",
            instead or _beside(address, flag),
        )
    elif answer.who is Who.SILENT:
        yield Finding(
            TOPIC,
            Level.WARNING,
            f"{where}: {answer.detail}; {_KEEP}",
            instead or "look whether the server there runs, and what it has logged",
        )
    elif answer.who is Who.NOBODY:
        start = f"`telltale server{_port(port_of(address))}{flag}`"
        yield Finding(
            TOPIC,
            Level.WARNING,
            f"nobody answers at {where}; {_KEEP}",
            instead or (start if is_here(address) else f"start it there ({answer.detail})"),
        )


def localhost(answer: Answer, ask: Callable[[str], Answer]) -> Iterator[Finding]:
    """Whether `localhost` means one program to us and another to a browser."""
    if urlsplit(answer.address).hostname != "localhost" or not answer.takes_spans:
        return
    other = ask(f"http://[::1]:{port_of(answer.address)}")
    if other.who in (Who.STRANGER, Who.SILENT):
        yield Finding(
            TOPIC,
            Level.WARNING,
            f"at [::1]:{port_of(answer.address)} another program answers: a browser that is told "
            "`localhost` may open that one",
            f"open http://127.0.0.1:{port_of(answer.address)}",
        )


def tenant(
    home: Path, holder: Tenant | None, answer: Answer, ask: Callable[[str], Answer]
) -> Iterator[Finding]:
    """Whether the server that holds the home answers, and is the one that spans are sent to."""
    if holder is None:
        return
    who = f"the server of process {holder.pid}"
    if not holder.address:
        yield Finding(
            TOPIC,
            Level.WARNING,
            f"{who} holds {home} and does not listen yet",
            f"wait a moment; if that helps not, stop it: kill {holder.pid}",
        )
    elif not ask(holder.address).takes_spans:
        yield Finding(
            TOPIC,
            Level.PROBLEM,
            f"{who} holds {home}, and does not answer at {holder.address}",
            f"stop it (kill {holder.pid}) and start `telltale server` anew",
        )
    elif answer.takes_spans and not same_place(holder.address, answer.address):
        yield Finding(
            TOPIC,
            Level.NOTE,
            f"the server of {home} is at {holder.address} (process {holder.pid}), and programs "
            f"send to {answer.address}",
            f"nothing to do if you mean it; otherwise export {OURS}={holder.address}",
        )


def _beside(address: str, flag: str) -> str:
    """How to have a server although its place is taken."""
    if not is_here(address):
        return f"set {OURS} to a Telltale server; one on this machine is {DEFAULT_DESTINATION}"
    port = port_of(address)
    free = port + 1 if port < 65535 else DEFAULT_PORT
    remedy = f"`telltale server{_port(free)}{flag}`, and export {OURS}=http://127.0.0.1:{free}"
    if sys.platform == "darwin" and port == DEFAULT_PORT:
        remedy += "; if it is macOS's AirPlay: System Settings, AirDrop & Handoff"
    return remedy


def _port(port: int) -> str:
    return "" if port == DEFAULT_PORT else f" --port {port}"


def _process(address: str) -> str:
    """Which process listens there, where /proc tells."""
    pid = owner_of(port_of(address)) if is_here(address) else None
    if pid is None:
        return ""
    try:
        name = Path(f"/proc/{pid}/comm").read_text(errors="replace").strip()
    except OSError:
        return f" (process {pid})"
    return f" (process {pid}, {name})"
