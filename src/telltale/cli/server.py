"""`telltale server`."""

import logging
import sys
from pathlib import Path

import click

from telltale.cli.exits import EXIT_CODES
from telltale.cli.home import chosen_home, home_option
from telltale.nouns.addresses import DEFAULT_HOST, DEFAULT_PORT, UNSAFE_PORTS, next_port
from telltale.nouns.version import installed_version
from telltale.server.run import serve
from telltale.server.settings import Settings
from telltale.store.files import TRACES


@click.command(epilog=EXIT_CODES)
@click.option(
    "--host",
    default=DEFAULT_HOST,
    show_default=True,
    help="Loopback address to listen on: 127.0.0.1, localhost or ::1.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    help="Port to listen on; 0 takes any that is free.",
)
@home_option("Folder of the databases.")
@click.option(
    "--allowed-host",
    multiple=True,
    metavar="NAME",
    help="Another name that browsers may know this server by; may be given again.",
)
def server(host: str, port: int, home: Path | None, allowed_host: tuple[str, ...]) -> None:
    """Serve the page and the API on this machine, until Ctrl-C.

    Prints one line with the address to stdout once it answers, and whether the home is one that it
    has made; what goes wrong is logged to stderr.
    """
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s"
    )
    settings = Settings(
        host=host,
        port=port,
        home=chosen_home(home),
        allowed_hosts=allowed_host,
    )

    if port in UNSAFE_PORTS:
        logging.getLogger(__name__).warning(
            "browsers refuse to open port %d (ERR_UNSAFE_PORT): programs and commands can use it, "
            "the page cannot be seen; give another with --port %d",
            port,
            next_port(port),
        )
    home_is = "home" if (settings.home / TRACES).exists() else "new home"

    def ready(address: str) -> None:
        click.echo(
            f"Telltale {installed_version()} is ready: {address} ({home_is} {settings.home}; "
            "Ctrl-C to stop)"
        )
        sys.stdout.flush()

    serve(settings, ready)
