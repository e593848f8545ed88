"""How wide a table may be."""

import os
import shutil
import sys

_WHOLE = 1_000_000


def columns() -> int:
    """Of the terminal, or as COLUMNS has it; for a file or another program nothing is cut."""
    if sys.stdout.isatty() or os.environ.get("COLUMNS"):
        return shutil.get_terminal_size((120, 24)).columns
    return _WHOLE
