"""Who may speak to the server, as long as there are no tokens: this machine alone."""

import http.client
import subprocess
import sys

import pytest

from journals import crew, piece
from telltale.nouns.errors import BadInput
from telltale.server.settings import loopback_address
from testbed.servers import RunningServer


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]", "127.0.0.1:1"])
def test_the_loopback_goes_by_these_names_with_any_port(http, host):
    assert http.get("/api/v1/version", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil", "10.0.0.1", "[::2]", ""]
)
def test_any_other_name_is_refused(http, host):
    answer = http.get("/api/v1/version", headers={"Host": host})

    assert answer.status_code in (400, 403)


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("box.lan:8080", "box.lan"),
        ("My_Box", "my_box"),
        ("[::2]:1", "'[::2]'"),
        ("$(reboot)", "NAME"),
        ("-x", "NAME"),
        ("", "NAME"),
    ],
)
def test_the_remedy_for_a_foreign_name_can_be_typed_as_it_is(server, http, host, name):
    problem = http.get("/api/v1/version", headers={"Host": host}).json()

    command = f"`telltale server --port {server.port} --allowed-host {name}`"
    assert problem["remedy"] == f"start it again with {command}"
    assert command in problem["detail"]


def test_a_name_can_be_allowed(tmp_path):
    with RunningServer(tmp_path, "--allowed-host", "box.lan") as server:
        for host, status in (("box.lan:80", 200), ("localhost", 200), ("lan", 403)):
            connection = http.client.HTTPConnection("127.0.0.1", server.port)
            connection.request("GET", "/health", headers={"Host": host})
            assert connection.getresponse().status == status, host
            connection.close()


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://localhost:3000", "http://[", "http://[::1"]
)
def test_another_sites_page_may_not_write(http, origin):
    answer = http.post("/api/v1/journal", content=piece([crew()]), headers={"Origin": origin})

    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/foreign-origin")


def test_the_servers_own_page_and_programs_may_write(server, http):
    for headers in ({"Origin": server.base_url}, {}):
        answer = http.post("/api/v1/journal", content=piece([crew()]), headers=headers)
        assert answer.status_code == 200


def test_no_answer_invites_other_sites_to_read(http):
    for path in ("/", "/api/v1/traces", "/api/v1/version", "/nothing"):
        answer = http.get(path, headers={"Origin": "http://evil.example"})
        assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "box.lan", ""])
def test_an_address_that_others_can_reach_is_no_loopback(host):
    with pytest.raises(BadInput, match="this machine only"):
        loopback_address(host)


def test_an_address_that_others_can_reach_is_refused_with_the_reason(tmp_path):
    command = [sys.executable, "-m", "telltale.cli", "server", "--host", "0.0.0.0"]
    ended = subprocess.run([*command, "--home", tmp_path], capture_output=True, text=True)

    assert ended.returncode == 2
    assert "'0.0.0.0'" in ended.stderr and "ssh -L" in ended.stderr
    assert not list(tmp_path.iterdir())


def test_ipv6_loopback_is_served(tmp_path):
    with RunningServer(tmp_path, "--host", "::1") as server:
        assert server.base_url == f"http://[::1]:{server.port}"
        connection = http.client.HTTPConnection("::1", server.port)
        connection.request("GET", "/health")
        assert connection.getresponse().status == 200
        connection.close()
