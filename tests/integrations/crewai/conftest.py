"""What crewAI itself says of the variants of a module, beside what we record."""

from collections.abc import Callable

import pytest
from accounts import Run, witnessed


@pytest.fixture(scope="module")
def run(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Run]:
    """The module's `VARIANTS`, performed in one program, by name."""
    return witnessed(tmp_path_factory.mktemp("witnessed"), request.module.VARIANTS)
