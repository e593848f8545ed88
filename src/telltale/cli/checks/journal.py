"""The journal: who writes, how near its bound it is, what had to go, and what is not ours."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from telltale.cli.checks.finding import Finding, Level
from telltale.cli.checks.measures import age, many, size, some
from telltale.tracing.bound import DROPPED, MOST_BYTES, read_dropped
from telltale.tracing.folder import JournalFiles, journals

TOPIC = "journal"
_NEAR = 0.8


def journal(folder: Path, now_ns: int, flag: str = "") -> Iterator[Finding]:
    """What lies in the journal folder, apart from what waits there for a server.

    Args:
        flag: `--home …`, with a space before it, where the home is not the default one.
    """
    everyone = journals(folder)
    yield _writers(everyone, now_ns)
    yield from _bound(everyone, flag)
    yield from _dropped(folder, now_ns)
    yield from _foreign(folder, everyone)


def _writers(everyone: list[JournalFiles], now_ns: int) -> Finding:
    living = [journal for journal in everyone if journal.has_owner()]
    segments = [segment for journal in living for segment in journal.segments]
    if not living:
        return Finding(TOPIC, Level.OK, "no program records now")
    writers = "1 program records" if len(living) == 1 else f"{len(living)} programs record"
    found = f"{writers} now, {many(len(segments), 'segment')} with {_bytes(segments)}"
    # One that a living program has filled goes once a server has it; then few are left.
    full = [segment for journal in living for segment in journal.segments[:-1]]
    if full:
        oldest = age(now_ns - min(segment.changed_ns for segment in full))
        found += f", of which {len(full)} full and not yet taken, the oldest for {oldest}"
    return Finding(TOPIC, Level.OK, found)


def _bound(everyone: list[JournalFiles], flag: str) -> Iterator[Finding]:
    total = sum(segment.size for journal in everyone for segment in journal.segments)
    if total > _NEAR * MOST_BYTES:
        yield Finding(
            TOPIC,
            Level.WARNING,
            f"the journal holds {size(total)} of {size(MOST_BYTES)}: beyond that the oldest spans "
            "are dropped",
            f"start `telltale server{flag}`, which takes what is for this machine, and run "
            f"`telltale flush{flag}` for the rest",
        )


def _dropped(folder: Path, now_ns: int) -> Iterator[Finding]:
    dropped = read_dropped(folder)
    if not dropped:
        return
    last_ns = max(one.time_ns for one in dropped)
    when = datetime.fromtimestamp(last_ns / 1e9).strftime("%Y-%m-%d %H:%M")
    yield Finding(
        TOPIC,
        Level.WARNING,
        f"{many(len(dropped), 'segment')} with {size(sum(one.bytes for one in dropped))} dropped "
        f"because the journal was full, the last on {when} ({age(now_ns - last_ns)} ago)",
        f"keep a server running; delete {folder / DROPPED} once you have read this",
    )


def _foreign(folder: Path, everyone: list[JournalFiles]) -> Iterator[Finding]:
    if not folder.is_dir():
        return
    ours = {segment.path.name for journal in everyone for segment in journal.segments}
    ours |= {journal.lock.name for journal in everyone} | {DROPPED}
    foreign = sorted({path.name for path in folder.iterdir()} - ours)
    # What came or went between the two looks is no finding.
    foreign = [name for name in foreign if not _looks_like_ours(name) and (folder / name).exists()]
    if foreign:
        yield Finding(
            TOPIC,
            Level.NOTE,
            f"{many(len(foreign), 'file')} in the journal folder, not Telltale's: {some(foreign)}",
            f"move what you need out of {folder}; Telltale leaves it alone",
        )


def _looks_like_ours(name: str) -> bool:
    stem, _, rest = name.partition(".")
    return len(stem) == 32 and (rest == "lock" or rest.isdigit())


def _bytes(segments: list) -> str:
    return size(sum(segment.size for segment in segments))
