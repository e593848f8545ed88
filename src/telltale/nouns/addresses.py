"""What the address of a server says: which machine, and which port."""

from urllib.parse import urlsplit

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
"""What a server of ours listens on."""
_PORTS = {"https": 443}


def is_here(address: str) -> bool:
    """Whether an address means this machine's loopback."""
    host = urlsplit(address).hostname or ""
    return host in LOOPBACK_NAMES or host.startswith("127.")


def port_of(address: str) -> int:
    """The port that an address means."""
    parts = urlsplit(address)
    return parts.port or _PORTS.get(parts.scheme, 80)
