"""What mends what goes wrong most often, said once, so that it is true wherever it is said.

A command stands in backticks and can be typed as it is.
"""

from urllib.parse import urlsplit

from telltale.nouns.addresses import DEFAULT_PORT, LOOPBACK, port_of

UPDATE = 'in your clone of Telltale, `git pull`, then `pip install ".[server]"`'
"""Nothing is published, so no name of a package leads anywhere. Goes behind `update …: `."""
UPDATE_THIS = f"update this Telltale: {UPDATE}"
"""Where what was found is newer than the program that found it."""


def server_command(address: str, options: str = "") -> str:
    """The command that starts a server at an address: `telltale server --port 5055`.

    Empty where none does that is typed on this machine: for an address of another one, and for
    https, which a server of ours does not speak.

    Args:
        options: More of them, with a space before each.
    """
    parts = urlsplit(address)
    if parts.scheme != "http" or parts.hostname not in LOOPBACK:
        return ""
    host = " --host ::1" if parts.hostname == "::1" else ""
    port = port_of(address)
    return f"`telltale server{host}{'' if port == DEFAULT_PORT else f' --port {port}'}{options}`"


def start_server(address: str, options: str = "") -> str:
    """How there comes to be a server at an address: `start a server with …`, or where.

    Args:
        options: As for `server_command`.
    """
    command = server_command(address, options)
    return f"start a server {f'with {command}' if command else f'on {urlsplit(address).hostname}'}"


def allow_host(address: str, options: str = "") -> str:
    """The command that lets the server at an address go by the name in it.

    Args:
        options: As for `server_command`.
    """
    name, port = urlsplit(address).hostname, port_of(address)
    where = "" if port == DEFAULT_PORT else f" --port {port}"
    return f"`telltale server --allowed-host {name}{where}{options}`"


def mend_address(address: str, instead: str) -> str:
    """What to change in an address at which Telltale would answer if it were a little different."""
    given, right = urlsplit(address), urlsplit(instead)
    changes = ["use http://"] if given.scheme != right.scheme else []
    if given.path.strip("/") or given.query:
        changes.append("leave out the path")
    return f"{' and '.join(changes)}: {instead}"
