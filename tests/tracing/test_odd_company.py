"""Damage, strange files and strange servers cost what they hit, and hold up nobody else."""

import json
import os

import pytest
from journal_files import left_behind, record

from fakes.journal_server import Answer
from telltale.tracing.journal import SEGMENT_BYTES, Journal
from telltale.tracing.orphans import Orphans
from telltale.tracing.post import Connection, Refused, Stranger
from telltale.tracing.records import read_segment
from telltale.tracing.shipper import Shipper
from telltale.tracing.wire import MOST_ANSWER_BYTES
from testbed.disks import fill, needs_mount, small_disk

ODD = "0" * 32
MOST_BODY_BYTES = 24 * 1024 * 1024
"""What a server takes at once."""


def flipped(whole: bytes) -> bytes:
    """The record with one byte changed, so that its CRC is wrong."""
    return whole[:-3] + bytes([whole[-3] ^ 1]) + whole[-2:]


@pytest.mark.parametrize(
    ("written", "arrived"),
    [
        ([record("one"), flipped(record("two"))], ["one"]),
        ([record("one"), flipped(record("big", 3_000_000)), record("good", 3_000_000)], None),
        ([record("one"), record("big", 15_000_000)[:-100], record("big", 15_000_000)], None),
    ],
    ids=["last", "before a large one", "torn before its second try"],
)
def test_a_damaged_record_blocks_nothing_behind_it(folder, server, written, arrived):
    left_behind(folder, server.url, *written, *([] if arrived else [record("last")]))

    assert not any(one.problem for one in Orphans(folder).ship())
    assert server.names == (arrived or ["one", "good" if b"good" in written[2] else "big", "last"])
    assert max(len(post.body) for post in server.posts) < MOST_BODY_BYTES
    assert list(folder.iterdir()) == []


def test_a_living_process_passes_over_damage_and_leaves_a_trace_of_it(folder, server):
    journal = Journal(folder, server.url, {}, "")
    shipper = Shipper(journal)
    journal.write(record("one"))
    journal.write(flipped(record("two")))
    shipper.start()
    assert shipper.flush(20)
    journal.write(record("three"))
    assert shipper.flush(20)

    assert server.names == ["one", "three"]
    assert sum(read_segment(post.body).damaged for post in server.posts) == 1
    shipper.finish(1)


@pytest.mark.parametrize("odd", ["folder", "lock folder", "digit", "pipe", "star"])
def test_what_is_no_journal_blocks_none(folder, server, odd):
    left_behind(folder, server.url, record("good"))
    if odd == "folder":
        (folder / f"{ODD}.000000").mkdir()
    elif odd == "lock folder":
        (folder / f"{ODD}.lock").mkdir()
        (folder / f"{ODD}.000000").touch()
    elif odd == "digit":
        (folder / f"{ODD}.²").touch()
    elif odd == "pipe":
        os.mkfifo(folder / f"{ODD}.000000")
    else:
        (folder / f"{'*' * 32}.000000").touch()

    assert not any(one.problem for one in Orphans(folder).ship())
    assert server.names == ["good"]


def test_an_answer_without_end_is_a_strangers(server):
    server.version = Answer(200, body=b"x" * (MOST_ANSWER_BYTES * 20))

    with pytest.raises(Stranger):
        Connection(server.url).greet()


def test_what_was_never_sent_cannot_be_acknowledged(server):
    server.misbehave = [Answer(200, body=json.dumps({"offset": 10**9}).encode())]

    with pytest.raises(Refused, match="never sent"):
        Connection(server.url).ship(b"header", b"records", 6)


@needs_mount
def test_a_segment_that_could_not_be_opened_is_opened_when_there_is_room(tmp_path):
    with small_disk(tmp_path / "disk", "24m") as disk:
        journal = Journal(disk / "journal", "http://127.0.0.1:9", {}, "")
        journal.write(record("first", SEGMENT_BYTES - 10_000))
        filler = fill(disk)
        journal.segment_path(0).unlink()
        with pytest.raises(OSError, match="No space left"):
            journal.mend()
        assert not list(disk.glob("journal/*.0*"))

        filler.unlink()
        journal.mend()
        journal.write(record("third"))
        assert journal.segment == 1
        assert b"third" in journal.segment_path(1).read_bytes()
