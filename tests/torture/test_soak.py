"""The short form of `make torture ARGS=soak`: exact counts; it is too short for levels."""

import pytest

from torture import soak
from torture.report import missed


@pytest.mark.timeout(120)
def test_nothing_is_missing_after_a_while_with_restarts():
    rows = soak.endure(soak.SHORT, seed=1)

    assert [what for what in missed(rows) if "growth" not in what] == []
    assert [row.what for row in rows if "growth" in row.what] == [
        "… growth since the second fifth"
    ] * 4
