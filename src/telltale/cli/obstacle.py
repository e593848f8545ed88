"""Why spans wait for an address, and what brings them there."""

from shlex import quote

from telltale.cli.answers import Answer, Who, same_place
from telltale.cli.home import SameHome
from telltale.nouns.addresses import is_here
from telltale.nouns.remedies import UPDATE, allow_host, mend_address, server_command
from telltale.server.home import Tenant

MOST_ASKED = 8
"""Addresses; each may take seconds to say that nobody is there."""
_CORRECT = "correct TELLTALE_TRACKING_URI or set_tracking_uri() for the programs to come"


def obstacle(
    answer: Answer, flush: str, same_home: SameHome, holder: Tenant | None = None
) -> tuple[str, str]:
    """Why spans wait for an address, as the end of a sentence, and what brings them there.

    Args:
        flush: The command that ships them once a server is there.
        holder: The server that lives in the home now, and lets no other in.
    """
    address = answer.address
    if answer.takes_spans:
        return "where Telltale answers and nobody ships them", f"run {flush}"
    if answer.who is Who.OTHER_FORMAT:
        return "which does not read them", f"update the server there ({UPDATE}), then run {flush}"
    if answer.who is Who.REFUSES_NAME:
        return (
            "which refuses requests for that name",
            f"start it again with {allow_host(address)}, then run {flush}",
        )
    if answer.who is Who.BESIDE:
        return (
            f"and Telltale answers at {answer.instead}",
            f"bring them there with {_bring(address, answer.instead, same_home)}, and {_CORRECT} "
            f"({mend_address(address, answer.instead)})",
        )
    if answer.who is Who.SILENT:
        why = "where a server does not answer in time"
        return why, f"check that server and what it has logged, then run {flush}"
    return _nobody(answer, flush, same_home, holder)


def _nobody(
    answer: Answer, flush: str, same_home: SameHome, holder: Tenant | None
) -> tuple[str, str]:
    """As `obstacle`, where none of ours is."""
    address, is_stranger = answer.address, answer.who is Who.STRANGER
    why = "where another program answers" if is_stranger else "where nobody answers"
    other = holder.address if holder is not None else ""
    other = "" if other and same_place(other, address) else other
    is_startable = bool(server_command(address))
    if is_startable and other and is_here(address):
        bring = _bring(address, other, same_home)
        return (
            why,
            f"this home's server is at {other}: bring them there with {bring}, and {_CORRECT}",
        )
    if is_startable:
        start = same_home.start_server(address)
        if holder is not None:
            start = f"stop this home's server (process {holder.pid}), then {start}"
        if is_stranger:
            return why, f"stop that program, then {start}"
        return why, f"{start}; it takes them in by itself"
    mistyped = (
        "if the address was mistyped, bring them to the right one with "
        f"{_bring(address, other or 'ADDRESS', same_home)}, and {_CORRECT}"
    )
    if is_stranger:
        return why, mistyped
    return (
        f"{why} ({answer.detail})",
        f"once a server answers there, run {flush}; {mistyped}",
    )


def _bring(address: str, to: str, same_home: SameHome) -> str:
    words = f"flush --instead-of {quote(address)} --to {to if to == 'ADDRESS' else quote(to)}"
    return same_home.command(words)
