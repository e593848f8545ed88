"""The command `telltale`: one file a command, each imported when it is used."""

import sys

from telltale.cli.commands import telltale
from telltale.cli.exits import exit_code
from telltale.nouns.errors import TelltaleError


def main() -> None:
    """Run the command line; the entry point `telltale`."""
    try:
        telltale(prog_name="telltale")
    except TelltaleError as error:
        print(f"telltale: {error}", file=sys.stderr)
        sys.exit(exit_code(error))
