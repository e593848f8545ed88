"""What a program can set: one frozen value, replaced whole; and how the environment is read."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

import msgspec

from telltale.nouns.addresses import DEFAULT_ADDRESS
from telltale.nouns.errors import BadInput

DEFAULT_DESTINATION = DEFAULT_ADDRESS
TRACKING_URI = "TELLTALE_TRACKING_URI"
MLFLOW_TRACKING_URI = "MLFLOW_TRACKING_URI"
TOKEN = "TELLTALE_TOKEN"
OTEL_DISABLED = "OTEL_SDK_DISABLED"

Redact = Callable[[str, Any], Any]
"""Attribute key and value to the value that is recorded instead."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How this process traces."""

    home: Path
    """Folder of journal and, for a server, database. Fixed at the first span, unless the program
    becomes another user, who may not enter it."""
    destination: str
    """Address of the server, without a slash at the end."""
    destination_origin: str = "default"
    """Who named it: code, TELLTALE_TRACKING_URI, MLFLOW_TRACKING_URI or default."""
    experiment: str = ""
    """Name that new traces are filed under; empty is `Default`."""
    redact: Redact | None = None
    ignore_otel_disabled: bool = False
    """Trace even though OTEL_SDK_DISABLED=true is set. Fixed at the first span."""


class Home(NamedTuple):
    """The folder of a program that was told nothing else."""

    path: Path
    problem: str = ""
    """Why it is none of the user's; empty where it is."""


def programs_home() -> Home:
    """The default home; where none is known, a folder for temporary files.

    As where a container runs as a user of its own: rather there than nowhere.
    """
    try:
        return Home(default_home())
    except RuntimeError as error:
        return Home(temporary_home(), str(error))


def temporary_home() -> Path:
    """That of a user who has no other."""
    return Path(os.environ.get("TMPDIR") or "/tmp") / f"telltale-{os.geteuid()}"


def default_home() -> Path:
    """`$TELLTALE_HOME`, else `~/.telltale`.

    Raises:
        RuntimeError: If this machine does not know the folder of the user that is meant.
    """
    given = os.environ.get("TELLTALE_HOME", "")
    if given and not given.startswith("~"):
        return Path(given).absolute()
    if os.environ.get("HOME") == "":
        # Python would take the root of the file system for it.
        raise RuntimeError("HOME is empty")
    return Path(given).expanduser().absolute() if given else Path.home() / ".telltale"


def read_destination(uri: str) -> str:
    """The address that a tracking URI names.

    Raises:
        BadInput: If it is not an http or https address with a host.
    """
    try:
        parts = urlsplit(uri.strip())
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        is_one = is_one and not (parts.query or parts.fragment)
    except (AttributeError, ValueError):
        is_one = False
    if not is_one:
        raise BadInput(
            f"tracking URI {uri!r}: expected http(s)://host[:port], "
            f"for example {DEFAULT_DESTINATION!r}; start a server with `telltale server`",
            given=uri,
            expected="http(s)://host[:port]",
            remedy="start a server with `telltale server`",
        )
    # A name and password in it are never sent, and need not be written down.
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])).rstrip("/")


def sendable_token(given: str) -> str:
    """The token that is sent, without the line's end that a file or a shell left on it.

    What cannot stand in a header is no token, so nothing is sent: the server says that one is
    missing.
    """
    token = given.strip()
    return token if token.isascii() and token.isprintable() else ""


def is_otel_disabled(environment: Mapping[str, str]) -> bool:
    """Whether OpenTelemetry's switch is off, which switches us off with it."""
    return environment.get(OTEL_DISABLED, "").strip().lower() == "true"


class Destination(NamedTuple):
    """An address, and who named it."""

    address: str
    origin: str
    """`TELLTALE_TRACKING_URI`, `MLFLOW_TRACKING_URI` or `default`."""
    problem: str = ""
    """Why `TELLTALE_TRACKING_URI` is not used, and what is; empty where it is, or is not set."""


def named_destination(environment: Mapping[str, str]) -> Destination:
    """What the environment names; whether Telltale answers there, nobody has asked yet."""
    wrong = ""
    for name in (TRACKING_URI, MLFLOW_TRACKING_URI):
        if uri := environment.get(name, ""):
            try:
                return _named(read_destination(uri), name, wrong)
            except BadInput as error:
                # MLflow's variable also holds file paths and database addresses: not for us.
                wrong = str(error) if name == TRACKING_URI else wrong
    return _named(DEFAULT_DESTINATION, "default", wrong)


def _named(address: str, origin: str, wrong: str) -> Destination:
    if not wrong:
        return Destination(address, origin)
    asked = f", if Telltale answers there ({origin})" if origin == MLFLOW_TRACKING_URI else ""
    return Destination(address, origin, f"{wrong}; spans go to {address}{asked}")


def settled_destination(named: Destination, answers: Callable[[str], bool]) -> Destination:
    """Where spans go to: prompts do not go to somebody else's server that MLflow's variable names.

    Args:
        answers: Whether Telltale answers at an address; asked where it matters.
    """
    if named.origin != MLFLOW_TRACKING_URI or answers(named.address):
        return named
    return Destination(DEFAULT_DESTINATION, "default", named.problem)
