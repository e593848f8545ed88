"""The short form of `make torture ARGS=soak`: exact counts; it is too short for levels."""

import pytest

from torture import soak
from torture.report import missed


@pytest.mark.timeout(120)
def test_nothing_is_missing_after_a_while_with_restarts():
    rows = soak.endure(soak.SHORT, seed=1)

    assert missed(rows, is_short=True) == []
    assert sum(row.needs_long_run for row in rows) == 4
