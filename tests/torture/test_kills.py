"""The short form of `make torture ARGS=kills`."""

import pytest

from torture import kills
from torture.report import missed


@pytest.mark.timeout(180)
def test_programs_that_are_killed_lose_nothing_that_had_ended():
    rows = kills.endure(kills.SHORT, seed=1)

    assert missed(rows) == []
