"""`telltale db`: a copy while the server runs, and the layout brought up to date."""

import os
import subprocess
import sys

import httpx2
import pytest

from journals import crew, piece
from servers import RunningServer
from telltale.client.client import Client


@pytest.fixture
def db():
    """Run a command of `telltale db`."""

    def run(*arguments):
        command = [sys.executable, "-m", "telltale.cli", "db", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, env=os.environ, check=False)

    return run


@pytest.fixture
def home(tmp_path):
    """A home with one trace."""
    with RunningServer(tmp_path / "home") as server:
        url = f"{server.base_url}/api/v1/journal"
        assert httpx2.post(url, content=piece([crew(name="kept")])).status_code == 200
    return tmp_path / "home"


def test_a_backup_is_a_home_that_can_be_served(db, home, tmp_path):
    with RunningServer(home):
        made = db("backup", tmp_path / "copy", "--home", home)

    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith(str(tmp_path / "copy")) and "checked" in made.stdout
    assert [line.split(",")[0] for line in made.stderr.splitlines()] == [
        "copying traces.db",
        "copying metadata.db",
    ]
    with RunningServer(tmp_path / "copy") as server, Client(server.base_url) as client:
        assert [trace.name for trace in client.traces()] == ["kept"]


def test_a_backup_onto_something_is_used_wrongly(db, home):
    refused = db("backup", home, "--home", home)

    assert refused.returncode == 2
    assert "something is there already" in refused.stderr


def test_what_is_up_to_date_stays_as_it_is(db, home):
    said = db("upgrade", "--home", home)

    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout == f"{home / 'traces.db'} is up to date\n"


def test_an_upgrade_leaves_the_home_of_a_running_server_alone(db, home):
    with RunningServer(home) as server:
        refused = db("upgrade", "--home", home)

    assert refused.returncode == 1
    assert server.base_url in refused.stderr and "in use" in refused.stderr


@pytest.mark.parametrize("command", [("upgrade",), ("backup", "copy")])
def test_a_home_that_is_not_there_is_named(db, tmp_path, command):
    missing = db(*command, "--home", tmp_path / "nowhere")

    assert missing.returncode in (2, 3)
    assert str(tmp_path / "nowhere") in missing.stderr
    assert not (tmp_path / "nowhere").exists()
