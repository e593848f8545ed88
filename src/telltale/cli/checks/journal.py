"""The journal: who writes, how near its bound it is, what had to go, and what is not ours."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from telltale.cli.checks.finding import Finding, Level, Topic
from telltale.cli.home import SameHome
from telltale.cli.measures import age, many, size, some
from telltale.tracing.bound import DROPPED, MOST_BYTES, read_dropped
from telltale.tracing.folder import JournalFiles, journals

_NEAR = 0.8


def check_journal(folder: Path, now_ns: int, same_home: SameHome) -> Iterator[Finding]:
    """What lies in the journal folder, apart from what waits there for a server."""
    found_journals = journals(folder)
    yield _writers(found_journals, now_ns)
    yield from _bound(found_journals, same_home)
    yield from _dropped(folder, now_ns)
    yield from _foreign(folder, found_journals)


def _writers(found_journals: list[JournalFiles], now_ns: int) -> Finding:
    living = [journal for journal in found_journals if journal.has_owner()]
    segments = [segment for journal in living for segment in journal.segments]
    if not living:
        return Finding(Topic.JOURNAL, Level.OK, "no program records now")
    writers = "1 program records" if len(living) == 1 else f"{len(living)} programs record"
    found = f"{writers} now, {many(len(segments), 'segment')} with {_bytes(segments)}"
    # One that a living program has filled goes once a server has it; then few are left.
    full = [segment for journal in living for segment in journal.segments[:-1]]
    if full:
        oldest = age(now_ns - min(segment.changed_ns for segment in full))
        found += f", of which {len(full)} full and not yet taken, the oldest for {oldest}"
    return Finding(Topic.JOURNAL, Level.OK, found)


def _bound(found_journals: list[JournalFiles], same_home: SameHome) -> Iterator[Finding]:
    total = sum(segment.size for journal in found_journals for segment in journal.segments)
    if total > _NEAR * MOST_BYTES:
        yield Finding(
            Topic.JOURNAL,
            Level.WARNING,
            f"the journal holds {size(total)} of {size(MOST_BYTES)}: beyond that the oldest spans "
            "are dropped",
            f"start {same_home.command('server')}, which takes what is for this machine, and run "
            f"{same_home.command('flush')} for the rest",
        )


def _dropped(folder: Path, now_ns: int) -> Iterator[Finding]:
    dropped = read_dropped(folder)
    if not dropped:
        return
    last_ns = max(one.time_ns for one in dropped)
    when = datetime.fromtimestamp(last_ns / 1e9).strftime("%Y-%m-%d %H:%M")
    yield Finding(
        Topic.JOURNAL,
        Level.WARNING,
        f"{many(len(dropped), 'segment')} with {size(sum(one.bytes for one in dropped))} dropped "
        f"because the journal was full, the last on {when} ({age(now_ns - last_ns)} ago)",
        f"keep a server running; delete {folder / DROPPED} once you have read this",
    )


def _foreign(folder: Path, found_journals: list[JournalFiles]) -> Iterator[Finding]:
    if not folder.is_dir():
        return
    ours = {segment.path.name for journal in found_journals for segment in journal.segments}
    ours |= {journal.lock.name for journal in found_journals} | {DROPPED}
    foreign = sorted({path.name for path in folder.iterdir()} - ours)
    # What came or went between the two looks is no finding.
    foreign = [name for name in foreign if not _looks_like_ours(name) and (folder / name).exists()]
    if foreign:
        yield Finding(
            Topic.JOURNAL,
            Level.NOTE,
            f"{many(len(foreign), 'file')} in the journal folder, not Telltale's: {some(foreign)}",
            f"move what you need out of {folder}; Telltale leaves it alone",
        )


def _looks_like_ours(name: str) -> bool:
    stem, _, rest = name.partition(".")
    return len(stem) == 32 and (rest == "lock" or rest.isdigit())


def _bytes(segments: list) -> str:
    return size(sum(segment.size for segment in segments))
