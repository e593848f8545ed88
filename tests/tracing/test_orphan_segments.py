"""What a dead process left behind goes where it was meant to go."""

import fcntl
import os

import pytest
from journal_files import left_behind, record

from fakes.journal_server import Answer, JournalServer
from programs import outcome, run_program, start_program
from telltale.tracing.handles import Handle
from telltale.tracing.journal import SEGMENT_BYTES
from telltale.tracing.orphans import Orphans


def test_segments_of_a_dead_process_arrive_and_are_gone(home, server):
    code = """
        import os, telltale
        from telltale.tracing import shipper
        shipper.LINGER_S = 60  # It is dead before the first shipping.
        with telltale.start_span("work"): pass
        os._exit(1)
        """
    dead = run_program(code, home, server.url).recording

    shipped = list(Orphans(dead.folder).ship())

    assert [(one.destination, one.problem) for one in shipped] == [(server.url, "")]
    assert server.names == ["work"]
    assert list(dead.folder.iterdir()) == []


def test_each_segment_goes_to_the_destination_in_its_header(folder, server):
    with JournalServer() as other:
        left_behind(folder, server.url, record("for one"))
        left_behind(folder, other.url, record("for the other"))

        assert not any(one.problem for one in Orphans(folder).ship())

    assert (server.names, other.names) == (["for one"], ["for the other"])


def test_the_segments_of_one_journal_arrive_in_their_order(folder, server):
    big = [record(f"{number}", SEGMENT_BYTES) for number in range(3)]
    left_behind(folder, server.url, *big, record("last"))

    shipped = list(Orphans(folder).ship())

    assert [one.path.suffix for one in shipped] == [".000000", ".000001", ".000002", ".000003"]
    assert server.names == ["0", "1", "2", "last"]


def test_what_was_meant_for_a_mistyped_address_goes_where_its_owner_says(folder, server):
    mistyped = "http://nosuch.invalid:5000"
    left_behind(folder, mistyped, record("lost its way"))

    shipped = list(Orphans(folder, instead={mistyped: server.url}).ship())

    assert [(one.destination, one.problem) for one in shipped] == [(mistyped, "")]
    assert server.names == ["lost its way"]


def test_a_living_process_is_left_alone(home):
    code = (
        "import telltale\nwith telltale.start_span('work'): pass\nprint('x', flush=True); input()"
    )
    with start_program(code, home) as process:
        process.stdout.readline()
        files = sorted((home / "journal").iterdir())

        assert list(Orphans(home / "journal").ship()) == []
        assert sorted((home / "journal").iterdir()) == files

        process.stdin.write("\n")
        outcome(process, home)


def test_a_segment_without_a_lock_file_is_nobodys(folder, server):
    left_behind(folder, server.url, record("work")).lock.path.unlink()

    assert [one.problem for one in Orphans(folder).ship()] == [""]
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("torn", [1, 17, 60])
def test_a_torn_tail_is_let_go_with_its_segment(folder, server, torn):
    left_behind(folder, server.url, record("whole"), record("torn")[:-torn])

    assert [one.problem for one in Orphans(folder).ship()] == [""]
    assert server.names == ["whole"]
    assert list(folder.iterdir()) == []


def test_a_segment_that_died_before_its_header_holds_nothing_and_goes(folder, server):
    journal = left_behind(folder, server.url, record("work"))
    journal.segment_path(1).touch()

    assert [one.path for one in Orphans(folder).ship()] == [journal.segment_path(0)]
    assert server.names == ["work"]
    assert list(folder.iterdir()) == []


def test_a_file_that_is_no_segment_waits_for_a_person_and_blocks_nobody(folder, server):
    journal = left_behind(folder, server.url, record("one"))
    journal.segment_path(1).write_bytes(b"not a journal at all")
    left_behind(folder, server.url, record("two"))

    problems = {one.path.suffix: one.problem for one in Orphans(folder).ship() if one.problem}

    assert list(problems) == [".000001"]
    assert "header" in problems[".000001"]
    assert sorted(server.names) == ["one", "two"]
    assert journal.segment_path(1).exists()


def test_a_segment_waits_while_its_server_is_away_and_holds_up_no_other(folder, server):
    with JournalServer() as away:
        pass
    waiting = left_behind(folder, away.url, record("later"))
    left_behind(folder, server.url, record("now"))

    shipped = {one.destination: one.problem for one in Orphans(folder).ship()}

    assert "refused" in shipped[away.url].lower()
    assert shipped[server.url] == ""
    assert server.names == ["now"]
    assert waiting.segment_path(0).exists()

    with away:
        assert [one.problem for one in Orphans(folder).ship()] == [""]
    assert away.names == ["later"]


@pytest.mark.parametrize("refusal", [Answer(503), Answer(400), Answer(200, body=b"?")])
def test_a_segment_that_is_refused_waits_and_its_next_try_says_nothing_twice(
    folder, server, refusal
):
    journal = left_behind(folder, server.url, record("work"))
    server.misbehave = [refusal]

    assert [bool(one.problem) for one in Orphans(folder).ship()] == [True]
    assert journal.segment_path(0).exists()
    assert [bool(one.problem) for one in Orphans(folder).ship()] == [False]
    assert server.names == ["work"]


def test_a_stranger_gets_nothing(folder):
    with JournalServer(version={"name": "other"}) as stranger:
        left_behind(folder, stranger.url, record("secret plan"))

        assert "not a Telltale server" in next(Orphans(folder).ship()).problem

    assert stranger.posts == []


def test_two_who_ship_the_same_folder_do_not_ship_the_same_segment(folder, server):
    left_behind(folder, server.url, record("one"))
    left_behind(folder, server.url, record("two"))

    first, second = Orphans(folder).ship(), Orphans(folder).ship()
    shipped = [next(first), next(second), *first, *second]

    assert len(shipped) == 2
    assert sorted(server.names) == ["one", "two"]


def test_the_dead_that_nobody_wants_are_opened_once(folder, server, monkeypatch):
    left_behind(folder, "http://127.0.0.1:9", record("for another"))
    orphans = Orphans(folder, lambda to: to == server.url)
    assert list(orphans.ship()) == []
    left_behind(folder, server.url, record("work"))
    opened = []
    monkeypatch.setattr(
        "telltale.tracing.orphans.Handle",
        lambda path, flags: opened.append(path) or Handle(path, flags),
    )

    shipped = list(orphans.ship())

    assert [one.problem for one in shipped] == [""]
    assert len(opened) == 1


@pytest.mark.parametrize("there", [True, False])
def test_a_folder_without_segments_has_nothing_to_ship(folder, there):
    if there:
        folder.mkdir()

    assert list(Orphans(folder).ship()) == []


def test_files_of_others_in_the_folder_are_left_as_they_are(folder):
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")

    assert list(Orphans(folder).ship()) == []
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]


def test_a_file_that_vanishes_meanwhile_stops_nothing(folder, server):
    # Its name is listed, and nothing is there.
    left_behind(folder, server.url, record("work")).segment_path(1).symlink_to("nowhere")

    assert [one.problem for one in Orphans(folder).ship()] == [""]


def test_no_lock_is_held_afterwards(folder):
    journal = left_behind(folder, "http://127.0.0.1:9", record("work"))

    assert [bool(one.problem) for one in Orphans(folder).ship()] == [True]

    with os.fdopen(os.open(journal.lock.path, os.O_RDWR)) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_server_that_hangs_is_waited_for_once(folder, monkeypatch):
    monkeypatch.setattr("telltale.tracing.post.VERSION_TIMEOUT_S", 0.3)
    with JournalServer(version=None) as hanging:
        for number in range(5):
            left_behind(folder, hanging.url, record(f"{number}"))

        problems = [one.problem for one in Orphans(folder).ship()]

    assert len(problems) == 5 and all("no answer" in problem for problem in problems)
    assert len(hanging.asked) <= 2
