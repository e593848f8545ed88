"""A power cut without a switch: what had reached the disk at one moment, and nothing else.

A file system lives in a file. A writer stores into it and says what was acknowledged; it is
stopped, and the file is copied as it is: what the writer's system still held in memory is not in
it. The copy is mounted as after a crash, and the database in it opened.
"""

import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import msgspec

from telltale.store.questions import ReadRaw
from telltale.store.traces import open_trace_store
from testbed.disks import may_mount, mounted
from testbed.servers import SOURCE

IMAGE_BYTES = 96 << 20
LONGEST_S = 1.5
"""From the first acknowledged write to the cut at the latest."""
WRITER = """
import itertools, os, pathlib, sys
from telltale.nouns.span import Kind, RawSpan, Span
from telltale.store.questions import Change
from telltale.store.traces import open_trace_store
from telltale.store.traces.sqlite import connection

path, pragma = pathlib.Path(sys.argv[1]), sys.argv[2]
if pragma:
    make_durable = connection._make_durable
    def spoilt(made):
        make_durable(made)
        made.execute(pragma)
    connection._make_durable = spoilt
store = open_trace_store(path, 1)
for number in itertools.count(1):
    trace_id, spans = os.urandom(16), []
    for n in range(1, 6):
        raw = RawSpan(trace_id=trace_id, span_id=os.urandom(8), name="work", start_ns=1, end_ns=2,
                      attributes={"load": os.urandom(400).hex()})
        spans.append(raw)
    reading = Span(dialect="telltale", kind=Kind.CHAIN, name="work")
    store.write([Change(0, raw, reading) for raw in spans])
    os.write(1, b"".join(raw.span_id.hex().encode() + b"\\n" for raw in spans))
"""


class Cut(msgspec.Struct, frozen=True):
    """What one cut left."""

    acknowledged: int
    """Spans that the store had answered for."""
    missing: int
    """Of these, not in the database afterwards."""
    opened: bool
    """Whether the database opened and was sound."""


def is_possible() -> bool:
    """Whether file systems may be made and mounted here."""
    return may_mount(lambda point: _mounted(_image(point.parent), point))


def power_cuts(rounds: int, seed: int, pragma: str = "") -> Iterator[Cut]:
    """So many cuts, each of a new database.

    Args:
        pragma: Said to the database after all others, to show that the cuts find what it spoils.
    """
    chance = random.Random(seed)
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(prefix="telltale-power-") as folder:
            yield _cut(Path(folder), chance.random() * LONGEST_S, pragma)


def _cut(folder: Path, life_s: float, pragma: str) -> Cut:
    image, copy, said = _image(folder), folder / "after.img", folder / "said"
    with _mounted(image, folder / "before") as disk:
        with said.open("wb") as out:
            writer = subprocess.Popen(
                [sys.executable, "-c", textwrap.dedent(WRITER), str(disk / "traces.db"), pragma],
                stdout=out,
                env={"PYTHONPATH": str(SOURCE)},
            )
        try:
            while not said.stat().st_size and writer.poll() is None:
                time.sleep(0.005)
            time.sleep(life_s)  # The experiment itself: the moment of the cut.
            writer.send_signal(signal.SIGSTOP)
            shutil.copyfile(image, copy)
            acknowledged = {line for line in said.read_text().splitlines() if len(line) == 16}
        finally:
            writer.kill()
            writer.wait()
    with _mounted(copy, folder / "after") as disk:
        found = _span_ids(disk / "traces.db")
    return Cut(len(acknowledged), len(acknowledged - (found or set())), found is not None)


def _span_ids(path: Path) -> set[str] | None:
    """Ids of all spans; None where the database is not sound."""
    try:
        store = open_trace_store(path, 1)
    except Exception:  # noqa: BLE001  however it fails, it did not open
        return None
    try:
        ids, cursor = set(), None
        while True:
            batch = store.read(ReadRaw(cursor=cursor, limit=1000))
            ids |= {span.raw.span_id.hex() for trace in batch.traces for span in trace}
            cursor = batch.next
            if cursor is None:
                break
    finally:
        store.close()
    connection = sqlite3.connect(path)
    try:
        sound = connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    finally:
        connection.close()
    return ids if sound else None


def _image(folder: Path) -> Path:
    image = folder / "before.img"
    with image.open("wb") as file:
        file.truncate(IMAGE_BYTES)
    subprocess.run(["mkfs.ext4", "-q", str(image)], check=True, capture_output=True)
    return image


def _mounted(image: Path, there: Path) -> AbstractContextManager[Path]:
    return mounted(there, "-o", "loop", str(image))
