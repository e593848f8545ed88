"""A journal with its shipper and a server, under a clock that stands still; shared by its tests."""

import itertools

import pytest

from fakes.journal_server import JournalServer
from telltale.tracing import guard
from telltale.tracing.journal import Journal
from telltale.tracing.shipper import Shipper
from testbed.waiting import wait_until


class Clock:
    """A clock that stands still until it is told."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.looks = itertools.count()
        self.looked = 0

    def __call__(self) -> float:
        self.looked = next(self.looks)
        return self.now

    def wait_for_looks(self, count: int) -> None:
        """Wait until somebody has asked for the time so many times more."""
        goal = self.looked + count
        wait_until(lambda: self.looked >= goal)


@pytest.fixture
def server():
    with JournalServer() as running:
        yield running


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def journal(tmp_path, server):
    guard._said.clear()
    return Journal(tmp_path / "journal", server.url, {}, "")


@pytest.fixture
def shipper(journal, server, clock):
    shipper = Shipper(journal, clock)
    shipper.start()
    yield shipper
    server.misbehave.clear()
    shipper.finish(2.0)
