"""The server's databases, from outside."""

from collections.abc import Iterator
from pathlib import Path

from telltale.cli.checks.finding import Finding, Level, Topic
from telltale.cli.home import SameHome
from telltale.cli.measures import size
from telltale.nouns.remedies import UPDATE_THIS
from telltale.store.files import METADATA, TRACES
from telltale.store.layouts import CHANGING
from telltale.store.traces import LAYOUT, Look, look_at, size_of

LARGE_WAL_BYTES = 256 << 20
"""Four times what the log shrinks to after each burst."""


def check_databases(home: Path, same_home: SameHome) -> Iterator[Finding]:
    """Whose they are, how large, whether this Telltale can read them, and what an upgrade left."""
    yield from _interrupted(home, same_home)
    path = home / TRACES
    look = look_at(path)
    if look is None or not look.size:
        return
    if what := look.strangeness:
        yield Finding(
            Topic.HOME,
            Level.PROBLEM,
            f"{path} {what}: the server does not start, and leaves it as it is",
            "move it away, or give the server a folder of its own: `telltale server --home FOLDER`",
        )
        return
    yield from _layout(path, look, same_home)
    if look.wal_size > LARGE_WAL_BYTES:
        yield Finding(
            Topic.HOME,
            Level.WARNING,
            f"{path.name}-wal has {size(look.wal_size)}: another program keeps reading the "
            "database, or the server was killed",
            f"stop other programs that read it; {same_home.command('server')} tidies up when it "
            "is stopped with Ctrl-C",
        )


def _interrupted(home: Path, same_home: SameHome) -> Iterator[Finding]:
    """Copies of upgrades that were killed; while one runs, its own looks the same."""
    for path in sorted(home.glob(f"*.layout-*{CHANGING}")):
        database = home / path.name.partition(".layout-")[0]
        kept = path.name.removesuffix(CHANGING)
        yield Finding(
            Topic.HOME,
            Level.NOTE,
            f"{path} ({size(size_of(path))}) is the copy of an upgrade of {database.name} that was "
            "interrupted, or runs now",
            f"where none runs, {same_home.command('db upgrade')} finishes it; if that says there "
            f"is nothing to do, the copy is as the database was before: rename it to {kept} to be "
            "able to go back, or delete it",
        )


def _layout(path: Path, look: Look, same_home: SameHome) -> Iterator[Finding]:
    if look.layout > LAYOUT:
        yield Finding(
            Topic.HOME,
            Level.PROBLEM,
            f"{path} has layout {look.layout}, this Telltale knows {LAYOUT}: a newer one wrote it",
            UPDATE_THIS,
        )
    elif look.layout < LAYOUT:
        yield Finding(
            Topic.HOME,
            Level.NOTE,
            f"{path} has layout {look.layout}, this Telltale's is {LAYOUT}",
            f"{same_home.command('db upgrade')}, or start {same_home.command('server')}, which "
            "does the same",
        )
    else:
        names = (path.name, path.name + "-wal", METADATA)
        sizes = [(name, size_of(path.with_name(name))) for name in names]
        told = [f"{name} {size(count)}" for name, count in sizes if count]
        yield Finding(Topic.HOME, Level.OK, f"{', '.join(told)} (layout {look.layout})")
