"""What a server will not take holds up nothing else, and deleted files are not written to."""

import os
import shutil

import pytest
from journal_files import record

from fakes.journal_server import DROP, Answer
from telltale.tracing.handles import Handle
from telltale.tracing.journal import Journal
from telltale.tracing.line import LONGEST_WAIT_S, REFUSED_WAIT_S
from telltale.tracing.orphans import Orphans
from telltale.tracing.shipper import Shipper
from testbed.waiting import wait_until


@pytest.fixture
def shipper(idle_shipper):
    # Its first pass is made when a test says so.
    return idle_shipper


def test_a_piece_that_is_refused_for_good_does_not_hold_up_the_next_segment(
    journal, server, shipper
):
    journal.write(record("bad"))
    journal.redirect(server.url)
    journal.write(record("good"))
    server.misbehave.append(Answer(400))
    shipper.start()

    assert not shipper.flush(20)
    assert server.names == ["good"]
    assert journal.segment_path(0).exists()


def test_a_proxy_that_takes_less_at_a_time_gets_less_at_a_time(journal, server, shipper):
    for number in range(8):
        journal.write(record(f"span {number}", size=300_000))
    server.most_bytes = 700_000
    shipper.start()

    assert shipper.flush(20)
    assert server.names == [f"span {number}" for number in range(8)]
    assert max(len(asked.body) for asked in server.posts[1:]) < 700_000


def test_a_record_that_a_proxy_never_takes_holds_up_nothing_behind_it(
    journal, server, shipper, clock, caplog
):
    server.most_bytes = 1_500_000
    names = [f"small {number}" for number in range(3)]
    journal.write(record(names[0]))
    journal.write(record("large", size=2_000_000))
    for name in names[1:]:
        journal.write(record(name, size=200_000))
    shipper.start()

    assert not shipper.flush(20)
    assert server.names == names
    assert [line for line in caplog.messages if "413" in line]
    assert shipper._traffic().waiting_bytes > 2_000_000

    server.most_bytes = 0  # Somebody has mended the proxy.
    clock.now += REFUSED_WAIT_S
    assert shipper.flush(20)
    assert server.names == [*names, "large"]
    # What fits in one post still goes in one.
    small = [[name for name in names[1:] if name.encode() in post.body] for post in server.posts]
    assert [one for one in small if one] == [names[1:]]


@pytest.mark.parametrize(
    "answers",
    [
        [DROP, DROP],  # The second on a fresh line.
        [Answer(200, body=b'{"offset": 0}')],
    ],
    ids=["away", "stores nothing"],
)
def test_a_record_that_was_set_aside_has_not_arrived_until_it_is_acknowledged(
    journal, server, shipper, clock, answers
):
    server.most_bytes = 1_500_000
    journal.write(record("large", size=2_000_000))
    shipper.start()
    assert not shipper.flush(20)

    server.misbehave += answers
    clock.now += REFUSED_WAIT_S
    assert not shipper.flush(1)
    clock.now += LONGEST_WAIT_S

    assert not shipper.flush(20)
    assert shipper._traffic().waiting_bytes > 2_000_000


def test_what_a_dead_process_left_waits_where_a_proxy_does_not_take_all_of_it(journal, server):
    server.most_bytes = 1_500_000
    journal.write(record("large", size=2_000_000))
    journal.write(record("small"))
    journal.let_go()

    (told,) = Orphans(journal.folder).ship()

    assert told.problem.startswith("413")
    assert server.names == ["small"]
    assert journal.segment_path(0).exists()


def test_an_acknowledgement_that_does_not_advance_is_no_acknowledgement(journal, server):
    shipper = Shipper(journal)
    journal.write(record("one"))
    server.misbehave.append(Answer(200, body=b'{"offset": 0}'))
    shipper.start()

    assert shipper.flush(20)
    assert server.names == ["one"]
    assert len(server.posts) == 2
    shipper.finish(1)


def test_what_comes_after_a_deletion_is_written_anew_and_arrives(journal, server, shipper):
    journal.write(record("one"))
    shipper.start()
    assert shipper.flush(20)
    # At once: it may be mended in the middle of it.
    shutil.rmtree(journal.folder.rename(journal.folder.with_name("deleted")))

    # Its file is there a moment before it is written to.
    wait_until(lambda: journal.segment == 1)
    journal.write(record("two"))
    wait_until(lambda: shipper.flush(20))
    assert server.names == ["one", "two"]
    assert list(Orphans(journal.folder).ship()) == []


@pytest.mark.parametrize("is_held", [True, False])
def test_a_journal_whose_lock_was_taken_while_it_was_made_takes_another_id(
    folder, server, monkeypatch, is_held
):
    """Somebody mistook the new lock for a dead process's between its making and its locking:

    they hold it still, or have tidied it away.
    """
    lock = Handle.lock
    tried = []

    def adopted_first(handle):
        tried.append(handle.path)
        if len(tried) > 1:
            return lock(handle)
        other = Handle(handle.path, os.O_RDWR)
        assert lock(other)
        if not is_held:
            handle.path.unlink()
            other.close()
        return lock(handle)

    monkeypatch.setattr(Handle, "lock", adopted_first)

    journal = Journal(folder, server.url, {}, "")

    assert [path == journal.lock.path for path in tried] == [False, True]
    assert journal.lock.is_held()
    journal.let_go()
