"""A running server for tests that only add traces of their own; fixtures that folders share."""

from collections.abc import Iterator

import httpx2
import pytest

from testbed.servers import RunningServer, a_free_port


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server over an empty home."""
    with RunningServer(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture(scope="session")
def http(server: RunningServer) -> Iterator[httpx2.Client]:
    """A plain HTTP client of that server."""
    with httpx2.Client(base_url=server.base_url, trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on."""
    return a_free_port()
