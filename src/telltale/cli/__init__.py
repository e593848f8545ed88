"""The command `telltale`: one file a command, each imported when it is used."""

import sys

from telltale.nouns.remedies import UPDATE


def main() -> None:
    """Run the command line; the entry point `telltale`."""
    try:
        from telltale.cli.commands import telltale
        from telltale.cli.exits import exit_code
        from telltale.nouns.errors import TelltaleError
    except ModuleNotFoundError as error:
        # The light SDK is installed with the same entry point, and without what it needs.
        print(
            f"telltale: the command line needs {error.name!r}, which the SDK alone does not bring; "
            f"{UPDATE}",
            file=sys.stderr,
        )
        sys.exit(1)
    try:
        telltale(prog_name="telltale")
    except TelltaleError as error:
        print(f"telltale: {error}", file=sys.stderr)
        sys.exit(exit_code(error))
    except BrokenPipeError:
        # `telltale traces export | head`: the reader has enough. Closed, or Python would complain.
        sys.stderr.close()
        sys.exit(0)
