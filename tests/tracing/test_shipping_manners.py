"""What a server may see of us, and how long it may keep us."""

import time

import pytest
from journal_files import record
from shippers import PATIENT

from fakes.journal_server import DRIP, HANG, Answer, JournalServer
from programs import outcome, run_program, start_program
from telltale.tracing import post
from telltale.tracing.journal import Journal
from telltale.tracing.post import VERSION_TIMEOUT_S, Connection, Slow
from telltale.tracing.shipper import Shipper

WORK = """
import telltale
with telltale.start_span("secret plan"): pass
"""
STRANGERS = {
    "another product": {"name": "mlflow", "version": "3"},
    "no object": ["telltale"],
    "no JSON": Answer(body=b"<html>telltale</html>"),
    "an error": Answer(404),
    "a telltale that is not well": Answer(500, body=b'{"name": "telltale", "journal": [1]}'),
    "a telltale that cannot read us": {"name": "telltale", "version": "9", "journal": [2]},
}


@pytest.mark.parametrize("version", STRANGERS.values(), ids=STRANGERS)
def test_a_stranger_gets_nothing_but_the_version_question(home, version):
    with JournalServer(version=version) as stranger:
        program = run_program(
            WORK + "print(telltale.flush(2))", home, stranger.url, TELLTALE_TOKEN="open sesame"
        )

    assert (program.stdout, program.returncode) == ("False\n", 0)
    assert {(a.method, a.path, a.body) for a in stranger.asked} == {("GET", "/api/v1/version", b"")}
    assert not any("sesame" in str(asked) for asked in stranger.asked)
    assert len(program.warnings) == 1
    assert program.recording.names == ["secret plan"]


def test_a_stranger_that_takes_the_port_over_gets_nothing_either(tmp_path):
    with JournalServer() as server:
        journal = Journal(tmp_path, server.url, {}, "")
        shipper = Shipper(journal)
        shipper.start()
        journal.write(record("for the server"))
        assert shipper.flush(20)
    with JournalServer(port=server.port, version={"name": "other"}) as stranger:
        journal.write(record("secret plan"))
        assert not shipper.flush(5)

    assert stranger.posts == []
    shipper.finish(1)


def test_a_server_given_by_mlflows_variable_must_be_telltale(home):
    with JournalServer(version={"name": "mlflow"}) as mlflow:
        program = run_program(
            WORK + "print(telltale.get_tracking_uri())",
            home,
            destination=None,
            MLFLOW_TRACKING_URI=mlflow.url,
        )

    assert mlflow.posts == []
    assert program.stdout == "http://127.0.0.1:5000\n"
    assert "MLFLOW_TRACKING_URI" in program.warnings[0]


def test_a_telltale_server_given_by_mlflows_variable_gets_the_spans(home):
    with JournalServer() as server:
        program = run_program(
            PATIENT + WORK, home, destination=None, MLFLOW_TRACKING_URI=server.url
        )

    assert (program.stderr, server.names) == ("", ["secret plan"])


@pytest.mark.parametrize("uri", ["databricks", "file:///tmp/x", "sqlite:///x.db", "http://", "./a"])
def test_an_mlflow_address_that_is_no_server_is_not_for_us(home, uri):
    program = run_program(
        "import telltale; print(telltale.get_tracking_uri())",
        home,
        destination=None,
        MLFLOW_TRACKING_URI=uri,
    )

    assert (program.stdout, program.returncode) == ("http://127.0.0.1:5000\n", 0), program.stderr


@pytest.mark.parametrize("token", ["abc.def", "abc.def\n"])
def test_the_token_goes_with_journals_and_not_with_the_version_question(home, token):
    with JournalServer() as server:
        run_program(PATIENT + WORK, home, server.url, TELLTALE_TOKEN=token)

    assert {a.path.partition("?")[0]: a.headers.get("authorization") for a in server.asked} == {
        "/api/v1/version": None,
        "/api/v1/journal": "Bearer abc.def",
    }


def test_the_token_is_in_no_file(home):
    token = "a-token-of-some-length"
    program = run_program(
        WORK + "telltale.start_span('x').__enter__().set_outputs({'t': '" + token + "'})",
        home,
        TELLTALE_TOKEN=token,
    )

    files = [path.read_bytes() for path in program.recording.folder.iterdir()]
    assert program.returncode == 0
    assert any(files)
    assert not any(token.encode() in file for file in files)


def test_no_more_is_asked_than_needs_be(home):
    with JournalServer() as server:
        run_program(WORK + "telltale.flush()\n" + WORK + "telltale.flush()", home, server.url)

    assert [asked.path for asked in server.asked].count("/api/v1/version") == 1


@pytest.mark.parametrize("hanging", ["at once", "with the journal", "at the end"])
def test_a_hanging_server_does_not_delay_the_programs_end(home, hanging):
    with JournalServer() as server:
        if hanging == "at once":
            server.version = None
        else:
            server.misbehave = [HANG] * 9
        wait = "input()" if hanging == "with the journal" else ""
        code = f"{WORK}\n{wait}\nimport time; print(time.time(), flush=True)\nraise SystemExit(3)"
        with start_program(code, home, server.url) as process:
            if wait:
                server.wait_for(lambda s: s.posts)
                process.stdin.write("\n")
            program = outcome(process, home)
        took = time.time() - float(program.stdout)

    assert program.returncode == 3
    assert took < 10
    assert program.recording.names == ["secret plan"]


@pytest.mark.parametrize("misbehaviour", [HANG, DRIP])
def test_flush_keeps_to_its_time(tmp_path, misbehaviour):
    with JournalServer() as server:
        journal = Journal(tmp_path, server.url, {}, "")
        server.misbehave = [misbehaviour] * 9
        shipper = Shipper(journal)
        shipper.start()
        journal.write(record("work"))
        begin = time.monotonic()
        assert shipper.flush(0.3) is False
        took = time.monotonic() - begin

    assert took < 10
    shipper.finish(0.1)


def test_an_answer_has_to_be_there_in_time_and_not_only_its_next_byte(monkeypatch):
    monkeypatch.setattr(post, "VERSION_TIMEOUT_S", 0.3)
    with JournalServer(version=DRIP) as server:
        begin = time.monotonic()
        with pytest.raises(Slow, match=r"within [\d.]+ s"):
            Connection(server.url).greet()
        took = time.monotonic() - begin

    assert took < 10


def test_a_dripping_server_given_by_mlflows_variable_holds_up_no_first_span(home):
    with JournalServer(version=DRIP) as mlflow:
        program = run_program(
            "import time; begin = time.monotonic()" + WORK + "print(time.monotonic() - begin)",
            home,
            destination=None,
            MLFLOW_TRACKING_URI=mlflow.url,
        )

    assert float(program.stdout) < VERSION_TIMEOUT_S + 10
    assert mlflow.posts == []


def test_one_warning_while_the_server_is_away_however_long(home):
    program = run_program(
        """
        import telltale
        for _ in range(30):
            with telltale.start_span("work"): pass
            telltale.flush(1)
        """,
        home,
    )

    assert program.returncode == 0
    assert len(program.stderr.splitlines()) == 1
    assert "telltale server" in program.stderr


def test_what_was_recorded_for_one_server_is_not_sent_to_another(home):
    with JournalServer() as first, JournalServer() as second:
        program = run_program(
            f"""
            import telltale
            telltale.set_tracking_uri({first.url!r})
            with telltale.start_span("for the first"): pass
            telltale.set_tracking_uri({second.url!r})
            with telltale.start_span("for the second"): pass
            assert telltale.flush()
            """,
            home,
        )

    assert program.returncode == 0, program.stderr
    assert (first.names, second.names) == (["for the first"], ["for the second"])


def test_what_was_recorded_for_a_server_that_is_away_waits_for_it(home):
    with JournalServer() as server:
        program = run_program(
            f"""
            import telltale
            {PATIENT}
            with telltale.start_span("for nobody"): pass
            telltale.set_tracking_uri({server.url!r})
            with telltale.start_span("for the server"): pass
            """,
            home,
        )

    assert (program.returncode, server.names) == (0, ["for the server"])
    assert program.recording.names == ["for nobody"]
