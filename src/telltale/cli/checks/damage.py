"""What of the journal nobody can read: torn by a crash, a full disk, or another program."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from telltale.cli.checks.finding import Finding, Level, Topic
from telltale.cli.home import SameHome
from telltale.cli.measures import many, size, some
from telltale.tracing.folder import JournalFiles, SegmentFile, journals
from telltale.tracing.records import is_torn_header, read_segment

MOST_BYTES = 32 << 20
"""How much is read, the newest first: some tenths of a second."""


class _Looked(msgspec.Struct):
    read: int = 0
    torn: list[str] = []
    """Names of segments with damaged stretches."""
    stretches: int = 0
    unreadable: list[str] = []
    empty: int = 0
    left_out: int = 0
    """Segments that were not read, for there are too many bytes."""


def check_damage(
    folder: Path, same_home: SameHome, most_bytes: int = MOST_BYTES
) -> Iterator[Finding]:
    """What the newest segments hold that cannot be read.

    Args:
        most_bytes: Where to stop; what is left out is said.
    """
    looked = _Looked()
    for journal in reversed(journals(folder)):
        for segment in reversed(journal.segments):
            if looked.read and looked.read + segment.size > most_bytes:
                looked.left_out += 1
            else:
                _look(journal, segment, looked)
    part = f" (looked at {size(looked.read)}, not at {many(looked.left_out, 'older segment')})"
    part = part if looked.left_out else ""
    if looked.torn:
        yield Finding(
            Topic.JOURNAL,
            Level.WARNING,
            f"{many(looked.stretches, 'damaged stretch', 'damaged stretches')} in "
            f"{some(looked.torn)}{part}: the spans in them are lost, those around them are not",
            "if it happens again, check the disk: its free space, and the system's log",
        )
    if looked.unreadable:
        yield Finding(
            Topic.JOURNAL,
            Level.WARNING,
            f"{many(len(looked.unreadable), 'segment')} without a readable header, so that nobody "
            f"knows where they belong: {some(looked.unreadable)}{part}",
            f"move those files out of {folder}, or delete them",
        )
    if looked.empty:
        yield Finding(
            Topic.JOURNAL,
            Level.NOTE,
            f"{many(looked.empty, 'segment')} without a span, of programs that died at once",
            f"{same_home.command('flush')} tidies up",
        )


def _look(journal: JournalFiles, segment: SegmentFile, looked: _Looked) -> None:
    try:
        data = segment.path.read_bytes()
    except FileNotFoundError:
        return  # It has arrived meanwhile.
    except OSError:
        looked.unreadable.append(segment.path.name)
        return
    looked.read += len(data)
    try:
        found = read_segment(data)
    except ValueError:
        if not is_torn_header(data):
            looked.unreadable.append(segment.path.name)
        elif not journal.has_owner():
            looked.empty += 1
        return
    if found.damaged:
        looked.torn.append(segment.path.name)
        looked.stretches += found.damaged
