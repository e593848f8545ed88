"""What a program can set: one frozen value, replaced whole."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import msgspec

from telltale.nouns.errors import BadInput
from telltale.tracing.guard import say_once

DEFAULT_DESTINATION = "http://127.0.0.1:5000"
TOKEN = "TELLTALE_TOKEN"

Redact = Callable[[str, Any], Any]
"""Attribute key and value to the value that is recorded instead."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How this process traces."""

    home: Path
    """Folder of journal and, for a server, database. Fixed at the first span."""
    destination: str
    """Address of the server, without a slash at the end."""
    destination_origin: str = "default"
    """Who named it: code, TELLTALE_TRACKING_URI, MLFLOW_TRACKING_URI or default."""
    experiment: str = ""
    """Name that new traces are filed under; empty is `Default`."""
    redact: Redact | None = None
    ignore_otel_disabled: bool = False
    """Trace even though OTEL_SDK_DISABLED=true is set. Fixed at the first span."""


def settings_from_environment() -> Settings:
    """What holds before the program says anything."""
    destination, origin = _destination_from_environment()
    return Settings(
        home=programs_home(),
        destination=destination,
        destination_origin=origin,
        experiment=os.environ.get("TELLTALE_EXPERIMENT_NAME", "")
        or os.environ.get("MLFLOW_EXPERIMENT_NAME", ""),
    )


def programs_home() -> Path:
    """The home of a program that was told nothing else.

    A folder for temporary files where none is known, as where a container runs as a user of its
    own: rather there than nowhere.
    """
    try:
        return default_home()
    except RuntimeError as error:
        instead = Path(os.environ.get("TMPDIR") or "/tmp") / f"telltale-{os.getuid()}"
        say_once(
            "home",
            "Telltale: no home is known (%s), so spans are kept in %s until they have arrived. Set "
            "TELLTALE_HOME to a path that begins with /.",
            error,
            instead,
        )
        return instead


def default_home() -> Path:
    """`$TELLTALE_HOME`, else `~/.telltale`.

    Raises:
        RuntimeError: If this machine does not know the folder of the user that is meant.
    """
    given = os.environ.get("TELLTALE_HOME", "")
    return Path(given).expanduser().absolute() if given else Path.home() / ".telltale"


def read_destination(uri: str) -> str:
    """The address that a tracking URI names.

    Raises:
        BadInput: If it is not an http or https address with a host.
    """
    try:
        parts = urlsplit(uri.strip())
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except (AttributeError, ValueError):
        is_one = False
    if not is_one:
        raise BadInput(
            f"tracking URI {uri!r}: expected http(s)://host[:port], "
            f"for example {DEFAULT_DESTINATION!r}; start a server with `telltale server`",
            given=uri,
            expected="http(s)://host[:port]",
            remedy="start a server with `telltale server` and give its address",
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


def _destination_from_environment() -> tuple[str, str]:
    for name in ("TELLTALE_TRACKING_URI", "MLFLOW_TRACKING_URI"):
        uri = os.environ.get(name, "")
        if not uri:
            continue
        try:
            return read_destination(uri), name
        except BadInput as error:
            # MLflow's variable also holds file paths and database addresses: not for us.
            if name == "TELLTALE_TRACKING_URI":
                say_once(name, "Telltale: %s: %s; it is not used", name, error)
    return DEFAULT_DESTINATION, "default"
