"""`telltale flush`: what waits is brought, and what stays is said with its reason."""

import os
import re
import signal
import subprocess
import sys

import pytest

from fakes.journal_server import HANG, Answer, JournalServer, busy
from journals import header, piece, span
from programs import run_program, start_program
from running import a_free_port
from telltale.client.client import Client
from testbed.disks import needs_mount, small_disk
from testbed.servers import RunningServer

WORK = "import os, telltale\nwith telltale.start_span('work'): pass\n"
FLUSH = (sys.executable, "-m", "telltale.cli", "flush")
NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def flush():
    """Run the command over a home."""

    def run(home, *options):
        command = [*FLUSH, "--home", str(home), *options]
        return subprocess.run(command, capture_output=True, text=True, env=os.environ, check=False)

    return run


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "programs"
    (folder / "journal").mkdir(parents=True, mode=0o700)
    return folder


def left_for(home, address, number=0):
    """A segment without an owner, as a dead process leaves it."""
    path = home / "journal" / f"{os.urandom(16).hex()}.{number:06d}"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.write_bytes(piece([span()], header(number, destination=address)))
    return path


def test_what_dead_programs_left_is_brought(flush, tmp_path):
    home, port = tmp_path / "programs", a_free_port()
    for _ in range(3):
        run_program(WORK + "os._exit(1)", home, f"http://127.0.0.1:{port}")

    with RunningServer(tmp_path / "server", port=port) as server:
        said = flush(home)
        with Client(server.base_url) as client:
            assert [trace.name for trace in client.traces()] == ["work"] * 3

    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout == f"{server.base_url}: 3 segments shipped\n3 segments shipped, 0 waiting\n"
    assert list((home / "journal").iterdir()) == []


def test_what_was_recorded_for_a_mistyped_address_is_brought_to_the_right_one(flush, home):
    mistyped = "http://nosuch.invalid:5000"
    left_for(home, mistyped)
    assert f"--instead-of {mistyped}" in flush(home).stdout

    with JournalServer() as server:
        said = flush(home, "--instead-of", mistyped, "--to", server.url)

    told = f"{mistyped}: 1 segment shipped\n1 segment shipped, 0 waiting\n"
    assert (said.returncode, said.stdout, said.stderr) == (0, told, "")
    assert len(server.spans) == 1
    assert list((home / "journal").iterdir()) == []


def test_an_address_is_meant_under_each_of_its_names(flush, home):
    left_for(home, "http://127.0.0.1:9")

    with JournalServer() as server:
        said = flush(home, "--instead-of", "http://localhost:9/", "--to", server.url)

    assert (said.returncode, said.stderr, len(server.spans)) == (0, "", 1)


def test_what_was_recorded_for_a_port_that_nobody_has_is_brought_to_the_homes_server(
    flush, server, free_port
):
    """A home has one server: a second one beside it could not be started."""
    mistyped = f"http://127.0.0.1:{free_port}"
    path = left_for(server.home, mistyped)

    said = flush(server.home)

    (remedy,) = re.findall(r"→ .*`telltale (flush [^`]+)`", said.stdout)
    assert remedy == (f"flush --instead-of {mistyped} --to {server.base_url} --home {server.home}")
    assert "telltale server" not in said.stdout
    done = flush(server.home, *remedy.split()[1:5])
    assert (done.returncode, path.exists()) == (0, False)


def test_where_to_without_what_is_wrong_usage(flush, home):
    said = flush(home, "--to", NOBODY)

    assert said.returncode == 2
    assert "--instead-of ADDRESS" in said.stderr and "`telltale flush --home" in said.stderr


def test_instead_of_what_nothing_waits_for_is_said_with_what_something_waits_for(flush, home):
    left_for(home, "http://127.0.0.1:7")

    said = flush(home, "--instead-of", NOBODY, "--to", "http://127.0.0.1:8")

    assert said.stderr == (
        f"telltale: nothing waits for {NOBODY}; segments wait for http://127.0.0.1:7\n"
    )


def test_instead_of_what_is_no_address_is_wrong_usage(flush, home):
    said = flush(home, "--instead-of", "foo")

    assert (said.returncode, said.stdout) == (2, "")
    assert "--instead-of 'foo': expected an address" in said.stderr


def test_where_nothing_waits_that_is_said(flush, home):
    said = flush(home)

    assert (said.returncode, said.stdout, said.stderr) == (0, "0 segments shipped, 0 waiting\n", "")


def test_what_waits_is_told_once_for_each_address_with_what_brings_it(flush, home, free_port):
    away = f"http://127.0.0.1:{free_port}"
    with JournalServer() as there, JournalServer(version=Answer(200, body=b"<html>")) as stranger:
        for address in (away, there.url, stranger.url) * 4:
            left_for(home, address)

        said = flush(home)

    lines = said.stdout.splitlines()
    assert (said.returncode, said.stderr, lines[-1]) == (1, "", "4 segments shipped, 8 waiting")
    assert f"{there.url}: 4 segments shipped" in lines
    (gone,) = [number for number, line in enumerate(lines) if line.startswith(f"{away}: ")]
    assert lines[gone].startswith(f"{away}: 4 segments waiting: ") and "refused" in lines[gone]
    assert f"`telltale server --port {free_port} --home {home}`" in lines[gone + 1]
    (foreign,) = [n for n, line in enumerate(lines) if line.startswith(f"{stranger.url}: ")]
    assert "is not a Telltale server" in lines[foreign]
    assert "stop that program" in lines[foreign + 1]
    assert len(lines) == 6


def test_what_a_server_refuses_waits_beside_what_it_took(flush, home):
    with JournalServer() as there:
        there.misbehave = [busy(1)]
        for _ in range(3):
            left_for(home, there.url)

        said = flush(home)

    lines = said.stdout.splitlines()
    assert said.returncode == 1
    assert lines[0].startswith(f"{there.url}: 2 segments shipped, 1 segment waiting: 503 ")
    assert lines[1].startswith("  → ") and "again" in lines[1]


def test_segments_that_cannot_be_read_are_named(flush, home):
    paths = [left_for(home, NOBODY) for _ in range(2)]
    for path in paths:
        path.write_bytes(b"somebody wrote over it")

    said = flush(home)

    (line, remedy, total) = said.stdout.splitlines()
    assert (said.returncode, total) == (1, "0 segments shipped, 2 waiting")
    assert all(path.name in line for path in paths)
    assert remedy == f"  → `telltale doctor --home {home}` says more of them"


def test_journals_of_programs_that_run_are_left_to_them(flush, tmp_path):
    home = tmp_path / "programs"
    with start_program(WORK + "print('x', flush=True); input()", home) as process:
        process.stdout.readline()
        said = flush(home)
        process.kill()

    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout == (
        "left to 1 program that may still write: 1 segment\n0 segments shipped, 0 waiting\n"
    )


@pytest.mark.parametrize(
    ("make", "code", "words"),
    [(lambda home: None, 3, "no such folder"), (lambda home: home.touch(), 2, "not a folder")],
)
def test_a_home_that_is_none_is_not_taken_for_an_empty_one(flush, tmp_path, make, code, words):
    make(tmp_path / "home")

    said = flush(tmp_path / "home")

    assert (said.returncode, said.stdout) == (code, "")
    assert words in said.stderr and "--home or TELLTALE_HOME" in said.stderr


@pytest.mark.parametrize(("mode", "words"), [(0o500, "written"), (0o000, "read")])
@pytest.mark.parametrize("what", ["home", "home/journal"])
def test_what_may_not_be_used_is_not_taken_for_empty(ordinary, mode, words, what):
    home = ordinary.folder / "home"
    (home / "journal").mkdir(parents=True)
    left_for(home, NOBODY)
    (ordinary.folder / what).chmod(mode)

    said = ordinary.telltale("flush", "--home", home)

    if (mode, what) == (0o500, "home"):
        assert said.stdout.endswith("0 segments shipped, 1 waiting\n")
    else:
        assert (said.returncode, said.stdout) == (1, "")
        assert words in said.stderr and "Traceback" not in said.stderr


@needs_mount
def test_a_disk_that_is_mounted_read_only_is_said(flush, tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        (disk / "journal").mkdir()
        left_for(disk, NOBODY)
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        said = flush(disk)

    assert (said.returncode, said.stdout) == (1, "")
    assert "mounted read-only" in said.stderr and "copy the home" in said.stderr


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_one_line_and_its_code(home, by):
    with JournalServer() as there:
        first = left_for(home, there.url)
        there.misbehave = [HANG]
        waiting = [left_for(home, there.url) for _ in range(20)]
        command = [*FLUSH, "--home", str(home)]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            there.wait_for(lambda server: server.posts)
            process.send_signal(by)
            told, said = process.communicate()

    assert (process.returncode, told) == (128 + by, "")
    assert said == (
        "telltale: stopped, 0 segments shipped; what is left waits for another "
        f"`telltale flush --home {home}`\n"
    )
    assert all(path.exists() for path in (first, *waiting))


def test_help_documents_the_exit_codes():
    told = subprocess.run([*FLUSH, "--help"], capture_output=True, text=True, check=False).stdout

    words = " ".join(told.split())
    for meaning in ("0 nothing waits", "1 something waits", "2 used wrongly", "3 no such home"):
        assert meaning in words
    assert "130 stopped by Ctrl-C" in words and "143 by SIGTERM" in words
