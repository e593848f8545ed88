"""The server's databases, from outside."""

from collections.abc import Iterator
from pathlib import Path

from telltale.cli.checks.finding import Finding, Level
from telltale.cli.checks.measures import size
from telltale.nouns.remedies import UPDATE
from telltale.store.traces.sqlite.look import KNOWN_LAYOUT, Look, look_at, size_of

TOPIC = "home"
OLDEST_LAYOUT = 1
LARGE_WAL_BYTES = 256 << 20
"""Four times what the log shrinks to after each burst."""


def databases(home: Path, flag: str = "") -> Iterator[Finding]:
    """Whose they are, how large, and whether this Telltale can read them.

    Args:
        flag: `--home …`, with a space before it, where the home is not the default one.
    """
    path = home / "traces.db"
    look = look_at(path)
    if look is None or not look.size:
        return
    if what := strangeness(look):
        yield Finding(
            TOPIC,
            Level.PROBLEM,
            f"{path} {what}: the server does not start, and leaves it as it is",
            "move it away, or give the server a folder of its own: `telltale server --home FOLDER`",
        )
        return
    yield from _layout(path, look, flag)
    if look.wal_size > LARGE_WAL_BYTES:
        yield Finding(
            TOPIC,
            Level.WARNING,
            f"{path.name}-wal has {size(look.wal_size)}: another program keeps reading the "
            "database, or the server was killed",
            f"stop other programs that read it; `telltale server{flag}` tidies up when it is "
            "stopped with Ctrl-C",
        )


def strangeness(look: Look) -> str:
    """Why a file cannot be a database of ours, as the end of a sentence; empty where it can."""
    if not look.is_database:
        return "is not a SQLite database"
    if not look.is_ours:
        return "is a database of another program"
    if look.layout < OLDEST_LAYOUT:
        return f"has layout {look.layout}, which no Telltale has written"
    return ""


def _layout(path: Path, look: Look, flag: str) -> Iterator[Finding]:
    if look.layout > KNOWN_LAYOUT:
        yield Finding(
            TOPIC,
            Level.PROBLEM,
            f"{path} has layout {look.layout}, this Telltale knows {KNOWN_LAYOUT}: a newer one "
            "wrote it",
            f"update it: {UPDATE}",
        )
    elif look.layout < KNOWN_LAYOUT:
        yield Finding(
            TOPIC,
            Level.NOTE,
            f"{path} has layout {look.layout}, this Telltale's is {KNOWN_LAYOUT}",
            f"`telltale db upgrade{flag}`, or start `telltale server{flag}`, which does the same",
        )
    else:
        names = (path.name, path.name + "-wal", "metadata.db")
        sizes = [(name, size_of(path.with_name(name))) for name in names]
        told = [f"{name} {size(count)}" for name, count in sizes if count]
        yield Finding(TOPIC, Level.OK, f"{', '.join(told)} (layout {look.layout})")
