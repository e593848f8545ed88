"""The command `telltale`: one file a command, each imported when it is used."""

import sys

from telltale.nouns.remedies import UPDATE


def main() -> None:
    """Run the command line; the entry point `telltale`."""
    try:
        _run()
    except ModuleNotFoundError as error:
        if (error.name or "telltale").partition(".")[0] == "telltale":
            raise
        # The light SDK is installed with the same entry point, and without what it needs; some
        # of that another package may have brought.
        print(
            f"telltale: the command line needs {error.name!r}, which the SDK alone does not bring; "
            f"{UPDATE}",
            file=sys.stderr,
        )
        sys.exit(1)
    except BrokenPipeError:
        # `telltale traces export | head`: the reader has enough. Closed, or Python would complain.
        sys.stderr.close()
        sys.exit(0)


def _run() -> None:
    from telltale.cli.commands import telltale
    from telltale.cli.exits import exit_code
    from telltale.nouns.errors import TelltaleError

    try:
        telltale(prog_name="telltale")
    except TelltaleError as error:
        words, remedy = str(error), getattr(error, "remedy", "")
        # Many a message ends in it already.
        words += f"; {remedy}" if remedy and remedy not in words else ""
        print(f"telltale: {words}", file=sys.stderr)
        sys.exit(exit_code(error))
