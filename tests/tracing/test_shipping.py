"""From the journal to the server: unchanged, once, and only to whom it is for."""

import itertools

import pytest
from journal_files import record
from shippers import PATIENT

from fakes.journal_server import DROP, Answer, JournalServer, busy
from programs import outcome, run_program, start_program
from telltale.tracing.journal import SEGMENT_BYTES

WORK = """
import telltale
with telltale.start_span("outer"):
    with telltale.start_span("inner"): pass
"""


def test_a_program_that_ends_leaves_everything_at_the_server_and_nothing_behind(home, server):
    program = run_program(f"{PATIENT}\n{WORK}", home, server.url)

    assert (program.returncode, program.stdout, program.stderr) == (0, "", "")
    assert server.names == ["inner", "outer"]
    assert list(program.recording.folder.iterdir()) == []


def test_segments_arrive_byte_for_byte(journal, server, idle_shipper):
    written = [[record(f"{n}", 900_000) for n in range(7)], [record("last")]]
    for one in itertools.chain(*written):
        journal.write(one)
    headers = [journal.segment_path(n).read_bytes()[:60] for n in range(journal.segment + 1)]

    idle_shipper.start()  # Now: what has arrived is unlinked.
    assert idle_shipper.flush(20)

    assert b"".join(server.segments).endswith(written[1][0])
    assert sum(segment.count(one) for segment in server.segments for one in written[0]) == 7
    assert [segment[:60] for segment in server.segments] == headers


def test_a_complete_segment_is_unlinked_once_it_is_acknowledged(journal, server, shipper):
    server.misbehave += [busy(1)]
    journal.write(record("first", SEGMENT_BYTES))
    journal.write(record("second"))
    server.wait_for(lambda s: s.posts)
    assert journal.segment_path(0).exists()

    assert shipper.flush(20)

    assert not journal.segment_path(0).exists()
    assert journal.segment_path(1).exists()
    assert server.names == ["first", "second"]


def test_a_record_larger_than_a_batch_arrives(journal, server, shipper):
    journal.write(record("huge", 15_000_000))
    journal.write(record("next"))

    assert shipper.flush(20)
    assert server.names == ["huge", "next"]


def test_spans_arrive_while_the_program_runs(home, server):
    with start_program(WORK + "input()", home, server.url) as process:
        server.wait_for(lambda s: len(s.spans) == 2)
        process.stdin.write("\n")
        program = outcome(process, home)

    assert program.returncode == 0
    assert server.names == ["inner", "outer"]


def test_a_running_span_is_at_the_server_before_it_ends(home, server):
    code = f"import telltale\n{PATIENT}\nwith telltale.start_span('slow'): input()"
    with start_program(code, home, server.url) as process:
        server.wait_for(lambda s: [span.name for span in s._stored] == ["slow"])
        process.stdin.write("\n")
        outcome(process, home)

    assert server.names == ["slow"]


def test_a_server_that_asks_for_time_gets_it(journal, server, shipper, clock, caplog):
    server.misbehave += [busy(7)]
    journal.write(record("work"))
    server.wait_for(lambda s: s.posts)

    shipper.wait_for_rounds()
    clock.now += 6.9
    shipper.wait_for_rounds()
    assert len(server.posts) == 1

    clock.now += 7
    server.wait_for(lambda s: s.names == ["work"])
    # By now there is a beat to be posted, too.
    assert len([asked for asked in server.posts if b"work" in asked.body]) == 2


def test_tries_become_rarer_while_nobody_answers(journal, server, shipper, clock):
    server.version = Answer(500)
    journal.write(record("work"))
    for tries in range(9):
        server.wait_for(lambda s, tries=tries: len(s.asked) > tries)
        shipper.wait_for_rounds()
        clock.now += 60
    server.wait_for(lambda s: len(s.asked) == 10)
    shipper.wait_for_rounds()
    clock.now += 19
    shipper.wait_for_rounds()
    assert len(server.asked) == 10

    clock.now += 12
    server.wait_for(lambda s: len(s.asked) > 10)


@pytest.mark.parametrize("refusal", [busy(1), Answer(500), DROP, Answer(401), Answer(200)])
def test_what_was_not_acknowledged_is_sent_again(journal, server, shipper, refusal):
    server.misbehave += [refusal]
    journal.write(record("work"))
    server.wait_for(lambda s: not s.misbehave)

    assert shipper.flush(20)
    assert server.names == ["work"]
    assert len(server.posts) == 2


def test_a_server_that_restarts_gets_each_span_once(journal, server, shipper, clock):
    journal.write(record("before"))
    assert shipper.flush(20)  # The acknowledgement has come back, too.
    server.stop()
    journal.write(record("meanwhile"))
    clock.wait_for_looks(2, "telltale-shipper")
    server.start()
    journal.write(record("after"))

    def has_all(_: JournalServer) -> bool:
        clock.now += 60  # Each time: a try that began before the server did may fail behind it.
        return len(server.names) == 3

    server.wait_for(has_all)
    assert server.names == ["before", "meanwhile", "after"]


def test_a_server_that_comes_later_gets_everything_once(home, tmp_path):
    with JournalServer() as server:
        pass
    first = run_program(WORK, home, server.url)
    second = run_program(WORK, home, server.url)
    assert (first.returncode, second.returncode) == (0, 0)
    assert len(second.recording.spans) == 4

    with server:
        run_program(
            "import pathlib; from telltale.tracing.orphans import Orphans\n"
            f"print([s.problem for s in Orphans(pathlib.Path({str(home)!r}, 'journal')).ship()])",
            home,
        )

    assert server.names == ["inner", "outer"] * 2
    assert list(second.recording.folder.iterdir()) == []


def test_flush_says_whether_the_server_has_everything(home, server):
    code = WORK + "print(telltale.flush(20)); input(); print(telltale.flush(20))"
    with start_program("import telltale; print(telltale.flush())" + code, home, server.url) as p:
        assert [p.stdout.readline() for _ in range(2)] == ["True\n", "True\n"]
        assert server.names == ["inner", "outer"]
        server.stop()
        p.stdin.write("with\n")
        program = outcome(p, home)

    assert program.stdout == "True\n"  # Nothing was written since.


def test_flush_is_false_where_the_server_is_away(home):
    program = run_program(WORK + "print(telltale.flush(5))", home)

    assert (program.stdout, program.returncode) == ("False\n", 0)
    assert len(program.warnings) == 1
    assert program.recording.names == ["inner", "outer"]


def test_a_damaged_segment_is_shipped_around_its_damage(journal, server, shipper):
    journal.write(record("one"))
    journal.write(record("torn")[:-5])
    journal.write(record("two"))

    assert shipper.flush(20)
    assert server.names == ["one", "two"]


def test_a_segment_that_somebody_deleted_is_said_and_what_comes_after_it_arrives(
    journal, server, shipper, caplog
):
    journal.write(record("one"))
    server.wait_for(lambda s: s.names == ["one"])
    journal.segment_path(0).unlink()
    journal.write(record("lost"))
    shipper.flush(10)
    journal.write(record("after"))

    assert shipper.flush(20)
    # What was written into the deleted file is gone, if nobody had noticed it by then.
    assert server.names in (["one", "after"], ["one", "lost", "after"])
    assert caplog.text.count("somebody deleted") == 1


def test_a_programs_seeded_numbers_are_its_own_while_the_server_is_away(home):
    draw = "print([random.random() for _ in range(3)])"
    alone = run_program(f"import random; random.seed(42); {draw}", home)
    traced = run_program(f"import random; random.seed(42)\n{WORK}\ntelltale.flush()\n{draw}", home)

    assert traced.stdout == alone.stdout
