"""Exit codes: a script can tell what went wrong without reading words."""

from telltale.nouns.errors import BadInput, NotFound, ServerUnreachable, TelltaleError

EXIT_CODES = (
    "Exit codes: 0 done, 1 failed, 2 used wrongly, 3 not found, 4 no server at the address."
)
STOPPED = "130 stopped by Ctrl-C, 143 by SIGTERM."
STOPPABLE_EXIT_CODES = f"{EXIT_CODES.removesuffix('.')}, {STOPPED}"
"""Of commands that tidy up first."""


def exit_code(error: TelltaleError) -> int:
    """The code that an error ends the command with."""
    if isinstance(error, BadInput):
        return 2
    if isinstance(error, NotFound):
        return 3
    if isinstance(error, ServerUnreachable):
        return 4
    return 1
