"""A home is held by one process at a time, and keeps nothing of a hold that is over."""

import errno
import os
import threading

import pytest

from telltale.nouns.errors import TelltaleError
from telltale.server import home as server_home
from telltale.server.home import LOCK, Home, Tenant, tenant_of
from testbed.servers import RunningServer
from testbed.waiting import wait_until


def test_who_is_in_is_told_and_who_has_left_leaves_nothing(tmp_path):
    home = Home(tmp_path)
    home.announce("http://127.0.0.1:1")

    assert tenant_of(tmp_path) == Tenant(os.getpid(), "http://127.0.0.1:1")
    with pytest.raises(TelltaleError, match=r"open http://127\.0\.0\.1:1, stop it, or give"):
        Home(tmp_path)
    home.leave()
    assert tenant_of(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_who_asks_while_the_word_is_being_changed_is_told_the_old_or_the_new(tmp_path):
    home, words = Home(tmp_path), ("http://127.0.0.1:1", "http://localhost:50000")
    home.announce(words[0])
    asked = threading.Event()

    def announce():
        while not asked.is_set():
            for word in words:
                home.announce(word)

    announcing = threading.Thread(target=announce)
    announcing.start()
    try:
        told = {tenant_of(tmp_path) for _ in range(2000)}
    finally:
        asked.set()
        announcing.join()
        home.leave()

    assert told <= {Tenant(os.getpid(), word) for word in words}


def test_a_lock_that_was_left_by_one_that_was_killed_keeps_nobody_out(tmp_path):
    (tmp_path / "server.lock").write_text('{"pid": 1, "address": ""}')

    assert tenant_of(tmp_path) is None
    Home(tmp_path).leave()


def test_who_waited_at_a_lock_that_is_gone_finds_out_who_came_in_meanwhile(tmp_path, monkeypatch):
    first, second = Home(tmp_path), []

    def hold_later(lock):
        """He has opened the first one's lock, which is unlinked before he holds it."""
        monkeypatch.undo()
        first.leave()
        second.append(Home(tmp_path))
        hold(lock)

    hold = server_home._hold
    monkeypatch.setattr(server_home, "_hold", hold_later)

    with pytest.raises(TelltaleError, match="is in use"):
        Home(tmp_path)
    second[0].leave()
    Home(tmp_path).leave()


def test_the_lock_of_somebody_else_is_left_where_it_is(tmp_path):
    home = Home(tmp_path)
    (tmp_path / "server.lock").unlink()
    (tmp_path / "server.lock").write_text("another's")

    home.leave()

    assert (tmp_path / "server.lock").read_text() == "another's"


def test_a_lock_that_somebody_deletes_lets_no_second_server_in(tmp_path):
    with RunningServer(tmp_path) as running:
        (tmp_path / LOCK).unlink()
        second = RunningServer(tmp_path)

        with pytest.raises(AssertionError, match="is in use by"):
            second.start()
        # Said when the lock is held again and the word stands.
        wait_until(lambda: "was deleted or replaced" in running.log())
        assert running.log().count("was deleted or replaced") == 1
        assert tenant_of(tmp_path) == Tenant(running.pid, running.base_url)

    assert not (tmp_path / LOCK).exists()


def test_a_file_system_without_locks_is_told_and_keeps_nothing(tmp_path, monkeypatch):
    def no_lock(*_):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("fcntl.flock", no_lock)
    for _ in range(2):
        with pytest.raises(TelltaleError, match="cannot be locked: No locks available; expected"):
            Home(tmp_path)

    assert list(tmp_path.iterdir()) == []
