"""A server that is started where the disk is full, or may only be read."""

import signal
import subprocess

import httpx2
import pytest

from journals import crew, piece
from telltale.client.client import Client
from testbed.disks import fill, needs_mount, small_disk
from testbed.servers import RunningServer

JOURNAL = "/api/v1/journal"
PAGE = 4096

pytestmark = needs_mount


def post_until_full(server) -> int:
    """Send traces until the disk refuses one, with some space left that is only lent.

    Answers how many were acknowledged.
    """
    ballast = server.home.parent / "ballast"
    ballast.write_bytes(bytes(6 << 20))
    with httpx2.Client(base_url=server.base_url, trust_env=False, timeout=30) as http:
        for number in range(1000):
            body = piece([crew(attributes={"telltale.inputs": "x" * 100_000})])
            if http.post(JOURNAL, content=body).status_code != 200:
                ballast.unlink()
                return number
    raise AssertionError("the disk did not fill up")


def start_in_vain(server) -> str:
    """What it says before it ends with 1."""
    with pytest.raises(AssertionError):
        server.start()
    assert server.stop() == 1
    assert "Traceback" not in server.log()
    return server.log()


def test_one_that_was_killed_on_a_full_disk_comes_back_with_all_that_was_acknowledged(tmp_path):
    with small_disk(tmp_path / "disk", "20m") as disk, RunningServer(disk / "home") as server:
        acknowledged = post_until_full(server)
        filler = fill(disk)

        server.stop(signal.SIGKILL)
        server.start()
        with Client(server.base_url) as client:
            assert len(list(client.traces())) == acknowledged
        with httpx2.Client(base_url=server.base_url, trust_env=False) as http:
            body = piece([crew()])
            assert http.post(JOURNAL, content=body).status_code == 507
            filler.unlink()
            assert http.post(JOURNAL, content=body).status_code == 200


@pytest.mark.parametrize("free_pages", [0, 1, 12])
def test_one_that_finds_no_room_to_open_its_files_says_so(tmp_path, free_pages):
    """Room for nothing; for the lock; for the lock and the metadata's log."""
    with small_disk(tmp_path / "disk", "20m") as disk, RunningServer(disk / "home") as server:
        acknowledged = post_until_full(server)
        server.stop()
        filler = fill(disk)
        with filler.open("r+b") as file:
            file.truncate(filler.stat().st_size // PAGE * PAGE - free_pages * PAGE)

        said = start_in_vain(server)
        assert "No space left" in said or "the disk is full" in said

        filler.unlink()
        server.start()
        with Client(server.base_url) as client:
            assert len(list(client.traces())) == acknowledged


def test_a_home_that_may_only_be_read_is_named_with_what_to_do(tmp_path):
    with small_disk(tmp_path / "disk", "20m") as disk:
        with RunningServer(disk / "home") as server:
            pass
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)

        said = start_in_vain(RunningServer(server.home))

    assert f"'{server.home}'" in said and "Read-only file system" in said and "--home" in said
