"""Why spans wait for an address, and what brings them there."""

from telltale.cli.answers import Answer, Who
from telltale.nouns.remedies import UPDATE, allow_host, mend_address, server_command

MOST_ASKED = 8
"""Addresses; each may take seconds to say that nobody is there."""


def obstacle(answer: Answer, flush: str, start: str) -> tuple[str, str]:
    """Why spans wait for an address, as the end of a sentence, and what brings them there.

    Args:
        flush: The command that ships them once a server is there.
        start: What starts one.
    """
    is_startable = bool(server_command(answer.address))
    if answer.takes_spans:
        return "where Telltale answers and nobody ships them", f"run {flush}"
    if answer.who is Who.OTHER_FORMAT:
        return "which does not read them", f"update the server there ({UPDATE}), then run {flush}"
    if answer.who is Who.REFUSES_NAME:
        return (
            "which refuses requests for that name",
            f"start it again with {allow_host(answer.address)}, then run {flush}",
        )
    if answer.who is Who.BESIDE:
        return (
            f"and Telltale answers at {answer.instead}",
            "correct TELLTALE_TRACKING_URI or set_tracking_uri() for the programs to come: "
            f"{mend_address(answer.address, answer.instead)}",
        )
    if answer.who is Who.STRANGER:
        why = "where another program answers"
        return why, f"stop that program, then {start}" if is_startable else _mistyped(answer)
    if answer.who is Who.SILENT:
        why = "where a server does not answer in time"
        return why, f"check that server and what it has logged, then run {flush}"
    if is_startable:
        return "where nobody answers", f"{start}; it takes them in by itself"
    return (
        f"where nobody answers ({answer.detail})",
        f"once a server answers there, run {flush}; {_mistyped(answer)}",
    )


def _mistyped(answer: Answer) -> str:
    return (
        "if the address was mistyped, correct TELLTALE_TRACKING_URI or set_tracking_uri(), and "
        f"bring what waits with `telltale flush --instead-of {answer.address} --to ADDRESS`"
    )
