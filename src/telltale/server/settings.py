"""What a server is told when it starts: one frozen value, read by the command line."""

from pathlib import Path

import msgspec

from telltale.nouns.addresses import DEFAULT_HOST, DEFAULT_PORT, LOOPBACK
from telltale.nouns.errors import BadInput
from telltale.server.intake import PACE_S


class Patience(msgspec.Struct, frozen=True):
    """How long the body of a request is waited for."""

    silent_s: float = 10.0
    """Seconds in which nothing of it comes."""
    whole_s: float = 1800.0
    """Seconds from its head to its end: the largest record over a line of 10 KB a second."""
    pace_s: float = PACE_S
    """Seconds in which it brings `PACE_BYTES`, or loses its place where others need the room."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How this server runs."""

    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    """0 takes any that is free."""
    home: Path
    """Folder of the databases, the journal and the lock."""
    allowed_hosts: tuple[str, ...] = ()
    """Names that browsers may know us by, besides the loopback's own."""
    patience: Patience = Patience()


def loopback_address(host: str) -> str:
    """The loopback address to bind for a host as given.

    Raises:
        BadInput: If it is reachable from other machines: nobody would be asked who he is.
    """
    address = LOOPBACK.get(host.strip().removeprefix("[").removesuffix("]").lower())
    if address is None:
        remedy = (
            "give 127.0.0.1, localhost or ::1, and reach it from elsewhere through a tunnel "
            "(ssh -L 5000:127.0.0.1:5000)"
        )
        raise BadInput(
            f"host {host!r}: this server has no tokens yet, so it listens on this machine only; "
            f"{remedy}",
            given=host,
            expected="127.0.0.1, localhost or ::1",
            remedy=remedy,
        )
    return address
