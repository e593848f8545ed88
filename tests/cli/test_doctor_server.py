"""The server: what the doctor says of who answers, and of who lives in the home."""

import os
import signal
import socket
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from checkups import checkup
from fakes.journal_server import JournalServer
from journals import header, piece, span
from recording import NOWHERE
from telltale.cli.answers import Answer, Who, ask, same_place
from telltale.cli.checks.destination import Destination
from telltale.cli.checks.finding import Level, Topic
from telltale.cli.checks.server import _beside, check_server, check_tenant
from telltale.cli.home import SameHome
from telltale.cli.obstacle import obstacle
from telltale.server.home import Tenant, tenant_of
from testbed.servers import RunningServer


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format, *args):
        """Nobody reads it."""


class SixServer(ThreadingHTTPServer):
    address_family = socket.AF_INET6


@pytest.fixture
def stranger():
    """Some web server."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as http:
        threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{http.server_address[1]}"
        http.shutdown()


def test_a_server_that_answers_is_told_with_its_process(tmp_path, server):
    found = checkup(tmp_path, server.base_url).of("answers at")

    assert (found.topic, found.level) == (Topic.SERVER, Level.OK)
    assert f"(process {server.pid}, " in found.found


def test_a_server_that_stores_nothing_now_is_a_problem(tmp_path):
    says = {"name": "telltale", "version": "0.1.0", "journal": [1], "refusing": "the disk is full"}
    with JournalServer(version=says) as full:
        found = checkup(tmp_path, full.url).of("stores nothing now: the disk is full")

    assert (found.topic, found.level) == (Topic.SERVER, Level.PROBLEM)
    assert found.remedy


def test_nobody_at_the_address_is_a_warning_with_the_command(tmp_path, free_port):
    found = checkup(tmp_path, f"http://localhost:{free_port}").of("nobody answers")

    assert found.level is Level.WARNING
    assert (
        found.remedy
        == f"start a server with `telltale server --port {free_port} --home {tmp_path}`"
    )


@pytest.mark.parametrize(
    ("given", "change"),
    [
        ("https://127.0.0.1:{}", "use http://"),
        ("http://127.0.0.1:{}/api", "leave out the path"),
        ("https://127.0.0.1:{}/api", "use http:// and leave out the path"),
    ],
)
def test_an_address_that_is_nearly_right_is_told_with_the_change(server, given, change):
    answer = ask(given.format(server.port))

    origin = "TELLTALE_TRACKING_URI"
    (found,) = check_server(answer, Destination(answer.address, origin), None, SameHome())

    assert found.level is Level.PROBLEM
    assert found.remedy.startswith(f"{change}: {server.base_url} ")
    assert f"export {origin}={server.base_url}" in found.remedy
    remedy = obstacle(answer, "", SameHome())[1]
    assert f"{change}: {server.base_url}" in remedy
    assert f"`telltale flush --instead-of {answer.address} --to {server.base_url}`" in remedy


def test_what_an_option_named_is_mended_where_it_was_given(server, stranger, tmp_path):
    """The variable has no say where --server is given."""
    at = Destination("", "--server")
    beside = ask(f"https://127.0.0.1:{server.port}")
    holder = Tenant(1, server.base_url)
    said = [
        *check_server(beside, at, None, SameHome()),
        *check_server(ask(stranger), at, None, SameHome()),
        *check_server(ask(stranger), at, holder, SameHome()),
        *check_server(ask("https://127.0.0.1:9"), at, None, SameHome()),
    ]

    for found in said:
        assert "--server http://127.0.0.1:" in found.remedy
        assert "TELLTALE_TRACKING_URI" not in found.remedy


def test_a_stranger_is_a_problem_and_named(tmp_path, stranger):
    found = checkup(tmp_path, None, TELLTALE_TRACKING_URI=stranger).of("another program")

    port = int(stranger.rpartition(":")[2])
    assert found.level is Level.PROBLEM
    assert "SimpleHTTP" in found.found and f"(process {os.getpid()}, " in found.found
    assert f"--port {port + 1}" in found.remedy
    assert f"TELLTALE_TRACKING_URI=http://127.0.0.1:{port + 1}" in found.remedy


def test_what_does_not_speak_http_holds_the_port_and_has_one_remedy(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=speak_something, args=(listener,), daemon=True).start()
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        folder = tmp_path / "journal"
        folder.mkdir(mode=0o700)
        (folder / f"{os.urandom(16).hex()}.000000").write_bytes(
            piece([span()], header(destination=address))
        )
        seen = checkup(tmp_path, address)

    at_server, waits = seen.of("another program ("), seen.of("where another program answers")
    assert waits.remedy.startswith("stop that program, then start a server with `telltale server ")
    assert at_server.remedy.startswith(waits.remedy)


def speak_something(listener):
    while True:
        try:
            one, _ = listener.accept()
        except OSError:
            return
        with one:
            one.recv(65536)
            one.sendall(b"+OK ready\r\n")


@pytest.mark.parametrize(("platform", "says"), [("darwin", True), ("linux", False)])
def test_on_macos_airplay_is_named(monkeypatch, platform, says):
    monkeypatch.setattr("sys.platform", platform)
    assert ("AirPlay" in _beside("http://127.0.0.1:5000", "default", SameHome())) == says


def test_one_who_takes_the_connection_and_says_nothing_is_a_warning(tmp_path):
    with JournalServer(version=None) as silent:
        found = checkup(tmp_path, silent.url).of("no answer within 2 s")

    assert found.level is Level.WARNING


def test_a_server_that_does_not_go_by_the_name_is_a_problem(tmp_path, server):
    address = f"http://127.0.0.2:{server.port}"
    listener = forward("127.0.0.2", server.port)
    with listener:
        found = checkup(tmp_path, address).of("403")

    assert found.level is Level.PROBLEM
    command = f"`telltale server --allowed-host 127.0.0.2 --port {server.port}`"
    assert command in found.remedy
    assert command in obstacle(Answer(address, Who.REFUSES_NAME), "", SameHome())[1]


def forward(host, port):
    """Another address of a server, as a tunnel or a proxy gives it."""
    listener = socket.create_server((host, port))

    def carry(source, sink):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)

    def serve():
        while True:
            try:
                one, _ = listener.accept()
            except OSError:
                return
            other = socket.create_connection(("127.0.0.1", port))
            for pair in ((one, other), (other, one)):
                threading.Thread(target=carry, args=pair, daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    return listener


def test_localhost_may_be_another_program_for_a_browser(tmp_path, server):
    try:
        other = SixServer(("::1", server.port), Quiet)
    except OSError as error:
        pytest.skip(f"no IPv6 here: {error}")
    with other:
        threading.Thread(target=other.serve_forever, args=(0.02,), daemon=True).start()
        found = checkup(tmp_path, f"http://localhost:{server.port}").of("a browser")
        other.shutdown()

    assert found.level is Level.WARNING
    assert found.remedy == f"open http://127.0.0.1:{server.port}"


def test_the_homes_own_server_is_named_where_programs_send_elsewhere(server):
    found = checkup(server.home, None, TELLTALE_TRACKING_URI=NOWHERE).of("nobody answers")

    assert f"export TELLTALE_TRACKING_URI={server.base_url}" in found.remedy


@pytest.mark.parametrize("who", [Who.NOBODY, Who.SILENT, Who.STRANGER])
def test_a_server_on_another_machine_is_mended_there(who):
    """That this home has a server of its own does not mend the one that was meant."""
    far = "http://telltale.invalid:5000"
    holder = Tenant(1, "http://127.0.0.1:5077")

    (found,) = check_server(
        Answer(far, who, detail="no route"), Destination(far, "--server"), holder, SameHome()
    )

    assert "5077" not in found.remedy
    assert "telltale.invalid" in found.found
    if who is Who.NOBODY:
        assert "(no route)" in found.found
        assert found.remedy == "start a server on telltale.invalid"


def test_two_servers_that_answer_are_a_note(server):
    with JournalServer() as other:
        found = checkup(server.home, other.url).of(f"the server of {server.home} is at")

    assert found.level is Level.NOTE


def test_the_homes_own_server_under_another_name_is_the_same(server):
    assert not checkup(server.home, f"http://localhost:{server.port}").says("the server of")


def test_a_server_that_holds_the_home_and_hangs_is_a_problem(tmp_path):
    with RunningServer(tmp_path / "home") as running:
        os.kill(running.pid, signal.SIGSTOP)
        try:
            found = checkup(tmp_path / "home", NOWHERE).of("does not answer at")
        finally:
            os.kill(running.pid, signal.SIGCONT)

    assert found.level is Level.PROBLEM
    assert f"kill {running.pid}" in found.remedy
    home = f"--home {tmp_path / 'home'}"
    assert f"`telltale server --port {running.port} {home}`" in found.remedy


def test_a_server_that_does_not_listen_yet_is_given_a_moment(tmp_path):
    (found,) = check_tenant(tmp_path, Tenant(7), Answer(NOWHERE, Who.NOBODY), ask, SameHome())

    assert found.level is Level.WARNING
    assert found.remedy == "wait a moment; if it still does not listen, stop it: kill 7"


def test_a_server_that_was_killed_holds_no_home(tmp_path):
    home = tmp_path / "home"
    with RunningServer(home) as running:
        assert tenant_of(home).pid == running.pid
        running.stop(signal.SIGKILL)

        assert (home / "server.lock").read_bytes()
        assert tenant_of(home) is None


@pytest.mark.parametrize("address", ["http://a..b:5000", "https://127.0.0.1:9", "http://[::1]:9"])
def test_whatever_the_address_nobody_is_an_answer(address):
    assert ask(address).who is Who.NOBODY


def test_a_stranger_may_say_anything():
    for said in (["telltale"], 7, {"name": 3}, {"name": "telltale", "journal": "x"}):
        with JournalServer(version=said) as other:
            assert ask(other.url).who is Who.STRANGER


def test_the_loopback_is_one_place():
    assert same_place("http://localhost:5000", "http://127.0.0.1:5000")
    assert not same_place("http://localhost:5000", "http://127.0.0.1:5001")
