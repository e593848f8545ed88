"""Addresses of servers: how one is written, and which machine and port it means."""

from urllib.parse import urlsplit

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 5000
"""Where a server listens, and a program sends, that is told nothing."""
LOOPBACK = {"127.0.0.1": "127.0.0.1", "localhost": "127.0.0.1", "::1": "::1"}
"""What a server of ours goes by on this machine, and the address that each name is bound as.

`localhost` is bound as IPv4, because that is the address that our SDK tries first."""
_PORTS = {"https": 443}


def in_url(host: str) -> str:
    """A host as it stands in an address."""
    return f"[{host}]" if ":" in host else host


def url_of(host: str, port: int) -> str:
    """The address that a person types."""
    return f"http://{in_url(host)}:{port}"


def is_here(address: str) -> bool:
    """Whether an address means this machine's loopback."""
    host = urlsplit(address).hostname or ""
    return host in LOOPBACK or host.startswith("127.")


def port_of(address: str) -> int:
    """The port that an address means."""
    parts = urlsplit(address)
    return parts.port or _PORTS.get(parts.scheme, 80)


DEFAULT_ADDRESS = url_of(DEFAULT_HOST, DEFAULT_PORT)
