"""The short form of `make torture ARGS=power`."""

import pytest

from torture.powercut import is_possible, power_cuts

needs_mount = pytest.mark.skipif(not is_possible(), reason="file systems may not be mounted here")


@needs_mount
@pytest.mark.timeout(120)
def test_what_was_acknowledged_survives_the_loss_of_power():
    cuts = list(power_cuts(2, seed=1))

    assert all(cut.opened for cut in cuts)
    assert [cut.missing for cut in cuts] == [0, 0]
    assert all(cut.acknowledged > 50 for cut in cuts)


@needs_mount
@pytest.mark.timeout(120)
def test_a_store_that_does_not_wait_for_the_disk_is_found_out():
    (cut,) = power_cuts(1, seed=1, pragma="PRAGMA synchronous=OFF")

    assert cut.missing or not cut.opened
