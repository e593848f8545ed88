"""A fresh start for each test, in the test's own process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from recording import Recording, fresh_tracing


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A TELLTALE_HOME that does not exist yet."""
    return tmp_path / "home"


@pytest.fixture
def recording(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Recording]:
    """Trace in this process; nobody listens at the destination, so the journal keeps it all."""
    with fresh_tracing(home, monkeypatch) as made:
        yield made
