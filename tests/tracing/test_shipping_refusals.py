"""What a server will not take holds up nothing else, and deleted files are not written to."""

import pytest

from fakes.journal_server import Answer, JournalServer
from telltale.nouns.span import RawSpan
from telltale.tracing import guard
from telltale.tracing.journal import Journal
from telltale.tracing.orphans import Orphans
from telltale.tracing.records import RecordType, encode_span
from telltale.tracing.shipper import Shipper
from testbed.waiting import wait_until


def record(name: str, size: int = 0) -> bytes:
    span = RawSpan(
        trace_id=b"t" * 16,
        span_id=name.encode().rjust(8, b"0")[:8],
        name=name,
        start_ns=1,
        end_ns=2,
        attributes={"text": "x" * size},
    )
    return encode_span(RecordType.END, span)


@pytest.fixture
def server():
    with JournalServer() as running:
        yield running


@pytest.fixture
def journal(tmp_path, server):
    guard._said.clear()
    return Journal(tmp_path / "journal", server.url, {}, "")


@pytest.fixture
def shipper(journal):
    # Not started: its first pass is made when a test says so.
    made = Shipper(journal)
    yield made
    made.finish(1)


def test_a_piece_that_is_refused_for_good_does_not_hold_up_the_next_segment(
    journal, server, shipper
):
    journal.write(record("bad"))
    journal.redirect(server.url)
    journal.write(record("good"))
    server.misbehave.append(Answer(400))
    shipper.start()

    assert not shipper.flush(5)
    assert server.names == ["good"]
    assert journal.segment_path(0).exists()


def test_a_proxy_that_takes_less_at_a_time_gets_less_at_a_time(journal, server, shipper):
    for number in range(8):
        journal.write(record(f"span {number}", size=300_000))
    server.misbehave += [Answer(413), Answer(413)]
    shipper.start()

    assert shipper.flush(10)
    assert server.names == [f"span {number}" for number in range(8)]
    assert max(len(asked.body) for asked in server.posts[2:]) < 800_000


def test_an_acknowledgement_that_does_not_advance_is_no_acknowledgement(journal, server, shipper):
    journal.write(record("one"))
    server.misbehave.append(Answer(200, body=b'{"offset": 0}'))
    shipper.start()

    assert not shipper.flush(5)
    assert shipper.flush(5)
    assert server.names == ["one"]


def test_what_comes_after_a_deletion_is_written_anew_and_arrives(journal, server, shipper):
    journal.write(record("one"))
    shipper.start()
    assert shipper.flush(5)
    for path in journal.folder.iterdir():
        path.unlink()
    journal.folder.rmdir()

    wait_until(lambda: journal.segment_path(1).exists())
    journal.write(record("two"))
    wait_until(lambda: shipper.flush(5))
    assert server.names == ["one", "two"]
    assert list(Orphans(journal.folder).ship()) == []


def test_a_journal_whose_lock_was_taken_while_it_was_made_takes_another_id(
    tmp_path, server, monkeypatch
):
    """Somebody mistook the new lock for a dead process's between its making and its locking."""
    folder = tmp_path / "journal"
    ids = iter([b"a" * 16, b"b" * 16])
    monkeypatch.setattr("os.urandom", lambda size: next(ids))
    folder.mkdir()
    descriptor = Journal(folder, server.url, {}, "")
    ids = iter([b"a" * 16, b"c" * 16])

    second = Journal(folder, server.url, {}, "")

    assert (descriptor.id, second.id) == (b"a" * 16, b"c" * 16)
