"""Addresses of servers: how one is written, and which machine and port it means."""

from urllib.parse import urlsplit

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 5000
"""Where a server listens, and a program sends, that is told nothing."""
LOOPBACK = {"127.0.0.1": "127.0.0.1", "localhost": "127.0.0.1", "::1": "::1"}
"""What a server of ours goes by on this machine, and the address that each name is bound as.

`localhost` is bound as IPv4, because that is the address that our SDK tries first."""
_PORTS = {"https": 443}
_LAST_PORT = 65535
UNSAFE_PORTS = frozenset(
    (
        *(1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95),
        *(101, 102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161),
        *(179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563),
        *(587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061),
        *(6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080),
    )
)
"""Browsers open no page there, lest it speak to another service: ERR_UNSAFE_PORT in Chromium.

https://fetch.spec.whatwg.org/#port-blocking"""


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


def next_port(port: int) -> int:
    """Another port to suggest where one is taken: the next that browsers open."""
    above = range(port + 1, _LAST_PORT + 1)
    return next((one for one in above if one not in UNSAFE_PORTS), DEFAULT_PORT)


DEFAULT_ADDRESS = url_of(DEFAULT_HOST, DEFAULT_PORT)
