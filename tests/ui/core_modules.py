"""The pure half of the page: its modules, and what they export."""

from pathlib import Path

import telltale.server

STATIC = Path(telltale.server.__file__).parent / "ui" / "static"


def exports(module: str) -> str:
    """Names that a core module exports."""
    words = (STATIC / "core" / f"{module}.js").read_text().split()
    return ", ".join(
        words[i + 2].split("(")[0]
        for i, word in enumerate(words)
        if word == "export" and words[i + 1] in ("function", "const")
    )
