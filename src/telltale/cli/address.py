"""Which server a command speaks to."""

from collections.abc import Callable
from typing import Any

import click

from telltale.tracing.settings import DEFAULT_DESTINATION


def server_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--server`, else TELLTALE_TRACKING_URI, else this machine."""
    return click.option(
        "--server",
        "-s",
        envvar="TELLTALE_TRACKING_URI",
        default=DEFAULT_DESTINATION,
        show_default=True,
        show_envvar=True,
        metavar="ADDRESS",
        help="Address of the server.",
    )(command)
