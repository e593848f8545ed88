"""Which server a command speaks to, and of which of its experiments."""

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


def experiment_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--experiment`, else all of them."""
    return click.option(
        "--experiment",
        "-e",
        metavar="ID|NAME",
        help="Only this experiment, by the name that programs give to set_experiment(), or its id; "
        "what is not there is told with the names that are.",
    )(command)
