"""A fresh start for each test, in the test's own process."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from shippers import Clock, WatchedShipper

from fakes.journal_server import JournalServer
from recording import Recording, fresh_tracing
from telltale.tracing import guard
from telltale.tracing.journal import Journal


@pytest.fixture(autouse=True)
def nothing_was_said() -> None:
    """What is said once to a process is said once to each test."""
    guard.forget()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A TELLTALE_HOME that does not exist yet."""
    return tmp_path / "home"


@pytest.fixture
def recording(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Recording]:
    """Trace in this process; nobody listens at the destination, so the journal keeps it all."""
    with fresh_tracing(home, monkeypatch) as made:
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where journals lie; it does not exist yet."""
    return tmp_path / "journal"


@pytest.fixture
def server() -> Iterator[JournalServer]:
    """A server that takes what it is sent."""
    with JournalServer() as running:
        yield running


@pytest.fixture
def journal(folder: Path, server: JournalServer) -> Iterator[Journal]:
    """The journal of a living process, for the server."""
    opened = Journal(folder, server.url, {}, "")
    yield opened
    opened.let_go()


@pytest.fixture
def clock() -> Clock:
    """The shipper's, and its watchman's."""
    return Clock()


@pytest.fixture
def shipper(journal: Journal, server: JournalServer, clock: Clock) -> Iterator[WatchedShipper]:
    """Ships that journal."""
    started = WatchedShipper(journal, clock)
    started.start()
    yield started
    server.misbehave.clear()
    started.finish(2.0)
