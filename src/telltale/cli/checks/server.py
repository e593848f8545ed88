"""The server that spans are sent to, and the one that lives in the home."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from telltale.cli.answers import Answer, Who, same_place
from telltale.cli.checks.destination import OURS, Destination, name_instead
from telltale.cli.checks.finding import Finding, Level, Topic
from telltale.cli.home import SameHome
from telltale.nouns.addresses import DEFAULT_HOST, DEFAULT_PORT, is_here, next_port, port_of, url_of
from telltale.nouns.remedies import allow_host, mend_address, server_command
from telltale.server.home import Tenant
from telltale.server.ports import owner_of

_KEEP = "spans wait in the journal until a server answers"


def check_server(
    answer: Answer, named: Destination, holder: Tenant | None, same_home: SameHome
) -> Iterator[Finding]:
    """Who answers where spans are sent to.

    Args:
        named: The address, and by whom it was named.
        holder: The server that lives in the home now.
    """
    address = answer.address
    where = address if named.origin == "default" else f"{address} (from {named.origin})"
    instead = ""
    # Whoever means a server on another machine is not helped by this one's.
    other = holder.address if holder is not None and is_here(address) else ""
    if other and not same_place(other, address):
        instead = f"this home's server is at {other}: {name_instead(other, named.origin)}"
    if answer.takes_spans:
        yield _takes(answer, where)
    elif answer.who is Who.REFUSES_NAME:
        yield Finding(
            Topic.SERVER,
            Level.PROBLEM,
            f"the server at {where} answers 403: it refuses requests for that name",
            f"start it again with {allow_host(address)}, and the other options that it had",
        )
    elif answer.who is Who.BESIDE:
        yield Finding(
            Topic.SERVER,
            Level.PROBLEM,
            f"Telltale does not answer at {where}, but at {answer.instead}; {_KEEP}",
            f"{mend_address(address, answer.instead)} "
            f"({name_instead(answer.instead, named.origin)})",
        )
    elif answer.who is Who.STRANGER:
        says = f" that calls itself {answer.detail!r}" if answer.detail else ""
        yield Finding(
            Topic.SERVER,
            Level.PROBLEM,
            f"another program{says}{_process(address)} answers at {where}: no spans are sent to it",
            instead or _beside(address, named.origin, same_home),
        )
    elif answer.who is Who.SILENT:
        yield Finding(
            Topic.SERVER,
            Level.WARNING,
            f"{where}: {answer.detail}; {_KEEP}",
            instead or "check whether the server there runs, and what it has logged",
        )
    elif answer.who is Who.NOBODY:
        why = "" if server_command(address) else f" ({answer.detail})"
        yield Finding(
            Topic.SERVER,
            Level.WARNING,
            f"nobody answers at {where}{why}; {_KEEP}",
            instead or _start(address, named.origin, same_home),
        )


def _takes(answer: Answer, where: str) -> Finding:
    """Of a server that spans are sent to: whether it stores them."""
    if refusing := answer.version.refusing:
        return Finding(
            Topic.SERVER,
            Level.PROBLEM,
            f"the server at {where} stores nothing now: {refusing}; {_KEEP}",
            "mend that: programs send their spans again by themselves",
        )
    found = f"Telltale {answer.version.version}{_process(answer.address)} answers at {where}"
    return Finding(Topic.SERVER, Level.OK, found)


def check_localhost(answer: Answer, ask: Callable[[str], Answer]) -> Iterator[Finding]:
    """Whether `localhost` means one program to us and another to a browser."""
    if urlsplit(answer.address).hostname != "localhost" or not answer.takes_spans:
        return
    other = ask(f"http://[::1]:{port_of(answer.address)}")
    if other.who in (Who.STRANGER, Who.SILENT):
        yield Finding(
            Topic.SERVER,
            Level.WARNING,
            f"another program answers at [::1]:{port_of(answer.address)}: a browser may open that "
            "one when it is given `localhost`",
            f"open http://127.0.0.1:{port_of(answer.address)}",
        )


def check_tenant(
    home: Path,
    holder: Tenant | None,
    answer: Answer,
    ask: Callable[[str], Answer],
    same_home: SameHome,
) -> Iterator[Finding]:
    """Whether the server that holds the home answers, and is the one that spans are sent to."""
    if holder is None:
        return
    who = f"the server of process {holder.pid}"
    if not holder.address:
        yield Finding(
            Topic.SERVER,
            Level.WARNING,
            f"{who} holds {home} and does not listen yet",
            f"wait a moment; if it still does not listen, stop it: kill {holder.pid}",
        )
    elif not ask(holder.address).takes_spans:
        yield Finding(
            Topic.SERVER,
            Level.PROBLEM,
            f"{who} holds {home}, and does not answer at {holder.address}",
            f"stop it (kill {holder.pid}), and {same_home.start_server(holder.address)}",
        )
    elif answer.takes_spans and not same_place(holder.address, answer.address):
        yield Finding(
            Topic.SERVER,
            Level.NOTE,
            f"the server of {home} is at {holder.address} (process {holder.pid}), and programs "
            f"send to {answer.address}",
            f"nothing to do if that is intended; otherwise export {OURS}={holder.address}",
        )


def _start(address: str, origin: str, same_home: SameHome) -> str:
    if is_here(address) and urlsplit(address).scheme == "https":
        plain = address.replace("https", "http", 1)
        other = name_instead(plain, origin)
        return f"a server of Telltale speaks http: {other}, and start it there"
    return same_home.start_server(address)


def _beside(address: str, origin: str, same_home: SameHome) -> str:
    """How to have a server although its port is taken."""
    if not is_here(address):
        what = "--server" if origin == "--server" else OURS
        return f"check the address; set {what} to the one that a Telltale server has"
    port = port_of(address)
    beside = url_of(DEFAULT_HOST, next_port(port))
    here = same_home.start_server(address)
    # First what helps what waits for this address already, as the journal's remedy has it.
    remedy = f"stop that program, then {here}; or leave it, {same_home.start_server(beside)}, and "
    remedy += name_instead(beside, origin)
    if sys.platform == "darwin" and port == DEFAULT_PORT:
        remedy += "; if it is macOS's AirPlay: System Settings, AirDrop & Handoff"
    return remedy


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
