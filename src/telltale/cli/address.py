"""Which server a command speaks to, and of which of its experiments."""

import os
from collections.abc import Callable
from typing import Any

import click

from telltale.tracing.post import is_telltale
from telltale.tracing.settings import (
    DEFAULT_DESTINATION,
    TRACKING_URI,
    named_destination,
    settled_destination,
)


def server_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--server`, else where programs send to: TELLTALE_TRACKING_URI, MLflow's, this machine."""
    return click.option(
        "--server",
        "-s",
        envvar=TRACKING_URI,
        default=lambda: settled_destination(named_destination(os.environ), is_telltale).address,
        metavar="ADDRESS",
        # click puts what it shows of a function into brackets.
        help=f"Address of the server.  [env var: {TRACKING_URI}; default: {DEFAULT_DESTINATION}]",
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
