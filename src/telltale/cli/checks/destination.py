"""Where a program that is started now would send its spans, and what the environment says of it."""

from collections.abc import Callable, Iterator, Mapping

from telltale.cli.answers import Answer
from telltale.cli.checks.finding import Finding, Level, Topic
from telltale.cli.measures import without_password
from telltale.nouns.errors import BadInput
from telltale.tracing.settings import (
    DEFAULT_DESTINATION,
    Destination,
    named_destination,
    read_destination,
    settled_destination,
)
from telltale.tracing.settings import MLFLOW_TRACKING_URI as MLFLOWS
from telltale.tracing.settings import TRACKING_URI as OURS


def find_destination(
    environment: Mapping[str, str], server: str | None, ask: Callable[[str], Answer]
) -> Destination:
    """What the SDK would settle on in this environment, if the program itself says nothing.

    Raises:
        BadInput: If `server` is no address.
    """
    if server is not None:
        return Destination(read_destination(server), "--server")
    return settled_destination(
        named_destination(environment), lambda address: ask(address).takes_spans
    )


def check_tracking_uris(
    environment: Mapping[str, str], ask: Callable[[str], Answer]
) -> Iterator[Finding]:
    """What is odd about the two variables that name a server."""
    ours, mlflows = environment.get(OURS, ""), environment.get(MLFLOWS, "")
    if ours and _address(ours) is None:
        goes = find_destination(environment, None, ask).address
        yield Finding(
            Topic.ENVIRONMENT,
            Level.PROBLEM,
            f"{OURS}={without_password(ours)!r} is not an address, and is not used: "
            f"spans go to {goes}",
            f"set it to http(s)://host[:port], for example {DEFAULT_DESTINATION}, or unset it",
        )
    if not mlflows:
        return
    address, shown = _address(mlflows), without_password(mlflows)
    if ours and _address(ours) is not None:
        if address is not None and address != _address(ours):
            yield Finding(
                Topic.ENVIRONMENT,
                Level.NOTE,
                f"{OURS} and {MLFLOWS}={shown} are both set: the first is used",
                f"nothing to do if that is intended; otherwise unset {OURS}",
            )
    elif address is None:
        yield Finding(
            Topic.ENVIRONMENT,
            Level.NOTE,
            f"{MLFLOWS}={shown!r} is a path or a database: Telltale does not use it",
            f"set {OURS} to the address of a Telltale server to send spans elsewhere",
        )
    elif not ask(address).takes_spans:
        yield Finding(
            Topic.ENVIRONMENT,
            Level.WARNING,
            f"{MLFLOWS}={shown} does not answer as Telltale: it is not used, and spans go to "
            f"{DEFAULT_DESTINATION}",
            f"set {OURS} to the server that you mean",
        )


def name_instead(address: str, origin: str) -> str:
    """How to name another address where the one that was looked at was named.

    Args:
        origin: Who named that: `--server`, a variable or `default`.
    """
    return f"give --server {address}" if origin == "--server" else f"export {OURS}={address}"


def _address(uri: str) -> str | None:
    try:
        return read_destination(uri) if uri else None
    except BadInput:
        return None
