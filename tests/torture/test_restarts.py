"""The short form of `make torture ARGS=restarts`."""

import pytest

from torture import restarts
from torture.report import missed


@pytest.mark.timeout(180)
def test_a_server_that_is_killed_knows_what_it_acknowledged():
    rows = restarts.endure(restarts.SHORT, seed=1)

    assert missed(rows) == []
