"""The short form of `make torture ARGS=burst`: nothing lost, nobody held up; no times."""

import pytest

from torture import burst
from torture.report import missed


@pytest.mark.timeout(180)
def test_a_burst_and_a_slow_server_lose_nothing_and_hold_up_nobody():
    rows = burst.endure(burst.SHORT, seed=1)

    assert missed(rows, is_short=True) == []
