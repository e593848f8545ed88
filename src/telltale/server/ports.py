"""The address that a server listens on; and where it is taken, by whom."""

import errno
import http.client
import socket
from pathlib import Path

import msgspec

from telltale.nouns.addresses import next_port, url_of
from telltale.nouns.answers import Version
from telltale.nouns.errors import TelltaleError

ASK_S = 1.0
_LISTENING = "0A"


def bind(host: str, port: int) -> socket.socket:
    """A socket bound to the address.

    Raises:
        TelltaleError: If it is taken, naming the owner; or may not be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    # Without it, a server that was stopped a moment ago would keep the port for a minute.
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        # Listen at once: with SO_REUSEADDR two may bind one address, but not listen on it.
        bound.listen(512)
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRINUSE:
            raise TelltaleError(_taken(host, port)) from error
        raise TelltaleError(
            f"cannot listen on {url_of(host, port)}: {error.strerror}; give another port with "
            "--port (0 takes any that is free)"
        ) from error
    return bound


def owner_of(port: int) -> int | None:
    """The process that listens on a port, where /proc tells and we may look; else None."""
    inodes = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    if not inodes:
        return None
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if str(link.readlink()) in inodes:
                return int(link.parts[2])
        except OSError:
            continue
    return None


def _taken(host: str, port: int) -> str:
    address = url_of(host, port)
    pid = owner_of(port)
    process = f" (process {pid})" if pid else ""
    version = _ask_version(host, port)
    if version is None:
        owner, remedy = "another program", "stop it, or give this server"
    else:
        owner, remedy = f"Telltale {version.version}", f"open {address}, or give this server"
    free = next_port(port)
    return (
        f"port {port} is taken by {owner}{process}; {remedy} another port: --port {free} (programs "
        f"and commands are told by `export TELLTALE_TRACKING_URI={url_of(host, free)}`)"
    )


def _ask_version(host: str, port: int) -> Version | None:
    connection = http.client.HTTPConnection(host, port, timeout=ASK_S)
    try:
        connection.request("GET", "/api/v1/version")
        version = msgspec.json.decode(connection.getresponse().read(64 * 1024), type=Version)
    except (OSError, http.client.HTTPException, msgspec.MsgspecError):
        return None
    finally:
        connection.close()
    return version if version.name == "telltale" else None


def _listening_inodes(port: int) -> list[str]:
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                found.append(fields[9])
    return found
