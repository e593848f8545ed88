"""A server, or the line to it, that is slow: what is large arrives, and nobody else waits."""

import os
import time

import pytest
from journal_files import record

from fakes.journal_server import HANG, busy
from fakes.thin_line import ThinLine
from telltale.tracing import post
from telltale.tracing.post import Connection, Slow
from telltale.tracing.records import read_segment
from telltale.tracing.shipment import Shipment
from telltale.tracing.shipper import Shipper
from telltale.tracing.watch import BEAT_S
from testbed.waiting import wait_until


def test_a_large_record_on_a_thin_line_takes_as_long_as_it_takes(journal, server, monkeypatch):
    """As long as somebody takes it: his time-out is for falling silent."""
    monkeypatch.setattr(post, "TIMEOUT_S", 2.0)
    journal.write(record("large", size=3_000_000))
    with ThinLine(server.port, bytes_a_second=1_000_000) as line:
        connection = Connection(line.url)
        Shipment(journal.segment_path(0)).ship(connection)

    assert server.names == ["large"]
    assert line.busy_s > 2.0


def test_a_line_that_falls_silent_in_the_middle_is_given_up(journal, server, monkeypatch):
    monkeypatch.setattr(post, "TIMEOUT_S", 0.5)
    journal.write(record("large", size=3_000_000))
    with ThinLine(server.port, bytes_a_second=2_000_000, most_bytes=500_000) as line:
        begin = time.monotonic()
        with pytest.raises(Slow):
            Shipment(journal.segment_path(0)).ship(Connection(line.url))

    assert time.monotonic() - begin < 10
    assert server.posts == []


def test_flush_outlasts_a_server_that_is_busy_for_a_moment(journal, server):
    shipper = Shipper(journal)
    server.misbehave += [busy(1)]
    shipper.start()
    journal.write(record("work"))

    assert shipper.flush(20)
    assert server.names == ["work"]
    shipper.finish(2)


def test_flush_gives_up_where_no_other_try_comes_in_time(journal, server, shipper, clock):
    server.misbehave += [busy(20)] * 2
    journal.write(record("work"))
    begin = time.monotonic()

    assert not shipper.flush(19)
    assert time.monotonic() - begin < 10


def test_files_are_mended_and_beats_written_while_a_server_says_nothing(
    journal, server, shipper, clock
):
    server.misbehave.append(HANG)
    journal.write(record("one"))
    server.wait_for(lambda s: s.posts)
    os.close(journal._file.number)
    wait_until(lambda: journal.segment == 1)

    clock.now += BEAT_S
    wait_until(lambda: read_segment(journal.segment_path(1).read_bytes()).beats)
    (beat,) = read_segment(journal.segment_path(1).read_bytes()).beats
    assert beat.waiting_bytes > 0
