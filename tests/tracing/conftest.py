"""A fresh start for each test, in the test's own process."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from shippers import Clock, WatchedShipper
from toys import LIBRARY, noted, noting

from fakes.journal_server import JournalServer
from recording import Recording, fresh_tracing
from telltale.tracing import guard
from telltale.tracing.journal import Journal
from telltale.tracing.patching import Patch, Patches


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
def idle_shipper(journal: Journal, server: JournalServer, clock: Clock) -> Iterator[WatchedShipper]:
    """Ships that journal once a test has started it."""
    made = WatchedShipper(journal, clock)
    yield made
    server.misbehave.clear()
    made.finish(2.0)


@pytest.fixture
def shipper(idle_shipper: WatchedShipper) -> WatchedShipper:
    """Ships that journal."""
    idle_shipper.start()
    return idle_shipper


@pytest.fixture
def library(tmp_path, monkeypatch):
    """Makes packages that can be imported until the test ends; nobody has been called yet."""
    noted.clear()
    monkeypatch.syspath_prepend(tmp_path)
    made = []

    def make(name: str, code: str = LIBRARY) -> str:
        path = tmp_path.joinpath(*name.split(".")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code)
        importlib.invalidate_caches()
        made.append(name.partition(".")[0])
        return name

    yield make
    for name in [n for n in sys.modules if n.partition(".")[0] in made]:
        del sys.modules[name]


@pytest.fixture
def put_on():
    """Puts patches on that note who was called, and takes all off again."""
    kept = []

    def put(*paths: str) -> Patches:
        patches = Patches([Patch(path, noting) for path in paths])
        kept.append(patches)
        patches.put_on()
        return patches

    yield put
    for patches in kept:
        patches.take_off()
